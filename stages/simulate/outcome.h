#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "stages/simulate/people.h"
#include "stages/simulate/scores.h"

namespace kinflow::simulate {

constexpr unsigned kWaves = 7;
struct Wave {
  std::string_view name;
  double years;  // from birth
};
inline constexpr std::array<Wave, kWaves> kWaveList = {
    {{"gw17", -0.44}, {"gw30", -0.19}, {"m6", 0.5}, {"m18", 1.5}, {"y3", 3}, {"y5", 5}, {"y8", 8}}};

constexpr double kAgeEffect = 0.10;  // per 5 years of the mother's age
constexpr double kWaveSlope = 0.05;
constexpr double kMotherVariance = 0.45, kResidualVariance = 0.45;

/// The mother's outcome in each pregnancy by the model of simulate.h; NaN = not observed.
struct Outcome {
  double score_mean = 0, score_sd = 0;            // of the causal score among founders
  std::vector<double> mother_age;                 // by pregnancy, at birth, years with one decimal
  std::vector<std::array<double, kWaves>> value;  // by pregnancy
};

Outcome MakeOutcome(const SimulateOptions& options, const People& people, const TrueScores& scores);

}  // namespace kinflow::simulate
