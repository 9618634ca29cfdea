#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "stages/family/model.h"
#include "stages/family/reporting.h"

namespace kinflow::family {

/// One fit of a kind of regression whose inference is by the normal distribution.
struct RegressionFit {
  Formula formula;
  RowSelection selection;
  Design design;
  /// One a design column, then one an entry of `more_terms` (thresholds).
  Coefficients coefficients;
  std::vector<std::string> more_terms;
  int64_t more_level = Table::kMissingInt;  // of `more_terms`: EstimateRow::n_level
  std::vector<Vcov> vcov;  // in the order of ModelSpec::vcov, over coefficients.position
  double log_lik = std::numeric_limits<double>::quiet_NaN();  // NaN: no LRT
  size_t parameters = 0;
  ModelRow row;  // what the kind knows of it; key, counts, formula and AIC are filled in
  double liability_share = std::numeric_limits<double>::quiet_NaN();  // population share of cases
  double sample_share = std::numeric_limits<double>::quiet_NaN();
  bool exponentiate = false;         // odds ratios
  std::vector<VarcompRow> varcomp;   // without key
  std::vector<ComparisonRow> tests;  // without key, n and the name of the smaller model: this fit
  std::vector<std::pair<std::string, uint64_t>> counts;  // further lines of the row account
  std::vector<std::string> warnings;                     // without the model's name
};

/// Fits one model of the steps on its rows. May throw faults of the model.
using FitRegression = std::function<RegressionFit(const Formula&, const RowSelection&)>;

/// The nested models of a spec with their coefficients (z tests), pair tests (LRT where there is a
/// likelihood, and a Wald chi-square a covariance other than the model's) and contrasts.
Results RunRegression(const ModelFrame& frame, const ModelSpec& spec, const std::string& kind,
                      const FitRegression& fit);

/// Name in ModelSpec::vcov of the covariance that rests on the model being true.
inline constexpr const char* kModelBased = "model";

/// Faults of a spec that such kinds share: random terms, covariances not among `known`, clustered
/// ones without a cluster.
std::vector<Error> CheckRegression(const ModelSpec& spec, const std::string& kind, bool clustered,
                                   const std::vector<std::string>& known);

}  // namespace kinflow::family
