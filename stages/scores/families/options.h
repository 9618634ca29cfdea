#pragma once

#include <string>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"

namespace kinflow {

/// `scores.families` of the config: scores that need the genotypes of relatives.
struct FamilyScoreOptions {
  bool transmitted = false;  // what parents passed on, and what they did not
  bool impute_parents =
      false;              // parents without genotypes, from child and other parent or siblings
  bool use_phase = true;  // where the input has phase

  /// `node` is the value of the key `scores.families`.
  static FamilyScoreOptions FromConfig(const ConfigNode& node);
  bool asked_for() const { return transmitted || impute_parents; }
  /// Canonical JSON of what decides the sums.
  std::string ToJson() const;
};

/// Schema of the key `families` below `scores`.
SchemaNode FamilyScoresSchema();

}  // namespace kinflow
