#include "stages/family/sem/complete_data.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "stages/family/sem/central_differences.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// As many rows as `data` has, none with a value missing, and with the moments `at`.
SemData WithoutGaps(const SemData& data, const ImpliedMoments& at) {
  SemData out;
  PatternData all;
  all.variables.resize(static_cast<size_t>(data.y.cols()));
  std::iota(all.variables.begin(), all.variables.end(), Index{0});
  all.rows.resize(static_cast<size_t>(data.rows()));
  std::iota(all.rows.begin(), all.rows.end(), Index{0});
  all.ww = data.w.transpose() * data.w;
  all.yw = at.mean * all.ww;
  all.yy = static_cast<double>(data.rows()) * at.sigma + all.yw * at.mean.transpose();
  out.patterns.push_back(std::move(all));
  return out;
}

}  // namespace

CompleteData::CompleteData(const SemData& data, PathModel saturated_model,
                           const SemMaximum& saturated)
    : saturated_model_(std::move(saturated_model)),
      saturated_(saturated.theta),
      information_(saturated.information),
      spread_(RobustCovariance(data, saturated_model_, saturated)) {
  complete_ = WithoutGaps(data, Fiml(data, saturated_model_).Implied(saturated_));
  loss_ = saturated.covariance * Fiml(complete_, saturated_model_).Information(saturated_) *
          saturated.covariance;
}

MatrixXd CompleteData::MomentSlopes(const PathModel& model, const VectorXd& theta) const {
  const Fiml fiml(complete_, model);
  const auto moments = [&](const VectorXd& at) {
    const ImpliedMoments implied = fiml.Implied(at);
    VectorXd out(saturated_.size());
    for (const Path& path : saturated_model_.paths) {
      const auto to = static_cast<Index>(path.to), from = static_cast<Index>(path.from);
      out(path.parameter) =
          path.kind == Path::kCovariance ? implied.sigma(to, from) : implied.mean(to, from);
    }
    return out;
  };
  return CentralDifferences(moments, theta, saturated_.size());
}

CompleteDataChiSquare CompleteData::Of(const PathModel& model, const VectorXd& theta,
                                       double df) const {
  const MatrixXd slopes = MomentSlopes(model, theta), weighted = information_ * slopes;
  const MatrixXd own = slopes.transpose() * weighted;
  const MatrixXd residual = information_ - weighted * own.ldlt().solve(weighted.transpose());
  CompleteDataChiSquare out;
  out.chisq = 2 * (Fiml(complete_, saturated_model_).LogLik(saturated_) -
                   Fiml(complete_, model).LogLik(theta));
  out.scaling = (residual * loss_ * residual * spread_).trace() / df;
  return out;
}

}  // namespace kinflow::family
