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

/// Scores against people of similar ancestry.
struct AncestryOptions {
  uint32_t pcs = 0;       // columns PC1 to PCn; 0 = not asked for
  std::string group;      // column of the most similar population; "" = none
  std::string reference;  // table of a reference panel; "" = the cohort's own people of fit_on
  FitOn fit_on = FitOn::kAll;
  enum class Use : uint8_t { kNone, kZPop, kZNorm1, kZNorm2 } use = Use::kNone;  // by the analyses

  bool asked_for() const { return pcs > 0; }
};

/// `scores.adjust` of the config: what is done to the sums before a model sees them, in this order:
/// ancestry or residuals, composites, one scale for all roles, percentiles.
struct AdjustOptions {
  AncestryOptions ancestry;
  ResidualOptions residuals;
  std::vector<CompositeOptions> composites;
  bool standardise = false;
  FitOn scale_on = FitOn::kAll;  // of standardise and percentiles
  bool percentiles = false;

  /// `node` is the value of the key `scores.adjust`.
  static AdjustOptions FromConfig(const ConfigNode& node);
  bool asked_for() const {
    return ancestry.asked_for() || !residuals.terms.empty() || !composites.empty() || standardise ||
           percentiles;
  }
  /// Scores are a linear function of sums that is the same for everybody.
  bool is_linear() const {
    const bool normalised = ancestry.asked_for() && ancestry.use != AncestryOptions::Use::kNone;
    return residuals.terms.empty() && !normalised;
  }
  /// Canonical JSON of everything above; equal options give equal text.
  std::string ToJson() const;
};

/// Schema of the key `adjust` below `scores`.
SchemaNode AdjustSchema();

}  // namespace kinflow
