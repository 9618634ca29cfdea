#include "stages/family/models/logit_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "stages/family/case_weights.h"
#include "stages/family/logistic.h"
#include "stages/family/logistic_mixed.h"
#include "stages/family/mixed/mixed_run.h"
#include "stages/family/mixed/random_effects.h"
#include "stages/family/regression_run.h"
#include "stages/family/second_cluster.h"

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
    const double weight = design.weight.empty() ? 1 : design.weight[i];
    sum += weight * fit.fitted[i];
    count += weight;
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
  row.r2_liability = LiabilityR2(linear.r2, population_share, MeanOutcome(design));
  if (!firth) {  // a penalised likelihood depends on the terms' units and compares with no other
    row.deviance = -2 * fit.log_lik;
    row.mcfadden = 1 - fit.log_lik / fit.log_lik_null;
    row.cox_snell = 1 - std::exp(2 / n * (fit.log_lik_null - fit.log_lik));
    row.nagelkerke = row.cox_snell / (1 - std::exp(2 / n * fit.log_lik_null));
  }
  row.tjur = MeanFittedOf(design, fit, 1) - MeanFittedOf(design, fit, 0);
  row.auc = AreaUnderCurve(design.y, LinearPredictors(design, fit.working), design.weight);
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
  out.design.weight = CaseWeightsOf(frame, spec, selection.rows);
  AddSecondCluster(frame, spec, selection.rows, out.design);
  const LogisticFit fit = FitLogistic(out.design, spec.options.firth);
  out.coefficients = fit.working;
  for (const auto& name : spec.vcov) {
    out.vcov.push_back(CovarianceNamed(name, out.design, fit.working));
  }
  if (!spec.options.firth) out.log_lik = fit.log_lik;
  out.parameters = fit.working.qr.rank;
  out.exponentiate = true;
  out.sample_share = MeanOutcome(out.design);
  out.liability_share =
      std::isnan(spec.options.prevalence) ? out.sample_share : spec.options.prevalence;
  out.row = SummaryOf(out.design, fit, FitOls(out.design), spec.options.firth, out.liability_share);
  out.row.call = spec.options.firth ? fmt::format("logistf::logistf({}, data = d)", formula.Text())
                                    : fmt::format("glm({}, family = binomial, data = d{})",
                                                  formula.Text(), WeightsArgument(spec));
  if (spec.options.firth && !out.design.cluster.empty() && out.design.n_clusters < out.design.n) {
    out.warnings.push_back(
        fmt::format("Firth's penalty has no errors by clusters: the {} rows of {} clusters count "
                    "as independent",
                    out.design.n, out.design.n_clusters));
  }
  return out;
}

// Without the intercepts: the variance is at its bound.
void TestIntercepts(const LogisticMixedFit& fit, const Design& design, const RandomBlock& block,
                    RegressionFit& out) {
  ComparisonRow row;
  row.full = "(" + block.term + ")";
  row.added = block.term;
  AddVarianceTest(row, 2 * (fit.log_lik - FitLogistic(design, false).log_lik), 1, out.tests);
}

// Variances on the logit scale, on which the residual's is pi^2 / 3 (Nakagawa and Schielzeth 2013).
void AddVarianceShares(const LogisticMixedFit& fit, const RandomBlock& block, RegressionFit& out) {
  const double variance = fit.sd * fit.sd, residual = std::pow(std::numbers::pi, 2) / 3;
  const double all = fit.fixed_variance + variance + residual;
  out.row.r2_marginal = fit.fixed_variance / all;
  out.row.r2_conditional = (fit.fixed_variance + variance) / all;
  out.row.icc = variance / (variance + residual);
  VarcompRow row{{}, block.group, "(Intercept)", "NA", variance, fit.sd};
  row.n_levels = static_cast<int64_t>(block.levels());
  row.vpc = out.row.icc;
  out.varcomp.push_back(row);
}

