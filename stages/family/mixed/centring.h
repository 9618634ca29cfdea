#pragma once

#include <Eigen/Core>
#include <vector>

#include "stages/family/mixed/random_effects.h"

namespace kinflow::family {

/// Random effects with slopes that lie far from 0 (years) about their means: the same model, whose
/// intercepts lie among the data, so that they and the slopes can be told apart.
struct CentredEffects {
  RandomDesign random;
  /// Of each block: effects as given = back * effects here. Only a block with an intercept whose
  /// correlations are free has slopes centred: of others it would be another model.
  std::vector<Eigen::MatrixXd> back;
};

CentredEffects CentreSlopes(const RandomDesign& random);

/// The lower triangle L, diagonal >= 0, with L L' = M M'.
Eigen::MatrixXd Triangle(const Eigen::MatrixXd& m);

}  // namespace kinflow::family
