#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/family/trio_frame.h"
#include "stages/scores/adjust/options.h"
#include "stages/scores/adjust/reference.h"

namespace kinflow {

/// The first principal component of z-scored scores, as fitted on some people.
struct Composite {
  std::vector<ReferenceScale> scales;  // by member score
  std::vector<double> loadings;        // unit length
  std::vector<double> eigenvalues;     // of the correlation matrix, descending; sum = scores
  int64_t n = 0;                       // people it was fitted on: all of the scores
  /// By sample: sum of loading x z-score, divided by its SD among the people it was fitted on; NaN
  /// without one of the scores.
  std::vector<double> values;
  std::vector<std::string> warnings;
};

/// Means, SDs and loadings come from the people of options.fit_on who have all scores, and hold for
/// everybody. Sign: the sum of the loadings is positive; where that is zero, the first loading that
/// is not. Throws kModelFailed (a score is not among `scores`), kTooFewRows (no more people than
/// scores), kNoEstimableTerm (a score without variance).
Composite FitComposite(const CompositeOptions& options, const family::ScoreColumns& scores,
                       const Cohort& cohort);

}  // namespace kinflow
