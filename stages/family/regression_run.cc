#include "stages/family/regression_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "pipeline/base/text.h"
#include "stages/family/logistic.h"
#include "stages/family/outcome_sides.h"
#include "stages/family/step_fits.h"
#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

class RegressionRun {
 public:
  RegressionRun(const ModelFrame& frame, const ModelSpec& spec, std::string kind,
                const FitRegression& fit)
      : frame_(frame),
        spec_(spec),
        kind_(std::move(kind)),
        fit_(fit),
        fits_(frame, spec,
              [this](const auto& formula, const auto& rows) { return FitOne(formula, rows); }) {}

  Results Go() {
    for (size_t i = 0; i < fits_.size(); ++i) Report(i);
    for (const auto& pair : spec_.plan.pairs) Compare(pair);
    Contrasts();
    return std::move(out_);
  }

 private:
  RegressionFit FitOne(const Formula& formula, const RowSelection& selection) const {
    RegressionFit out = fit_(formula, selection);
    CheckEstimable(spec_, frame_, formula, out.design, out.coefficients.position);
    return out;
  }

  void Report(size_t i) {
    if (!fits_[i]) {
      fits_.ReportFailure(i, kind_, out_);
      return;
    }
    const RowKey key = KeyOf(spec_, i);
    const RegressionFit& fitted = *fits_[i];
    AddCounts(key, frame_, fitted.formula, fitted.selection, out_.rows);
    for (const auto& [quantity, count] : fitted.counts) {
      out_.rows.push_back({key, quantity, "NA", static_cast<int64_t>(count)});
    }
    const int64_t fewest = FewestPeople(fitted);
    AddModelRow(key, fitted);
    WarnOfAliased(key, fitted.formula, fitted.design, fitted.coefficients.position, out_.warnings);
    for (size_t v = 0; v < fitted.vcov.size(); ++v) {
      const std::string missing = MissingErrors(fitted.vcov[v], spec_.vcov[v]);
      if (!missing.empty()) out_.warnings.push_back(NameOf(key) + ": " + missing);
      if (fitted.vcov[v].reason.empty()) {
        WarnOfFewClusters(key, spec_.vcov[v], FewestClusters(fitted.design), fitted.parameters,
                          out_.warnings);
      }
      for (size_t c = 0; c < fitted.coefficients.coef.size(); ++c) {
        AddEstimate(key, fitted, v, c);
      }
    }
    for (const auto& warning : fitted.warnings) {
      out_.warnings.push_back(NameOf(key) + ": " + warning);
    }
    for (VarcompRow row : fitted.varcomp) {
      row.key = key;
      out_.varcomp.push_back(std::move(row));
    }
    for (ComparisonRow row : fitted.tests) {
      row.key = key;
      row.reduced = key.model_id;
      row.n = static_cast<int64_t>(fitted.design.n);
      row.n_level = fewest;
      out_.comparisons.push_back(std::move(row));
    }
  }

  // The fewest people that the model is of: of an outcome of two values those of a side.
  int64_t FewestPeople(const RegressionFit& fitted) const {
    const auto& rows = fitted.selection.rows;
    const auto people = PeopleOfRows(frame_, spec_.formula, rows);
    const auto sides = SidesOf(frame_, spec_.formula, rows, *people);
    if (!sides) return FewestOf({people->count(), fitted.more_level});
    return FewestOf({sides->people_cases, sides->people_others, fitted.more_level});
  }

  void AddModelRow(const RowKey& key, const RegressionFit& fitted) {
    ModelRow row = fitted.row;
    row.key = key;
    row.model = kind_;
    row.n = static_cast<int64_t>(fitted.design.n);
    if (!fitted.design.cluster.empty()) row.n_clusters = fitted.design.n_clusters;
    row.k = static_cast<int64_t>(fitted.parameters);
    const auto n = static_cast<double>(fitted.design.n);
    const auto k = static_cast<double>(fitted.parameters);
    row.df_resid = n - k;
    row.log_lik = fitted.log_lik;
    row.aic = -2 * fitted.log_lik + 2 * k;
    row.bic = -2 * fitted.log_lik + std::log(n) * k;
    row.converged = "true";  // else the model has failed
    row.formula = fitted.formula.Text();
    out_.models.push_back(std::move(row));
  }

  // The row of coefficient `c`: a design column, or a parameter behind them.
  EstimateRow RowOf(const RowKey& key, const RegressionFit& fitted, size_t c) const {
    if (c < fitted.design.k) {
      return CoefficientRow(key, spec_, frame_, fitted.formula, fitted.design, c);
    }
    EstimateRow row;
    row.key = key;
    row.term = fitted.more_terms[c - fitted.design.k];
    row.role = "threshold";
    row.n_level = fitted.more_level;
    row.conf_level = spec_.conf_level;
    row.n = static_cast<int64_t>(fitted.design.n);
    if (!fitted.design.cluster.empty()) row.n_clusters = fitted.design.n_clusters;
    return row;
  }