RegressionFit FitWithIntercepts(const ModelFrame& frame, const ModelSpec& spec,
                                const Formula& formula, const RowSelection& selection) {
  RegressionFit out;
  out.formula = formula;
  out.selection = selection;
  out.design = BuildDesign(formula, frame, selection.rows);
  const RandomBlock block = BuildRandomEffects(formula, frame, selection.rows).blocks.front();
  const LogisticMixedFit fit = FitLogisticMixed(out.design, block, spec.options.quadrature);
  out.coefficients = fit;
  Vcov vcov;
  vcov.rank = fit.rank;
  vcov.values.assign(fit.vcov.data(), fit.vcov.data() + fit.vcov.size());
  vcov.wald_df = std::numeric_limits<double>::infinity();
  vcov.df.assign(vcov.rank, vcov.wald_df);
  out.vcov = {vcov};
  out.log_lik = fit.log_lik;
  out.parameters = fit.rank + 1;
  out.exponentiate = true;
  out.sample_share = MeanOutcome(out.design);
  out.liability_share =
      std::isnan(spec.options.prevalence) ? out.sample_share : spec.options.prevalence;
  out.row.r2 = FitOls(out.design).r2;
  out.row.r2_liability = LiabilityR2(out.row.r2, out.liability_share, out.sample_share);
  out.row.deviance = -2 * fit.log_lik;
  out.row.n_clusters = static_cast<int64_t>(block.levels());
  out.row.iterations = fit.iterations;
  out.row.max_abs_score = fit.max_abs_score;
  out.row.newton_step = fit.last_step;
  out.row.singular = fit.singular ? "true" : "false";
  out.row.call = fmt::format("lme4::glmer({}, data = d, family = binomial, nAGQ = {})",
                             formula.Text(), spec.options.quadrature);
  AddVarianceShares(fit, block, out);
  if (fit.nodes_needed > 0) {
    out.warnings.push_back(fmt::format(
        "{} nodes of quadrature are too few: ln L is off by {:.2g}, and estimates and errors with "
        "it; use more: quadrature={}",
        spec.options.quadrature, fit.quadrature_error, std::min(fit.nodes_needed, 99)));
  }
  if (spec.random_tests) TestIntercepts(fit, out.design, block, out);
  return out;
}

std::vector<Error> CheckIntercepts(const ModelSpec& spec, bool clustered) {
  std::vector<Error> errors;
  const auto refuse = [&](bool fault, const char* what, const char* field, const char* remedy) {
    if (!fault) return;
    errors.push_back(Error(ErrorId::kConfigReference, what)
                         .Field(field)
                         .Value(spec.formula.Text())
                         .Remedy(remedy));
  };
  const auto& random = spec.formula.random;
  refuse(random.size() > 1 || !random[0].slopes.empty() || random[0].groups.size() > 1,
         "model logit has one random intercept at most", "formula",
         "write one term like (1 | m_id), or use model lmm");
  refuse(clustered, "model logit with a random intercept takes no cluster", "cluster",
         "leave it out");
  refuse(!spec.options.second_cluster.empty(),
         "model logit with a random intercept takes no cluster", "second_cluster", "leave it out");
  refuse(spec.options.firth, "Firth's penalty is for models without random intercept", "firth",
         "leave it out");
  refuse(spec.vcov != std::vector<std::string>{kModelBased},
         "model logit with a random intercept has standard errors of its own only", "vcov",
         "leave it out");
  refuse(spec.kenward_roger, "model logit has no degrees of freedom by Kenward and Roger", "df",
         "leave it out");
  RefuseWithWeights(spec, true, "formula", "a random intercept of model logit",
                    "take case_weights or the random term out", errors);
  return errors;
}

class LogitModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    if (!spec.formula.random.empty()) {
      return RunRegression(frame, spec, "logit",
                           [&](const Formula& formula, const RowSelection& rows) {
                             return FitWithIntercepts(frame, spec, formula, rows);
                           });
    }
    return RunRegression(frame, spec, "logit",
                         [&](const Formula& formula, const RowSelection& rows) {
                           return FitOne(frame, spec, formula, rows);
                         });
  }

  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    if (!spec.formula.random.empty()) return CheckIntercepts(spec, clustered);
    if (spec.options.firth) {
      // Sandwiches of the plain scores say nothing of a penalised estimate.
      auto errors = CheckRegression(spec, "logit with firth", clustered, {kModelBased});
      RefuseWithWeights(spec, true, "firth", "Firth's penalty", "take case_weights or firth out",
                        errors);
      if (const std::string& second = spec.options.second_cluster; !second.empty()) {
        errors.push_back(
            Error(ErrorId::kConfigReference,
                  "model logit with firth has no errors by clusters, of two ways either")
                .Field("second_cluster")
                .Value(second)
                .Remedy("take second_cluster or firth out"));
      }
      return errors;
    }
    auto errors = CheckRegression(
        spec, "logit", clustered,
        {kModelBased, "HC0", "HC1", "HC2", "HC3", "CR0", "CR1", "CR1S", "CR2", "CR3"});
    const bool cr2 = std::find(spec.vcov.begin(), spec.vcov.end(), "CR2") != spec.vcov.end();
    RefuseWithWeights(spec, cr2, "vcov", "CR2", "use CR1 or CR3", errors);
    CheckSecondCluster(spec, clustered, errors);
    return errors;
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
