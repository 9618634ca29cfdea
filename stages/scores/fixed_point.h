#pragma once

#include <cstdint>
#include <span>

namespace kinflow {

/// a - b as of decimal numbers, where both have few digits: rounded once.
double DecimalDifference(double a, double b);

/// The grid of integers on which one score is summed, so that sums are exact and the same in any
/// order (kernels.md, fixed-point digits).
///
/// Weights become whole numbers of a step. The step is a power of ten where all weights are decimal
/// numbers of so few digits that nothing is lost, else a power of two: a weight is then off by half
/// a step at most, 2^-46 of the largest weight or 2^-59 of the sum of all |weights| times the units
/// of a dosage, whichever is larger. Means of missing genotypes are rounded to a step / 2^shift.
class FixedPoint {
 public:
  FixedPoint() = default;
  /// `weights`: all of the score, finite. Dosages are multiples of 1 / units, up to 2.
  FixedPoint(std::span<const double> weights, uint32_t units);

  /// A weight in steps; lossless for decimal steps.
  int64_t Steps(double weight) const;
  /// Weight x dosage in the units of sums; exact if the dosage is a multiple of 1 / units.
  int64_t Amount(double weight, double dosage) const;
  /// A sum of steps x stored dosages << shift(), and of Amounts, as a number.
  double Value(int64_t sum) const;

  uint32_t shift() const { return shift_; }
  bool exact() const { return decimal_; }

 private:
  bool FitsDecimals(std::span<const double> weights, double largest, double total, double units);

  bool decimal_ = true;
  double per_unit_ = 1;  // steps in 1: a power of ten or of two
  double units_ = 1;
  uint32_t shift_ = 0;
};

}  // namespace kinflow
