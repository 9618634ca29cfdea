#pragma once

#include <cstdint>
#include <string_view>

namespace kinflow {

/// Odds and hazard ratios in place of weights: the column OR or HR, or weights whose weight_type
/// says so.
enum class Ratios : uint8_t {
  kRefuse,
  kLog,   // their natural logarithm is the weight
  kAsIs,  // weight_type is wrong, the weights are logarithms already
};

inline constexpr const char* kRatiosRemedy =
    "scores.ratios: log takes the logarithm of each; as_is if the column holds logarithms already";

/// weight_type "OR", "Hazard ratio (HR)", "relative risk", ...: what is no sum of effects, unless
/// its logarithm is taken.
bool IsRatioType(std::string_view type);

}  // namespace kinflow