  void AddEstimate(const RowKey& key, const RegressionFit& fitted, size_t v, size_t c) {
    EstimateRow row = RowOf(key, fitted, c);
    const Vcov& vcov = fitted.vcov[v];
    row.se_type = spec_.vcov[v];
    row.stat = "z";
    if (fitted.coefficients.position[c] < 0) {
      row.reason = "aliased";
    } else {
      const auto i = static_cast<size_t>(fitted.coefficients.position[c]);
      row.estimate = fitted.coefficients.coef[c];
      row.std_error = std::sqrt(vcov.At(i, i));
      row.statistic = row.estimate / row.std_error;
      if (!vcov.ReasonOf(i).empty()) row.reason = vcov.ReasonOf(i);
      Infer(spec_, std::numeric_limits<double>::infinity(), row);
      if (fitted.exponentiate && c < fitted.design.k) {
        row.exp_estimate = std::exp(row.estimate);
        row.exp_low = std::exp(row.conf_low);
        row.exp_high = std::exp(row.conf_high);
      }
    }
    out_.estimates.push_back(std::move(row));
  }

  void Compare(const StepPlan::Pair& pair) {
    if (!fits_[pair.reduced] || !fits_[pair.full]) return;
    const RegressionFit& full = *fits_[pair.full];
    std::optional<RegressionFit> refitted;
    if (fits_[pair.reduced]->selection.rows != full.selection.rows) {
      try {
        refitted = FitOne(fits_.FormulaOf(pair.reduced), full.selection);
      } catch (const Error& error) {
        if (!IsModelFault(error.id())) throw;
        out_.warnings.push_back(
            fmt::format("{}: a test is left out: {}", spec_.analysis_id, error.OneLine()));
        return;
      }
    }
    const RegressionFit& reduced = refitted ? *refitted : *fits_[pair.reduced];
    ComparisonRow row = PairRow(spec_, pair, full.design);
    row.delta_r2 = full.row.r2 - reduced.row.r2;
    if (!std::isnan(full.liability_share)) {
      row.delta_r2_liability = LiabilityR2(row.delta_r2, full.liability_share, full.sample_share);
    }
    if (!std::isnan(full.log_lik)) {
      AddTest(row, "LRT", LikelihoodRatio(reduced, full), out_.comparisons);
    }
    const auto columns = AddedColumns(spec_, pair, full.formula, full.design);
    for (size_t v = 0; v < full.vcov.size(); ++v) {
      TestResult wald = WaldTest(full.coefficients, full.vcov[v], columns);
      wald.statistic *= wald.df1;
      wald.df2 = kNa;  // a chi-square
      AddTest(row, "Wald-" + spec_.vcov[v], wald, out_.comparisons);
    }
  }

  static TestResult LikelihoodRatio(const RegressionFit& reduced, const RegressionFit& full) {
    const double df =
        static_cast<double>(full.parameters) - static_cast<double>(reduced.parameters);
    if (df <= 0) return {kNa, 0, kNa, kNa, kNa};
    const double statistic = std::max(0.0, 2 * (full.log_lik - reduced.log_lik));
    const Tail tail = UpperChi2(statistic, df);
    return {statistic, df, kNa, tail.p, tail.neg_log10};
  }

  void Contrasts() {
    const size_t last = fits_.size() - 1;
    if (!fits_[last]) return;
    const RegressionFit& full = *fits_[last];
    for (size_t v = 0; v < full.vcov.size(); ++v) {
      for (const auto& contrast : spec_.contrasts) {
        const auto columns = ColumnsOf(contrast, full.design);
        const LinearResult result =
            LinearContrast(full.coefficients, full.vcov[v], columns, contrast.weights);
        out_.contrasts.push_back(
            ContrastRowOf(spec_, last, contrast, spec_.vcov[v], result, full.design, columns));
      }
    }
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  std::string kind_;
  const FitRegression& fit_;
  StepFits<RegressionFit> fits_;
  Results out_;
};

}  // namespace

Results RunRegression(const ModelFrame& frame, const ModelSpec& spec, const std::string& kind,
                      const FitRegression& fit) {
  return RegressionRun(frame, spec, kind, fit).Go();
}

std::vector<Error> CheckRegression(const ModelSpec& spec, const std::string& kind, bool clustered,
                                   const std::vector<std::string>& known) {
  std::vector<Error> errors = RefuseMixedKeys(spec, kind);
  if (!spec.formula.random.empty()) {
    errors.push_back(
        Error(ErrorId::kConfigReference, fmt::format("model {} takes no random terms", kind))
            .Field("formula")
            .Value("(" + spec.formula.random.front().text + ")")
            .Remedy("take it out, or use a mixed model"));
  }
  for (const auto& name : spec.vcov) {
    const auto type = FindVcov(name);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      errors.push_back(Error(ErrorId::kConfigReference,
                             fmt::format("model {} has no covariance estimator of this name", kind))
                           .Field("vcov")
                           .Value(name)
                           .Remedy(fmt::format("known: {}", fmt::join(known, ", "))));
    } else if (type && IsClustered(*type) && !clustered) {
      errors.push_back(
          Error(ErrorId::kConfigReference, "cluster-robust standard errors need a cluster")
              .Field("vcov")
              .Value(name)
              .Remedy(
                  "name the cluster (kinflow fit: --cluster COLUMN), or use another estimator"));
    }
  }
  return errors;
}

}  // namespace kinflow::family
