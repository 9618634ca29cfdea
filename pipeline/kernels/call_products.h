#pragma once

#include <cstddef>
#include <cstdint>

namespace kinflow {

/// What two variants have in common over the people with a call at both. "alt" counts those with
/// two copies of ALT, "hom" those with two or none.
struct CallProducts {
  uint32_t n = 0;
  uint32_t hom_a = 0, alt_a = 0, hom_b = 0, alt_b = 0;
  uint32_t hom_hom = 0;   // homozygous at both
  uint32_t opposite = 0;  // of these, for ALT at one and REF at the other
  bool operator==(const CallProducts&) const = default;

  /// Squared correlation of the numbers of ALT copies, as covariance^2 and product of variances
  /// times n^4, exact to rounding of doubles: r2 = covariance_squared / variances.
  struct Correlation {
    double covariance_squared, variances;
  };
  Correlation correlation() const;
};

/// `a`, `b`: two-bit rows (0, 1, 2 copies, 3 = missing) of a multiple of 64 bytes; people who do
/// not exist are missing.
CallProducts MultiplyCalls(const uint8_t* a, const uint8_t* b, size_t bytes);

/// The plain C++ twin.
namespace scalar {
CallProducts MultiplyCalls(const uint8_t* a, const uint8_t* b, size_t bytes);
}  // namespace scalar

}  // namespace kinflow
