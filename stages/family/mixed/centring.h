#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
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

  bool AnyCentred() const;
};

CentredEffects CentreSlopes(const RandomDesign& random);

/// A slope that stays as it is, with its mean many SDs from 0: its variance is that of effects on
/// values from 0 on, where there are no rows.
struct UncentredSlope {
  std::string name, term;  // "year", "0 + year | id"
};
/// The first of blocks that are not centred.
std::optional<UncentredSlope> FarSlope(const RandomDesign& random);

/// The lower triangle L, diagonal >= 0, with L L' = M M'.
Eigen::MatrixXd Triangle(const Eigen::MatrixXd& m);

}  // namespace kinflow::family
