#include "stages/family/sem/fiml.h"

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include "stages/family/sem/central_differences.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd Select(const MatrixXd& m, const std::vector<Index>& rows) { return m(rows, Eigen::all); }

// R with R R' = m, positive semidefinite.
MatrixXd SquareRoot(const MatrixXd& m) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(m);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
}

/// One pattern at given moments.
struct PatternAt {
  Eigen::LLT<MatrixXd> llt;
  MatrixXd mean;      // k x (1 + q)
  MatrixXd residual;  // sum of (y - mean w)(y - mean w)'
  bool ok = false;

  PatternAt(const PatternData& data, const ImpliedMoments& at)
      : llt(at.sigma(data.variables, data.variables)), mean(Select(at.mean, data.variables)) {
    ok = llt.info() == Eigen::Success;
    const MatrixXd cross = mean * data.yw.transpose();
    residual = data.yy - cross - cross.transpose() + mean * data.ww * mean.transpose();
  }
};

// Derivatives of sigma and mean by one parameter.
struct Slope {
  MatrixXd sigma, mean;
};

std::vector<Slope> Slopes(const PathModel& model, const ImpliedMoments& at) {
  const Index p = at.sigma.rows(), w = at.k.cols();
  std::vector<Slope> out(model.parameters(), {MatrixXd::Zero(p, p), MatrixXd::Zero(p, w)});
  const MatrixXd fb = at.inverse.topRows(p);
  const MatrixXd bs = at.inverse * at.s * fb.transpose(), bk = at.inverse * at.k;
  for (const Path& path : model.paths) {
    if (path.parameter < 0) continue;
    Slope& slope = out[static_cast<size_t>(path.parameter)];
    const auto to = static_cast<Index>(path.to), from = static_cast<Index>(path.from);
    if (path.kind == Path::kExogenous) {
      slope.mean.col(from) += fb.col(to);
    } else if (path.kind == Path::kDirected) {
      const MatrixXd half = fb.col(to) * bs.row(from);
      slope.sigma += half + half.transpose();
      slope.mean += fb.col(to) * bk.row(from);
    } else {
      const MatrixXd half = fb.col(to) * fb.col(from).transpose();
      slope.sigma += half;
      if (to != from) slope.sigma += half.transpose();
    }
  }
  return out;
}

}  // namespace

SemData GroupByPattern(MatrixXd y, MatrixXd z, std::vector<int64_t> cluster) {
  SemData out;
  out.y = std::move(y);
  out.w = MatrixXd::Ones(out.y.rows(), z.cols() + 1);
  out.w.rightCols(z.cols()) = z;
  out.cluster = std::move(cluster);
  std::map<std::vector<Index>, size_t> known;
  for (Index r = 0; r < out.y.rows(); ++r) {
    std::vector<Index> there;
    for (Index c = 0; c < out.y.cols(); ++c) {
      if (!std::isnan(out.y(r, c))) there.push_back(c);
    }
    if (there.empty()) continue;
    const auto at = known.emplace(there, out.patterns.size()).first->second;
    if (at == out.patterns.size()) out.patterns.push_back({there, {}, {}, {}, {}});
    out.patterns[at].rows.push_back(r);
  }
  for (PatternData& pattern : out.patterns) {
    const MatrixXd own = out.y(pattern.rows, pattern.variables), w = Select(out.w, pattern.rows);
    pattern.yy = own.transpose() * own;
    pattern.yw = own.transpose() * w;
    pattern.ww = w.transpose() * w;
  }
  return out;
}

ImpliedMoments Fiml::Implied(const VectorXd& theta) const {
  const auto m = static_cast<Index>(model_.variables());
  const auto p = static_cast<Index>(model_.observed.size());
  MatrixXd a = MatrixXd::Zero(m, m);
  ImpliedMoments out;
  out.s = MatrixXd::Zero(m, m);
  out.k = MatrixXd::Zero(m, static_cast<Index>(model_.exogenous.size()) + 1);
  for (const Path& path : model_.paths) {
    const double value = path.parameter < 0 ? path.value : theta(path.parameter);
    const auto to = static_cast<Index>(path.to), from = static_cast<Index>(path.from);
    if (path.kind == Path::kDirected) a(to, from) = value;
    if (path.kind == Path::kExogenous) out.k(to, from) = value;
    if (path.kind == Path::kCovariance) out.s(to, from) = out.s(from, to) = value;
  }
  out.inverse = (MatrixXd::Identity(m, m) - a).partialPivLu().inverse();
  const MatrixXd fb = out.inverse.topRows(p);
  out.sigma = fb * out.s * fb.transpose();
  out.mean = fb * out.k;
  return out;
}

double Fiml::LogLik(const VectorXd& theta) const {
  const ImpliedMoments at = Implied(theta);
  double total = 0;
  if (!at.sigma.allFinite()) return -std::numeric_limits<double>::infinity();
  for (const PatternData& data : data_.patterns) {
    const PatternAt pattern(data, at);
    if (!pattern.ok) return -std::numeric_limits<double>::infinity();
    const double log_det = 2 * pattern.llt.matrixLLT().diagonal().array().log().sum();
    const auto k = static_cast<double>(data.variables.size());
    total -= 0.5 * (data.n() * (k * std::log(2 * std::numbers::pi) + log_det) +
                    pattern.llt.solve(pattern.residual).trace());
  }
  return total;
}

