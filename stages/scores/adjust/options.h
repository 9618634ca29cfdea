#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"

namespace kinflow {

/// People over whom a scale or a composite is fitted; it is applied to everybody.
enum class FitOn : uint8_t { kAll, kMother, kFather, kChild, kFounder };
const char* FitOnName(FitOn people);  // "all", "mother", ...

/// Taking covariates out of scores.
struct ResidualOptions {
  std::vector<std::string> terms;  // of a formula: "PC1", "factor(batch)"; empty = not asked for
  bool studentise = true;          // R's rstandard, else plain residuals
  bool by_role = false;            // one fit a role, else one over everybody
};

/// A score made of others: the first principal component of their z-scores.
struct CompositeOptions {
  std::string name;
  std::vector<std::string> of;
  FitOn fit_on = FitOn::kAll;
};

/// `scores.adjust` of the config: what is done to the sums before a model sees them, in this order:
/// residuals, composites, one scale for all roles, percentiles.
struct AdjustOptions {
  ResidualOptions residuals;
  std::vector<CompositeOptions> composites;
  bool standardise = false;
  FitOn scale_on = FitOn::kAll;  // of standardise and percentiles
  bool percentiles = false;

  /// `node` is the value of the key `scores.adjust`.
  static AdjustOptions FromConfig(const ConfigNode& node);
  bool asked_for() const {
    return !residuals.terms.empty() || !composites.empty() || standardise || percentiles;
  }
  /// Canonical JSON of everything above; equal options give equal text.
  std::string ToJson() const;
};

/// Schema of the key `adjust` below `scores`.
SchemaNode AdjustSchema();

}  // namespace kinflow
