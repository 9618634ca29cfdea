#pragma once

#include <cmath>
#include <cstdint>

namespace kinflow {

/// Mendel errors expected of a family at one variant for each error in a genotype of its members:
/// the sum over members of the probability that their genotype shows as impossible when one of its
/// alleles, either with equal probability, is misread. Random mating, one error at a time.
///
/// With frequencies p and q, of a child beside both parents: the child (1 - 2pq)(1 - pq), each
/// parent pq (1 - pq), together 1 - pq; the share of a genotype, a third of it, is the 25 to 30 %
/// of Gordon, Heath & Ott (Human Heredity 1999, 49:65-70). Beside one parent: pq / 2 each, together
/// pq. In integers, for sums that do not depend on their order.
struct MendelDetection {
  static constexpr double kUnit = 0x1p-30;
  uint64_t trio = 0, duo = 0;  // in kUnit

  /// Nothing without a frequency.
  static MendelDetection At(double alt_freq) {
    if (std::isnan(alt_freq)) return {};
    const double pq = alt_freq * (1 - alt_freq);
    return {static_cast<uint64_t>(std::llround((1 - pq) / kUnit)),
            static_cast<uint64_t>(std::llround(pq / kUnit))};
  }
};

}  // namespace kinflow
