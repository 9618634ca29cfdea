#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/data/table.h"
#include "stages/family/sem/indices.h"

namespace kinflow::family {

inline constexpr double kNa = std::numeric_limits<double>::quiet_NaN();

/// Whose row it is; the same leading columns in every table.
struct RowKey {
  std::string analysis_id, model_id, outcome = "NA", wave = "NA", pgs = "NA";
  bool several_outcomes = false;  // of the analysis: what is said of a model names its outcome
};

struct EstimateRow {
  RowKey key;
  std::string predictor = "NA", role = "NA", effect = "NA", term;
  double estimate = kNa, std_error = kNa;
  std::string se_type, stat = "t";
  double statistic = kNa, df = kNa, p_value = kNa, neg_log10_p = kNa;
  double conf_low = kNa, conf_high = kNa, conf_level = 0.95;
  double std_estimate = kNa, std_estimate_error = kNa;
  std::string std_type = "NA";
  double exp_estimate = kNa, exp_low = kNa, exp_high = kNa;  // odds ratio and its limits
  int64_t n = 0, n_clusters = Table::kMissingInt;
  double vif = kNa;
  int64_t n_level =
      Table::kMissingInt;     // fewest people it tells of: DesignColumn::people (disclosure)
  std::string reason = "NA";  // why the estimate or its error is missing
};

struct ModelRow {
  RowKey key;
  std::string model;  // registry name
  int64_t n = Table::kMissingInt, n_clusters = Table::kMissingInt, k = Table::kMissingInt;
  double df_resid = kNa, log_lik = kNa, criterion = kNa, reml = kNa, aic = kNa, bic = kNa;
  double sigma = kNa, r2 = kNa, adj_r2 = kNa, r2_marginal = kNa, r2_conditional = kNa, icc = kNa;
  double deviance = kNa, mcfadden = kNa, nagelkerke = kNa, tjur = kNa, auc = kNa;
  double cox_snell = kNa, r2_liability = kNa;
  std::string converged = "NA";
  int64_t iterations = Table::kMissingInt;
  std::string singular = "NA";
  double max_abs_score = kNa, newton_step = kNa;  // at the optimum of an iterative fit
  std::string call = "NA", formula = "NA", status = "ok", error_id = "NA", message = "NA",
              remedy = "NA";
};

/// A variance or covariance of random effects; the residual has group "Residual" and no terms.
struct VarcompRow {
  RowKey key;
  std::string group, term1 = "NA", term2 = "NA";  // term2: of a covariance
  double variance = kNa, sd = kNa, corr = kNa;
  int64_t n_levels = Table::kMissingInt;
  double vpc = kNa;  // share of the group's mean variance in all random variance
};

struct ComparisonRow {
  RowKey key;  // model_id = full
  std::string reduced, full, added, test;
  double statistic = kNa, df1 = kNa, df2 = kNa, p = kNa, neg_log10_p = kNa;
  double delta_r2 = kNa, partial_r2 = kNa, delta_r2_liability = kNa;
  int64_t n = 0;
  int64_t n_level =
      Table::kMissingInt;  // of the columns added; McNemar: fewest people of one change
};

struct ContrastRow {
  RowKey key;
  std::string contrast, se_type;
  double estimate = kNa, std_error = kNa, statistic = kNa, df = kNa;
  double p_value = kNa, neg_log10_p = kNa, conf_low = kNa, conf_high = kNa, conf_level = 0.95;
  int64_t n = 0;
  double p_holm = kNa;                   // over all pairs of groups
  int64_t n_level = Table::kMissingInt;  // as of EstimateRow
};

/// One line of the row account. quantity: n_input, n_used, n_dropped, n_clusters, n_mothers,
/// n_pregnancies, n_people (where fewer than rows), n_cases (of an outcome of two values;
/// n_people_cases, n_people_others), n_without_wave (children who have no row); reason only with
/// n_dropped.
struct CountRow {
  RowKey key;
  std::string quantity, reason = "NA";
  int64_t count = 0;
};

/// Fit of a structural equation model.
struct FitRow {
  RowKey key;
  int64_t n = 0, n_patterns = 0;  // rows, patterns of missing values
  FitIndices indices;
};

/// One group of a comparison of groups; the share is that of a low outcome.
struct GroupRow {
  RowKey key;
  std::string group;
  int64_t n = 0, n_low = Table::kMissingInt;
  double mean = kNa, sd = kNa, share = kNa, conf_low = kNa, conf_high = kNa;
  double adjusted_residual = kNa;
  int64_t n_level = Table::kMissingInt;  // fewest people of the group, and of a side of the share
};

/// Everything a model writes. A model that failed has its row in `models` (status "failed") and its
/// error in `failures`; nothing else of it appears.
struct Results {
  std::vector<EstimateRow> estimates;
  std::vector<ModelRow> models;
  std::vector<ComparisonRow> comparisons;
  std::vector<ContrastRow> contrasts;
  std::vector<VarcompRow> varcomp;
  std::vector<CountRow> rows;
  std::vector<FitRow> fit;
  std::vector<GroupRow> groups;
  /// Models whose terms count as tests for the adjusted p values; empty: the full model of the
  /// plan.
  std::vector<std::string> tested;
  /// Of each role, what share of its scores' tests count as independent (WithAdjustedP).
  std::map<std::string, double> effective;
  std::map<std::string, Table> more;        // further tables of a model kind
  std::map<std::string, Table> individual;  // rows of people or of their groups: OUT/private
  std::vector<std::string> warnings;
  std::vector<Error> failures;

  void Append(Results other);
  /// Records a failed model. `key` names it.
  void Fail(const RowKey& key, const std::string& model, const std::string& formula,
            const Error& error);
};

/// The tables by name: estimates, models, comparisons, contrasts, varcomp, rows, fit,
/// groups, and `more`.
/// Columns in the order of the specification, further ones behind. `families`: keys of the families
/// of tests whose p values are adjusted together; `tested`: model ids that count as tests;
/// `tests`: of each family, 0 = as many as there are; `terms`: predictors that count as tests
/// (none: scores).
std::map<std::string, Table> MakeTables(const Results& results,
                                        const std::vector<std::string>& families,
                                        const std::vector<std::string>& tested, size_t tests = 0,
                                        const std::vector<std::string>& terms = {});

}  // namespace kinflow::family
