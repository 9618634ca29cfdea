#include "stages/family/models/gee_model.h"

#include <fmt/format.h>

#include <limits>

#include "stages/family/case_weights.h"
#include "stages/family/gee.h"
#include "stages/family/regression_run.h"
#include "stages/family/wave_times.h"

namespace kinflow::family {
namespace {

constexpr const char* kRobust = "robust";

WorkingCorrelation CorrelationOf(const std::string& name) {
  return name == "independence" ? WorkingCorrelation::kIndependence
         : name == "ar1"        ? WorkingCorrelation::kAr1
                                : WorkingCorrelation::kExchangeable;
}

RegressionFit FitOne(const ModelFrame& frame, const ModelSpec& spec, const Formula& formula,
                     const RowSelection& selection) {
  const ModelOptions& options = spec.options;
  const bool binomial = options.distribution == "binomial";
  RegressionFit out;
  out.formula = formula;
  out.selection = selection;
  out.design = BuildDesign(formula, frame, selection.rows);
  out.design.weight = CaseWeightsOf(frame, spec, selection.rows);
  std::vector<double> times;
  if (!options.time.empty()) times = TimesOf(frame, options.time, selection.rows);
  const GeeFit fit = FitGee(out.design, binomial, CorrelationOf(options.correlation), times);
  out.coefficients = fit.coefficients;
  out.parameters = fit.rank;
  out.exponentiate = binomial;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const auto& name : spec.vcov) {
    out.vcov.push_back({VcovType::kCr0, fit.rank, name == kRobust ? fit.robust : fit.naive,
                        std::vector<double>(fit.rank, kInfinity), kInfinity, ""});
    if (name == kRobust) RefuseFixed(fit.fixed.columns, true, out.vcov.back());
  }
  out.row.criterion = fit.qic;
  out.row.iterations = fit.iterations;
  out.row.max_abs_score = fit.max_abs_score;
  out.row.newton_step = fit.last_step;
  out.row.call =
      fmt::format("geepack::geeglm({}, id = cluster, data = d, family = {}, corstr = \"{}\"{}{})",
                  formula.Text(), options.distribution, options.correlation, WeightsArgument(spec),
                  options.time.empty() ? "" : WavesArgument(frame, options.time, options.time));
  if (options.correlation == "ar1" && options.time.empty() && fit.largest_cluster > 1) {
    out.warnings.push_back(
        "correlation ar1: rows of a cluster are one step apart, in the order of the table, "
        "waves missing between them or not; name the column of waves: time");
  }
  const std::string order = options.time.empty() ? "" : TimeOrderWarning(frame, options.time);
  if (!order.empty()) out.warnings.push_back(order);
  VarcompRow dispersion;
  dispersion.group = "dispersion";
  dispersion.variance = fit.phi;
  out.varcomp.push_back(dispersion);
  if (options.correlation != "independence") {
    VarcompRow alpha;
    alpha.group = "working correlation";
    alpha.term1 = options.correlation;
    alpha.corr = fit.alpha;
    alpha.n_levels = out.design.n_clusters;
    out.varcomp.push_back(alpha);
  }
  out.counts = {{"largest_cluster", fit.largest_cluster}};
  return out;
}

class GeeModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return RunRegression(frame, spec, "gee", [&](const Formula& formula, const RowSelection& rows) {
      return FitOne(frame, spec, formula, rows);
    });
  }

  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    auto errors = CheckRegression(spec, "gee", clustered, {kRobust, kModelBased});
    if (!spec.options.time.empty() && spec.options.correlation != "ar1") {
      errors.push_back(Error(ErrorId::kConfigReference, "time is a key of correlation ar1 only")
                           .Field("time")
                           .Value(spec.options.time)
                           .Remedy("take it out, or use correlation: ar1"));
    }
    if (!clustered && spec.formula.random.empty()) {
      errors.push_back(
          Error(ErrorId::kConfigReference, "model gee needs a cluster")
              .Field("cluster")
              .Remedy(
                  "name the column whose values are the clusters (kinflow fit: --cluster COLUMN)"));
    }
    return errors;
  }

  std::vector<std::string> DefaultVcov(bool /*clustered*/,
                                       const ModelOptions& /*options*/) const override {
    return {kRobust};
  }
};

}  // namespace

std::unique_ptr<Model> MakeGee() { return std::make_unique<GeeModel>(); }

}  // namespace kinflow::family
