#pragma once

#include <cstdint>
#include <string>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"

namespace kinflow::pca {

struct PcaOptions {
  bool compute = false;
  uint32_t components = 10;
  /// Fitted are people of whom no two are related closer than this (KING-robust kinship).
  double max_kinship = 0.0884;
  uint32_t max_passes = 40;
  double tolerance = 1e-5;

  /// From the validated `pca` node.
  static PcaOptions FromConfig(const ConfigNode& pca);
  /// Canonical JSON, for keys.
  std::string ToJson() const;
};

/// The `pca` key of the config.
SchemaNode PcaSchema();

}  // namespace kinflow::pca
