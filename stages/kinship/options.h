#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"

namespace kinflow::kinship {

struct KinshipOptions {
  bool compute = false;
  // Variants that pairs are compared by; 0 turns a floor or the pruning off.
  double call_rate = 0.95, maf = 0.01;
  double hard_call_threshold = 0.1;
  bool without_high_ld = true;
  double prune_r2 = 0.2;
  uint32_t prune_window_kb = 1000;
  double min_kinship = 0.0442;
  double min_call_rate = 0.98;                                        // of people
  double max_sum_kinship = std::numeric_limits<double>::quiet_NaN();  // NaN = from the data

  /// From the validated `kinship` node.
  static KinshipOptions FromConfig(const ConfigNode& kinship);

  bool prunes() const { return prune_r2 > 0; }
  // Canonical JSON of what each stage depends on, for keys.
  std::string VariantsJson() const;
  std::string PruneJson() const;
  std::string CallsJson() const;
  std::string PairsJson() const;
};

/// The `kinship` key of the config.
SchemaNode KinshipSchema();

}  // namespace kinflow::kinship