VectorXd Fiml::Chain(const ImpliedMoments& at, const MatrixXd& by_sigma,
                     const MatrixXd& by_mean) const {
  const MatrixXd fb = at.inverse.topRows(at.sigma.rows());
  const MatrixXd by_s = fb.transpose() * by_sigma * fb, by_k = fb.transpose() * by_mean;
  const MatrixXd by_a =
      2 * by_s * at.s * at.inverse.transpose() + by_k * (at.inverse * at.k).transpose();
  VectorXd out = VectorXd::Zero(static_cast<Index>(model_.parameters()));
  for (const Path& path : model_.paths) {
    if (path.parameter < 0) continue;
    const auto to = static_cast<Index>(path.to), from = static_cast<Index>(path.from);
    out(path.parameter) += path.kind == Path::kDirected    ? by_a(to, from)
                           : path.kind == Path::kExogenous ? by_k(to, from)
                           : to == from                    ? by_s(to, to)
                                                           : 2 * by_s(to, from);
  }
  return out;
}

VectorXd Fiml::Gradient(const VectorXd& theta) const {
  const ImpliedMoments at = Implied(theta);
  MatrixXd by_sigma = MatrixXd::Zero(at.sigma.rows(), at.sigma.cols());
  MatrixXd by_mean = MatrixXd::Zero(at.mean.rows(), at.mean.cols());
  for (const PatternData& data : data_.patterns) {
    const PatternAt pattern(data, at);
    const auto k = static_cast<Index>(data.variables.size());
    const MatrixXd inverse = pattern.llt.solve(MatrixXd::Identity(k, k));
    by_sigma(data.variables, data.variables) -=
        0.5 * (data.n() * inverse - inverse * pattern.residual * inverse);
    by_mean(data.variables, Eigen::all) += inverse * (data.yw - pattern.mean * data.ww);
  }
  return Chain(at, by_sigma, by_mean);
}

MatrixXd Fiml::Information(const VectorXd& theta) const {
  const ImpliedMoments at = Implied(theta);
  const std::vector<Slope> slopes = Slopes(model_, at);
  const auto m = static_cast<Index>(slopes.size());
  MatrixXd out = MatrixXd::Zero(m, m);
  for (const PatternData& data : data_.patterns) {
    const PatternAt pattern(data, at);
    const auto k = static_cast<Index>(data.variables.size());
    // With L L' = sigma: tr(sigma^-1 D_i sigma^-1 D_j) is the product of L^-1 D L^-T, flattened.
    MatrixXd by_sigma(k * k, m), by_mean(k * data.ww.rows(), m);
    const MatrixXd root = SquareRoot(data.ww);
    for (Index j = 0; j < m; ++j) {
      const Slope& slope = slopes[static_cast<size_t>(j)];
      MatrixXd d = slope.sigma(data.variables, data.variables);
      pattern.llt.matrixL().solveInPlace(d);
      d.transposeInPlace();
      pattern.llt.matrixL().solveInPlace(d);
      by_sigma.col(j) = d.reshaped();
      MatrixXd mean = Select(slope.mean, data.variables) * root;
      pattern.llt.matrixL().solveInPlace(mean);
      by_mean.col(j) = mean.reshaped();
    }
    out.noalias() += data.n() / 2 * (by_sigma.transpose() * by_sigma);
    out.noalias() += by_mean.transpose() * by_mean;
  }
  return out;
}

MatrixXd Fiml::Hessian(const VectorXd& theta) const {
  const MatrixXd out =
      CentralDifferences([this](const VectorXd& at) { return Gradient(at); }, theta, theta.size());
  return (out + out.transpose()) / 2;
}

MatrixXd Fiml::Scores(const VectorXd& theta) const {
  const ImpliedMoments at = Implied(theta);
  MatrixXd out = MatrixXd::Zero(data_.rows(), theta.size());
  for (const PatternData& data : data_.patterns) {
    const PatternAt pattern(data, at);
    const auto k = static_cast<Index>(data.variables.size());
    const MatrixXd inverse = pattern.llt.solve(MatrixXd::Identity(k, k));
    for (const Index r : data.rows) {
      const VectorXd y = data_.y(r, data.variables).transpose(), w = data_.w.row(r).transpose();
      const VectorXd a = inverse * (y - pattern.mean * w);
      MatrixXd by_sigma = MatrixXd::Zero(at.sigma.rows(), at.sigma.cols());
      MatrixXd by_mean = MatrixXd::Zero(at.mean.rows(), at.mean.cols());
      by_sigma(data.variables, data.variables) = -0.5 * (inverse - a * a.transpose());
      by_mean(data.variables, Eigen::all) = a * w.transpose();
      out.row(r) = Chain(at, by_sigma, by_mean).transpose();
    }
  }
  return out;
}

}  // namespace kinflow::family
