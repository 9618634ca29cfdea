#pragma once

#include <cstdint>
#include <vector>

#include "stages/family/nested.h"

namespace kinflow::family {

/// A share in every group: `hits` of `n`.
struct Shares {
  std::vector<int64_t> hits, n;
};

struct Interval {
  double low = 0, high = 0;
};
Interval WilsonInterval(int64_t hits, int64_t n, double level);

/// Tests of equal shares over the groups; Pearson's without continuity correction.
struct ShareTests {
  TestResult pearson, g2;
  double cramers_v = 0;
  std::vector<double> adjusted_residuals;  // of the hits
};
/// NaN where every row, or none, is a hit.
ShareTests TestShares(const Shares& shares);
/// Fisher-Freeman-Halton: the probability of all tables of these margins that are no likelier; NaN
/// if there are more than 2e7 of them.
double FisherExact(const Shares& shares);

/// Change of a share between two waves: how many people entered the low category, and left it.
struct Change {
  TestResult mcnemar;  // without continuity correction
  double exact_p = 0;  // two-sided, of the binomial distribution
};
/// NaN if nobody changed.
Change TestChange(int64_t entered, int64_t left);

/// Odds of a hit in one group over those in another.
struct OddsRatio {
  double log_woolf = 0, woolf_error = 0;  // of the counts; not finite if one is zero
  double conditional = 0;                 // maximum of the conditional likelihood
  Interval conditional_interval;          // exact
  double fisher_p = 0;
};
OddsRatio CompareShares(int64_t hits_a, int64_t n_a, int64_t hits_b, int64_t n_b, double level);

}  // namespace kinflow::family
