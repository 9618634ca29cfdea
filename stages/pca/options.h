#pragma once

#include <cstdint>
#include <string>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"

namespace kinflow::pca {

struct PcaOptions {
  bool compute = false;  // components, fitted or projected on
  uint32_t components = 10;
  /// Fitted are people of whom no two are related closer than this (KING-robust kinship).
  double max_kinship = 0.0884;
  uint32_t max_passes = 40;
  double tolerance = 1e-5;
  double outlier_sd = 6;  // told, nobody is removed; 0 = off

  /// Loadings of other people to project everybody on, in place of fitting; "" = none.
  std::string project;
  double min_overlap = 0.75;      // of their variants
  bool correct_shrinkage = true;  // of everybody projected on them
  std::string reference;          // table of their components and groups; "" = none
  std::string group = "group";    // its column of labels
  uint32_t reference_components = 5;
  double min_probability = 0.9;  // of a group that somebody is CONFIDENT of

  /// From the validated `pca` node.
  static PcaOptions FromConfig(const ConfigNode& pca);
  /// Canonical JSON, for keys.
  std::string ToJson() const;
  std::string OverlapJson() const;
  std::string ProjectionJson() const;
  bool projects() const { return !project.empty(); }
};

/// The `pca` key of the config.
SchemaNode PcaSchema();

}  // namespace kinflow::pca
