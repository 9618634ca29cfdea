#pragma once

#include <string>
#include <vector>

#include "stages/family/model_frame.h"

namespace kinflow::family {

/// A random-intercept cross-lagged panel model (Hamaker 2015) of two or three variables.
struct RiclpmPaths {
  std::vector<std::vector<std::string>> series;  // columns, one a wave; of x, y and perhaps w
  std::vector<std::string> z;                    // predictors of the observed variables
  bool z_within = false;                         // or of the within components
  std::vector<std::string> groups;               // each has a model of its own; empty = one
  bool random_intercepts = true;
  bool equal_lags = false;         // over waves
  bool equal_innovations = false;  // variances and covariances of the second wave and later ones
  bool equal_means = false;        // over waves; with predictors: at their zero
  bool equal_groups = false;       // lags over groups
  bool equal_predictors = false;   // z acts alike on all waves; if on observed variables: on the
                                   // random intercept
};

/// Its path statements. Of two variables, equal lags have the labels a (x on x), b (x on y), c (y
/// on x) and d (y on y), else those of both ends: xw is x on w. Equal innovations are ux, uy
/// (variances) and uxy, equal means mx and my. Names of a group end in "@" and the group.
std::vector<std::string> RiclpmStatements(const RiclpmPaths& paths);

/// A group's name within paths, where blanks and signs have a meaning.
std::string GroupName(const std::string& level);

/// The frame with columns of each group, missing in the rows of all others: several groups are
/// several parts of one likelihood that no row has together. Rows without group are left out by
/// their predictors, or by having no variable of the model. Sets paths.groups, in byte order.
/// Throws kConstantOutcome for less than two groups.
ModelFrame SplitByGroup(const ModelFrame& frame, const std::string& group, RiclpmPaths& paths);

}  // namespace kinflow::family
