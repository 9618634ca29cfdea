#include <Eigen/Dense>
#include <cmath>

#include "stages/family/sem/central_differences.h"
#include "stages/family/sem/sem_fit.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Sample moments of the exogenous variables, with n as the divisor.
struct Exogenous {
  VectorXd mean;
  MatrixXd covariance;
  explicit Exogenous(const SemData& data) {
    const MatrixXd z = data.w.rightCols(data.w.cols() - 1);
    mean = z.colwise().mean().transpose();
    const MatrixXd centred = z.rowwise() - mean.transpose();
    covariance = centred.transpose() * centred / static_cast<double>(data.rows());
  }
};

VectorXd StandardiseAt(const Exogenous& exogenous, const SemData& data, const PathModel& model,
                       const VectorXd& theta, bool nox) {
  const ImpliedMoments at = Fiml(data, model).Implied(theta);
  const MatrixXd slopes = at.k.rightCols(at.k.cols() - 1);
  const VectorXd sd = (at.inverse * (at.s + slopes * exogenous.covariance * slopes.transpose()) *
                       at.inverse.transpose())
                          .diagonal()
                          .cwiseSqrt();
  VectorXd out(static_cast<Index>(model.paths.size()));
  for (size_t i = 0; i < model.paths.size(); ++i) {
    const Path& path = model.paths[i];
    const auto to = static_cast<Index>(path.to), from = static_cast<Index>(path.from);
    const double value = path.parameter < 0 ? path.value : theta(path.parameter);
    double scaled = value / sd(to);
    if (path.kind == Path::kDirected) scaled *= sd(from);
    if (path.kind == Path::kExogenous && from > 0 && !nox) {
      scaled *= std::sqrt(exogenous.covariance(from - 1, from - 1));
    }
    if (path.kind == Path::kCovariance) {
      scaled = to == from ? value / (sd(to) * sd(to))
                          : value / std::sqrt(at.s(to, to) * at.s(from, from));
      if (at.s(to, to) == 0 || at.s(from, from) == 0) {  // no variance to measure by
        scaled = to == from && sd(to) > 0 ? 0 : std::nan("");
      }
    }
    out(static_cast<Index>(i)) = scaled;
  }
  return out;
}

}  // namespace

JointMoments JointMomentsOf(const SemData& data, const ImpliedMoments& at) {
  const Exogenous z(data);
  const Index p = at.sigma.rows(), q = z.mean.size();
  const MatrixXd slopes = at.mean.rightCols(q);
  JointMoments out{MatrixXd(p + q, p + q), VectorXd(p + q)};
  const MatrixXd cross = slopes * z.covariance;
  out.covariance << at.sigma + cross * slopes.transpose(), cross, cross.transpose(), z.covariance;
  out.mean << at.mean.col(0) + slopes * z.mean, z.mean;
  return out;
}

VectorXd Standardise(const SemData& data, const PathModel& model, const VectorXd& theta, bool nox) {
  return StandardiseAt(Exogenous(data), data, model, theta, nox);
}

VectorXd StandardisedErrors(const SemData& data, const PathModel& model, const VectorXd& theta,
                            const MatrixXd& covariance, bool nox) {
  const Exogenous exogenous(data);
  const auto standardised = [&](const VectorXd& at) {
    return StandardiseAt(exogenous, data, model, at, nox);
  };
  MatrixXd slopes = MatrixXd::Zero(static_cast<Index>(model.paths.size()), theta.size());
  for (Index j = 0; j < theta.size(); ++j) {
    if (covariance(j, j) == 0) continue;  // at its bound, behind which there may be no values
    slopes.col(j) = CentralDifference(standardised, theta, j);
  }
  return (slopes * covariance * slopes.transpose()).diagonal().cwiseMax(0).cwiseSqrt();
}

}  // namespace kinflow::family
