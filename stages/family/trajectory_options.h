#pragma once

#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"

namespace kinflow::family {

/// Whether and where the outcome is predicted (table `trajectories`).
struct TrajectoryOptions {
  std::vector<double> at;   // SDs of a score from its mean; empty = no table
  std::string wave, group;  // columns of the formula whose values are gone through; "" = none
  bool asked_for() const { return !at.empty(); }
  std::string ToJson() const;
};

/// The key `trajectories` of an analysis and of `kinflow fit`.
SchemaNode TrajectorySchema();
TrajectoryOptions ReadTrajectories(const ConfigNode& node);
/// Faults of the options that need no data; `model`: the kind; `columns`: those of the formula.
std::vector<Error> CheckTrajectories(const TrajectoryOptions& options, const std::string& model,
                                     const std::vector<std::string>& columns);

}  // namespace kinflow::family
