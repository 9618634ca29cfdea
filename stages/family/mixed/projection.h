#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "stages/family/mixed/random_effects.h"

namespace kinflow::family {

/// What a profiled deviance needs of V = I + Z L L' Z', the covariance of y over sigma^2, where L
/// is block-diagonal with the lower triangle `theta` of its block at every level.
struct Projected {
  double log_det = 0;  // ln |V| = ln |L'Z'ZL + I|
  Eigen::MatrixXd m;   // W' V^-1 W
};

/// Evaluates it for one W (n x w) and many thetas. Sums run in a fixed order: the same bits in any
/// thread. Not thread-safe.
class Projection {
 public:
  virtual ~Projection() = default;
  /// `theta`: the blocks' lower triangles, each by columns, one after the other (lme4's order).
  /// Diagonals may be negative: only L L' counts.
  virtual void Evaluate(const Eigen::VectorXd& theta, Projected& out) = 0;
};

/// Lower triangle of block entries starting at theta[at].
Eigen::MatrixXd LowerFactor(const Eigen::VectorXd& theta, size_t at, size_t q);

/// One grouping factor: levels are eliminated one by one; levels with the same Z'Z share one small
/// factorisation, so that a random intercept costs as many steps as there are group sizes.
std::unique_ptr<Projection> ProjectByLevel(const RandomBlock& block, const Eigen::MatrixXd& w);

/// True if the blocks are intercepts of which each lies within the next, as of (1 | a/b).
bool AreNestedIntercepts(const RandomDesign& random);
/// Nested intercepts: eliminated from the inner factor out, one number a level.
std::unique_ptr<Projection> ProjectNested(const RandomDesign& random, const Eigen::MatrixXd& w);

/// Any random part, by sparse Cholesky factors of L'Z'ZL + I in a fill-reducing order.
std::unique_ptr<Projection> ProjectSparse(const RandomDesign& random, const Eigen::MatrixXd& w);

/// True if levels of a block are related.
bool HasRelatives(const RandomDesign& random);
/// Intercepts, among them of related levels: by the sparse Cholesky factor of V itself, whose
/// blocks are families. ln |V| is infinite where V is not positive definite, as estimated
/// relatedness may make it. Throws kLimitExceeded if too many rows share a level or a relative.
std::unique_ptr<Projection> ProjectRelatives(const RandomDesign& random, const Eigen::MatrixXd& w);

/// The cheapest of the above that fits.
std::unique_ptr<Projection> MakeProjection(const RandomDesign& random, const Eigen::MatrixXd& w);

}  // namespace kinflow::family
