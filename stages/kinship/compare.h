#pragma once

#include <cstdint>
#include <vector>

#include "stages/kinship/call_groups.h"
#include "stages/kinship/pairs.h"

namespace kinflow::kinship {

/// Which pairs are kept.
struct PairChoice {
  double min_kinship = 0;
  const std::vector<uint8_t>& people;        // by sample, 1 = compared
  const std::vector<uint8_t>& controls;      // by sample, 1 = its pairs are in no totals
  const std::vector<PairOfSamples>& always;  // sorted
};

struct NumberedStrip {
  uint32_t number = 0;
  const Strip& strip;
};

/// Compares the people of strip `a` with those of strip `b` (a <= b; within one strip each pair
/// once) in parallel, in blocks of 64 x 64 people that stay in cache while the pieces of variants
/// pass. Appends the chosen pairs in an order that depends on the strips alone.
PairTotals CompareStrips(const NumberedStrip& a, const NumberedStrip& b, uint32_t n_samples,
                         const PairChoice& choice, std::vector<Pair>& pairs);

}  // namespace kinflow::kinship
