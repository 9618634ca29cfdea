#include "stages/scores/fixed_point.h"

#include <algorithm>
#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/kernels/pair_sums.h"

namespace kinflow {
namespace {

constexpr double kLargestSteps = 0x1p46;  // below kLargestPairWeight
static_assert(kLargestSteps < static_cast<double>(kLargestPairWeight));
/// Sums of |steps| x stored dosages << shift stay below: two bits are left for offsets and means.
constexpr double kLargestSum = 0x1p60;
constexpr double kLargestDecimal = 1e22;  // powers of ten up to here are doubles
constexpr double kMostPerUnit = 0x1p900;  // of the smallest weights
constexpr int kMostShift = 50;

}  // namespace

double DecimalDifference(double a, double b) {
  constexpr double kWhole = 0x1p53;
  const double most = std::max(std::abs(a), std::abs(b));
  for (double unit = 1; most * unit < kWhole && unit <= kLargestDecimal; unit *= 10) {
    const double x = std::nearbyint(a * unit), y = std::nearbyint(b * unit);
    if (x / unit == a && y / unit == b) return (x - y) / unit;
  }
  return a - b;
}

FixedPoint::FixedPoint(std::span<const double> weights, uint32_t units) : units_(units) {
  double largest = 0, total = 0;
  for (const double w : weights) {
    largest = std::max(largest, std::abs(w));
    total += std::abs(w);
  }
  if (largest == 0) return;
  if (!std::isfinite(total)) {
    throw Error(ErrorId::kLimitExceeded, "the weights of a score are too large to be summed")
        .Remedy("give them in another unit");
  }
  const double most_dosage = 2 * units_;
  decimal_ = FitsDecimals(weights, largest, total, most_dosage);
  if (!decimal_) {
    const double per_unit =
        std::min({kLargestSteps / largest, kLargestSum / (total * most_dosage), kMostPerUnit});
    per_unit_ = std::exp2(std::floor(std::log2(per_unit)));
  }
  const double room = kLargestSum / (total * per_unit_ * most_dosage);
  shift_ = static_cast<uint32_t>(std::clamp(std::ilogb(std::max(room, 1.0)), 0, kMostShift));
}

bool FixedPoint::FitsDecimals(std::span<const double> weights, double largest, double total,
                              double most_dosage) {
  per_unit_ = 1;
  for (const double w : weights) {
    // A quotient of two whole doubles is rounded as a decimal number is when it is read.
    while (std::nearbyint(w * per_unit_) / per_unit_ != w) {
      per_unit_ *= 10;
      if (per_unit_ > kLargestDecimal || largest * per_unit_ > kLargestSteps ||
          total * per_unit_ * most_dosage > kLargestSum) {
        return false;
      }
    }
  }
  return largest * per_unit_ <= kLargestSteps && total * per_unit_ * most_dosage <= kLargestSum;
}

int64_t FixedPoint::Steps(double weight) const { return std::llrint(weight * per_unit_); }

int64_t FixedPoint::Amount(double weight, double dosage) const {
  const int64_t steps = Steps(weight);
  const double stored = dosage * units_, whole = std::nearbyint(stored);
  if (stored == whole) return (steps * static_cast<int64_t>(whole)) * (int64_t{1} << shift_);
  // A power of two: the product is exact.
  return std::llrint(static_cast<double>(steps) * stored *
                     static_cast<double>(int64_t{1} << shift_));
}

double FixedPoint::Value(int64_t sum) const {
  // One rounding where the sum is a whole number of steps that doubles hold.
  const double steps = std::ldexp(static_cast<double>(sum), -static_cast<int>(shift_));
  return steps / (per_unit_ * units_);
}

}  // namespace kinflow
