#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kinflow {

/// Calls on up to 64 variants: the lower and the upper bit of each, a bit a variant.
struct CallWords {
  const uint64_t* low;
  const uint64_t* high;
};

/// Where the words of the members of families lie, of an absent parent words of missing calls.
/// Readable to a multiple of kAtOnce.
struct TrioPlaces {
  static constexpr size_t kAtOnce = 8;
  const int64_t* child;
  const int64_t* father;
  const int64_t* mother;
};

/// Families on up to 64 variants, a word a family, a bit a variant: autosomal inheritance, parents
/// and child known by their calls.
struct TrioWords {
  static constexpr size_t kMost = 248;            // a multiple of kAtOnce that a byte counts
  using Words = std::array<uint64_t, kMost + 1>;  // one of slack
  Words unchecked;                                // no call of the child, or of neither parent
  Words partial;                                  // somebody's call is missing
  Words error;                                    // the child's call cannot come from its parents
  Words father, mother;                           // blamed for it beside the child
  Words told_checked, told_error;  // numbers: of the variants `told`, those not unchecked; errors
};

/// `n` <= TrioWords::kMost; words beyond `n` hold noise. `told`: variants that are counted.
void CheckTrios(const CallWords& calls, const TrioPlaces& places, size_t n, uint64_t told,
                TrioWords& words);

/// The plain C++ twin.
namespace scalar {
void CheckTrios(const CallWords& calls, const TrioPlaces& places, size_t n, uint64_t told,
                TrioWords& words);
}  // namespace scalar

}  // namespace kinflow
