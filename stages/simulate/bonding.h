#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "stages/simulate/people.h"

namespace kinflow::simulate {

/// Bonding (anger, lack of affection) and depressive symptoms of a mother after birth, as a
/// random-intercept cross-lagged panel model has them: stable parts and deviations that carry over
/// from occasion to occasion.
inline constexpr std::array<std::string_view, 4> kOccasions = {"m1", "m4", "m10", "m18"};
inline constexpr std::array<std::string_view, 3> kBondingSeries = {"anger", "affection", "dep"};

constexpr double kStableVariance = 0.5, kStableCorrelation = 0.4;  // beside the predictors' parts
constexpr double kWithinVariance = 0.5;
constexpr double kCarryOver = 0.30;   // of each deviation to its own next one
constexpr double kAngerToDep = 0.25;  // and of anger to symptoms; nothing else crosses
/// Of anger, lack of affection and symptoms by symptoms in pregnancy and difficult temperament.
inline constexpr std::array<double, 3> kOfPrenatal = {0.20, 0.10, 0.40};
inline constexpr std::array<double, 3> kOfTemperament = {0.25, 0.10, 0.10};

struct Bonding {
  struct Mother {
    double prenatal = 0, temperament = 0;
    /// By series and occasion; NaN = not observed.
    std::array<std::array<double, kOccasions.size()>, kBondingSeries.size()> value = {};
  };
  std::vector<Mother> of;  // by pregnancy
};

Bonding MakeBonding(const SimulateOptions& options, const People& people);

/// OUT.bonding.tsv, a pregnancy a row; returns its path.
std::string WriteBonding(const SimulateOptions& options, const People& people,
                         const Bonding& bonding);

}  // namespace kinflow::simulate
