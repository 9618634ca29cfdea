#pragma once

#include <string>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/fixed_by_one.h"
#include "stages/family/ols.h"

namespace kinflow::family {

enum class WorkingCorrelation { kIndependence, kExchangeable, kAr1 };

/// A fitted generalised estimating equation (Liang & Zeger 1986), as geepack's geeglm, with the
/// weights of the design: of rows in the equation and in phi, of pairs (products) in alpha.
struct GeeFit {
  Coefficients coefficients;
  size_t rank = 0;
  std::vector<double> robust, naive;  // rank x rank covariances, column-major
  double alpha = 0, phi = 1;          // working correlation, dispersion (mean square, n below)
  double qic = 0;  // Pan 2001; against an independence fit of the same terms; NaN with weights
  int iterations = 0;
  double max_abs_score = 0, last_step = 0;
  size_t largest_cluster = 0;
  FixedByOne fixed;  // by a cluster: `robust` says nothing of these
};

/// Clusters are those of the design. `times`: whole numbers, one a row, no two alike in a cluster;
/// the correlation of kAr1 falls with their distance. Empty: the rows' order in the cluster.
/// `binomial`: a 0/1 outcome with the logit link, else gaussian with the identity. Throws
/// kModelFailed (no convergence; a working correlation that is not positive definite; other
/// outcomes), kConstantOutcome, kTooFewRows (fewer than two clusters).
GeeFit FitGee(const Design& design, bool binomial, WorkingCorrelation correlation,
              const std::vector<double>& times = {});

}  // namespace kinflow::family
