#include "stages/family/models/logit_model.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "stages/family/logistic.h"
#include "stages/family/regression_run.h"

namespace kinflow::family {
namespace {

Vcov CovarianceNamed(const std::string& name, const Design& design, const OlsFit& fit) {
  Vcov out = CovarianceOf(design, fit, name == kModelBased ? VcovType::kConst : *FindVcov(name));
  out.wald_df = std::numeric_limits<double>::infinity();
  out.df.assign(out.rank, out.wald_df);
  return out;
}

double MeanFittedOf(const Design& design, const LogisticFit& fit, double outcome) {
  double sum = 0, count = 0;
  for (size_t i = 0; i < design.n; ++i) {
    if (design.y[i] != outcome) continue;
    sum += fit.fitted[i];
    ++count;
  }
  return sum / count;
}

// Linear predictors from the design itself, so that equal rows have equal values to the bit.
std::vector<double> LinearPredictors(const Design& design, const Coefficients& fit) {
  std::vector<double> out(design.n, 0.0);
  for (size_t c = 0; c < design.k; ++c) {
    if (fit.position[c] < 0) continue;
    const double* x = design.Column(c);
    for (size_t i = 0; i < design.n; ++i) out[i] += x[i] * fit.coef[c];
  }
  return out;
}

// Everything about the fit that the table `models` has a column for.
ModelRow SummaryOf(const Design& design, const LogisticFit& fit, const OlsFit& linear, bool firth,
                   double population_share) {
  ModelRow row;
  const auto n = static_cast<double>(design.n);
  row.r2 = linear.r2;
  row.r2_liability = LiabilityR2(linear.r2, population_share, static_cast<double>(fit.n_cases) / n);
  if (!firth) {  // a penalised likelihood depends on the terms' units and compares with no other
    row.deviance = -2 * fit.log_lik;
    row.mcfadden = 1 - fit.log_lik / fit.log_lik_null;
    row.cox_snell = 1 - std::exp(2 / n * (fit.log_lik_null - fit.log_lik));
    row.nagelkerke = row.cox_snell / (1 - std::exp(2 / n * fit.log_lik_null));
  }
  row.tjur = MeanFittedOf(design, fit, 1) - MeanFittedOf(design, fit, 0);
  row.auc = AreaUnderCurve(design.y, LinearPredictors(design, fit.working));
  row.iterations = fit.iterations;
  row.max_abs_score = fit.max_abs_score;
  row.newton_step = fit.last_step;
  return row;
}

RegressionFit FitOne(const ModelFrame& frame, const ModelSpec& spec, const Formula& formula,
                     const RowSelection& selection) {
  RegressionFit out;
  out.formula = formula;
  out.selection = selection;
  out.design = BuildDesign(formula, frame, selection.rows);
  const LogisticFit fit = FitLogistic(out.design, spec.options.firth);
  out.coefficients = fit.working;
  for (const auto& name : spec.vcov) {
    out.vcov.push_back(CovarianceNamed(name, out.design, fit.working));
  }
  if (!spec.options.firth) out.log_lik = fit.log_lik;
  out.parameters = fit.working.qr.rank;
  out.exponentiate = true;
  out.sample_share = static_cast<double>(fit.n_cases) / static_cast<double>(out.design.n);
  out.liability_share =
      std::isnan(spec.options.prevalence) ? out.sample_share : spec.options.prevalence;
  out.row = SummaryOf(out.design, fit, FitOls(out.design), spec.options.firth, out.liability_share);
  out.row.call = spec.options.firth
                     ? fmt::format("logistf::logistf({}, data = d)", formula.Text())
                     : fmt::format("glm({}, family = binomial, data = d)", formula.Text());
  out.counts = {{"n_cases", fit.n_cases}};
  return out;
}

class LogitModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return RunRegression(frame, spec, "logit",
                         [&](const Formula& formula, const RowSelection& rows) {
                           return FitOne(frame, spec, formula, rows);
                         });
  }

  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    // Sandwiches of the plain scores say nothing of a penalised estimate.
    if (spec.options.firth)
      return CheckRegression(spec, "logit with firth", clustered, {kModelBased});
    return CheckRegression(spec, "logit", clustered,
                           {kModelBased, "HC0", "HC1", "HC2", "HC3", "CR0", "CR1", "CR1S"});
  }

  std::vector<std::string> DefaultVcov(bool clustered, const ModelOptions& options) const override {
    if (options.firth) return {kModelBased};
    if (clustered) return {kModelBased, "HC0", "CR1"};
    return {kModelBased, "HC0"};
  }
};

}  // namespace

std::unique_ptr<Model> MakeLogit() { return std::make_unique<LogitModel>(); }

}  // namespace kinflow::family
