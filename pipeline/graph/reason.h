#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"

namespace kinflow {

/// Why the key of a stage differs from that of its last run, by comparing the two declarations:
/// "maf: 0.01 -> 0.005; weights.txt changed". `is_cached` tells of an input stage (id) whether its
/// artifact is there already.
std::string ReasonAgainst(const Manifest& last, const Stage& stage, const StageKeys& keys,
                          const std::function<bool(const std::string&)>& is_cached);

/// What differs between two JSON objects: "qc.variant.maf: 0.01 -> 0.005".
std::vector<std::string> OptionChanges(const std::string& before, const std::string& after);

}  // namespace kinflow
