#pragma once

#include <string>
#include <vector>

#include "stages/family/sem/path_model.h"

namespace kinflow::family {

/// What a model leaves unsaid.
enum class PathDefaults {
  kNone,  // only means of observed variables are added
  kSem    // and variances, covariances of factors and of outcomes, a first loading of 1
};

/// Reads path statements, a subset of lavaan's: "y ~ a*x + 0.5*m", "f =~ x1 + x2", "x ~~ y",
/// "x ~ 1", and
/// sums of products of labels, "indirect := a*b". A number in front of * fixes, a name labels;
/// equal labels are one parameter. Observed variables that only predict are exogenous: the model is
/// conditional on them. Throws kConfigRange with the statement for a fault in it.
PathModel ParsePaths(const std::vector<std::string>& statements, PathDefaults defaults);

/// Columns of the data that the statements name, each once.
std::vector<std::string> PathColumns(const std::vector<std::string>& statements);

}  // namespace kinflow::family
