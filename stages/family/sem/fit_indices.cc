#include "stages/family/sem/fit_indices.h"

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <cmath>

#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

double NoncentralCdf(double x, double df, double lambda) {
  if (lambda <= 0) return 1 - UpperChi2(x, df).p;
  return boost::math::cdf(boost::math::non_central_chi_squared(df, lambda), x);
}

// lambda at which the CDF at x is `probability`; 0 if it is below already at 0.
double NoncentralityAt(double x, double df, double probability) {
  if (NoncentralCdf(x, df, 0) < probability) return 0;
  double low = 0, high = std::max(1.0, 4 * x);
  while (NoncentralCdf(x, df, high) > probability) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-12 * (1 + high); ++i) {
    const double middle = (low + high) / 2;
    (NoncentralCdf(x, df, middle) > probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

double Srmr(const JointMoments& sample, const JointMoments& model) {
  const VectorXd sd = sample.covariance.diagonal().cwiseSqrt();
  double sum = 0;
  const Index p = sd.size();
  for (Index i = 0; i < p; ++i) {
    for (Index j = 0; j <= i; ++j) {
      const double d = (sample.covariance(i, j) - model.covariance(i, j)) / (sd(i) * sd(j));
      sum += d * d;
    }
    const double d = (sample.mean(i) - model.mean(i)) / sd(i);
    sum += d * d;
  }
  return std::sqrt(sum / (static_cast<double>(p * (p + 1)) / 2 + static_cast<double>(p)));
}

/// A chi-square and what it is expected to be a degree of freedom.
struct ScaledChiSquare {
  double chisq, df, scaling = 1;
  double excess() const { return chisq - scaling * df; }
};

// `n`: rows; those of several groups by their mean size (Steiger 1998).
void AddRmsea(const ScaledChiSquare& model, double n, ChiSquareIndices& out) {
  if (!(model.df > 0)) {
    out.rmsea = out.rmsea_low = out.rmsea_high = 0;
    return;
  }
  const double unit = n * model.df, statistic = model.chisq / model.scaling;
  const auto limit = [&](double probability) {
    return std::sqrt(model.scaling * NoncentralityAt(statistic, model.df, probability) / unit);
  };
  out.rmsea = std::sqrt(std::max(model.excess(), 0.0) / unit);
  out.rmsea_low = limit(0.95);
  out.rmsea_high = limit(0.05);
  out.rmsea_pvalue = 1 - NoncentralCdf(statistic, model.df, 0.0025 * unit / model.scaling);
}

void AddCfi(const ScaledChiSquare& model, const ScaledChiSquare& baseline, ChiSquareIndices& out) {
  const double d = model.excess(), d0 = baseline.excess();
  const double worst = std::max({d, d0, 0.0});
  out.cfi = worst > 0 ? 1 - std::max(d, 0.0) / worst : 1;
  out.tli = model.df > 0 ? 1 - (d / model.df) / (d0 / baseline.df) : 1;
}

// As lavaan: CFI and TLI of scaled chi-squares; RMSEA of the plain one, of which the trace is
// expected and stands for the degrees of freedom.
void AddScaled(const SemReferences& references, double n, double trace, FitIndices& out) {
  out.scaling_factor = trace / out.df;
  if (!(trace > 0)) return;  // of few rows or clusters
  out.chisq_scaled = out.chisq / out.scaling_factor;
  out.pvalue_scaled = UpperChi2(out.chisq_scaled, out.df).p;
  out.baseline_scaling_factor =
      (references.scaling_trace - references.independence_trace) / out.baseline_df;
  if (out.baseline_scaling_factor > 0) {
    out.baseline_chisq_scaled = out.baseline_chisq / out.baseline_scaling_factor;
    AddCfi({out.chisq_scaled, out.df}, {out.baseline_chisq_scaled, out.baseline_df}, out.scaled);
  }
  AddRmsea({out.chisq, trace}, n, out.scaled);
}

void AddRobust(const PathModel& model, const SemMaximum& at, const SemReferences& references,
               double n, FitIndices& out) {
  if (!references.complete) return;
  const auto own = references.complete->Of(model, at.theta, out.df);
  const auto none = references.complete->Of(references.independence_model,
                                            references.independence.theta, out.baseline_df);
  // The moments at hand may be none of complete data: pairs that no row has, Heywood cases.
  for (const auto& fit : {own, none}) {
    if (!std::isfinite(fit.chisq) || !std::isfinite(fit.scaling) || !(fit.scaling > 0)) return;
  }
  const ScaledChiSquare scaled{own.chisq, out.df, own.scaling};
  AddCfi(scaled, {none.chisq, out.baseline_df, none.scaling}, out.robust);
  AddRmsea(scaled, n, out.robust);
}

}  // namespace

double ScalingTrace(const SemData& data, const PathModel& model, const SemMaximum& at) {
  // V B V times the information V^-1.
  return (RobustCovariance(data, model, at) * at.information).trace();
}

SemReferences FitReferences(const SemData& data, const PathModel& model, bool scaled,
                            const std::string& name) {
  SemReferences out;
  out.saturated_model = SaturatedModel(data, model);
  out.independence_model = IndependenceModel(model);
  SetStarts(data, out.saturated_model);
  SetStarts(data, out.independence_model);
  out.independence = Maximise(data, out.independence_model, name + " (independence)");
  out.saturated = Maximise(data, out.saturated_model, name + " (saturated)");
  if (!scaled) return out;
  out.scaling_trace = ScalingTrace(data, out.saturated_model, out.saturated);
  out.independence_trace = ScalingTrace(data, out.independence_model, out.independence);
  if (data.groups == 1) out.complete.emplace(data, out.saturated_model, out.saturated);
  return out;
}

FitIndices IndicesOf(const SemData& data, const PathModel& model, const SemMaximum& at,
                     const SemReferences& references, std::optional<double> scaling_trace) {
  FitIndices out;
  const auto n = static_cast<double>(data.rows());
  const auto k = static_cast<double>(model.parameters());
  const auto saturated = static_cast<double>(references.saturated_model.parameters());
  out.parameters = static_cast<int64_t>(model.parameters());
  out.log_lik = at.log_lik;
  out.log_lik_saturated = references.saturated.log_lik;
  out.df = saturated - k;
  out.chisq = std::max(0.0, 2 * (out.log_lik_saturated - out.log_lik));
  if (out.df > 0) {
    const Tail tail = UpperChi2(out.chisq, out.df);
    out.pvalue = tail.p;
    out.neg_log10_p = tail.neg_log10;
  }
  out.baseline_chisq = 2 * (out.log_lik_saturated - references.independence.log_lik);
  out.baseline_df = saturated - static_cast<double>(references.independence_model.parameters());
  const double n_group = n / static_cast<double>(data.groups);
  const ScaledChiSquare plain{out.chisq, out.df};
  AddCfi(plain, {out.baseline_chisq, out.baseline_df}, out.plain);
  AddRmsea(plain, n_group, out.plain);
  const Fiml h1(data, references.saturated_model), h0(data, model);
  if (data.groups == 1)
    out.srmr = Srmr(JointMomentsOf(data, h1.Implied(references.saturated.theta)),
                    JointMomentsOf(data, h0.Implied(at.theta)));
  out.aic = -2 * at.log_lik + 2 * k;
  out.bic = -2 * at.log_lik + std::log(n) * k;
  out.bic_adjusted = -2 * at.log_lik + std::log((n + 2) / 24) * k;
  if (scaling_trace && out.df > 0) {
    AddScaled(references, n_group, references.scaling_trace - *scaling_trace, out);
    AddRobust(model, at, references, n_group, out);
  }
  return out;
}

}  // namespace kinflow::family
