#include "stages/family/sem/sem_fit.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/base/error.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMaxScoring = 500, kMaxNewton = 12;
constexpr double kSingular = 1e-9;  // eigenvalue of the information scaled to unit diagonal

VectorXd StartOf(const PathModel& model) {
  VectorXd theta = VectorXd::Zero(static_cast<Index>(model.parameters()));
  for (const Path& path : model.paths) {
    if (path.parameter >= 0) theta(path.parameter) = path.value;
  }
  return theta;
}

// Names of the parameters that a direction without curvature moves.
std::string NamesAlong(const PathModel& model, const VectorXd& direction) {
  const double largest = direction.cwiseAbs().maxCoeff();
  std::vector<uint8_t> named(model.parameters(), 0);
  std::string out;
  for (const Path& path : model.paths) {
    if (path.parameter < 0 || std::abs(direction(path.parameter)) < 0.3 * largest) continue;
    if (std::exchange(named[static_cast<size_t>(path.parameter)], 1) != 0) continue;
    out += (out.empty() ? "" : ", ") + model.Text(path);
  }
  return out;
}

[[noreturn]] void ThrowUnidentified(const SemData& data, const PathModel& model,
                                    const std::string& name, const VectorXd& direction) {
  const std::string paths = NamesAlong(model, direction);
  throw Error(ErrorId::kModelFailed,
              fmt::format("{}: not identified by the {} rows: {} can move without changing the "
                          "likelihood",
                          name, data.rows(), paths))
      .Field(paths)
      .Remedy(
          "fix one of them or take it out; look for constant columns and waves with few values");
}

// information^-1 gradient, in the scale of the parameters' own information.
VectorXd ScoringStep(const SemData& data, const PathModel& model, const std::string& name,
                     const MatrixXd& information, const VectorXd& gradient) {
  const VectorXd scale = information.diagonal().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
  const MatrixXd unit = scale.asDiagonal() * information * scale.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(unit);
  if (!(eigen.eigenvalues()(0) > kSingular)) {
    ThrowUnidentified(data, model, name, eigen.eigenvectors().col(0));
  }
  const VectorXd along = eigen.eigenvectors().transpose() * scale.cwiseProduct(gradient);
  return scale.cwiseProduct(eigen.eigenvectors() * along.cwiseQuotient(eigen.eigenvalues()));
}

[[noreturn]] void ThrowUnconverged(const std::string& name, const PathModel& model,
                                   const SemMaximum& at, const VectorXd& gradient) {
  Index worst = 0;
  gradient.cwiseAbs().maxCoeff(&worst);
  std::string path;
  for (const Path& p : model.paths) {
    if (p.parameter == worst) path = model.Text(p);
  }
  throw Error(ErrorId::kModelFailed,
              fmt::format("{}: no convergence after {} steps: best log-likelihood {:.10g}, largest "
                          "gradient {:.3g} at {}",
                          name, at.iterations, at.log_lik, at.max_abs_score, path))
      .Field(path)
      .Remedy("use fewer free paths or equal ones over waves, or bring the columns to like units");
}

// One step, halved until the likelihood does not fall. False if none helps.
bool Advance(const Fiml& fiml, const VectorXd& step, SemMaximum& at) {
  const double noise = 1e-12 * (1 + std::abs(at.log_lik));
  for (double fraction = 1; fraction > 1e-9; fraction /= 2) {
    const VectorXd theta = at.theta + fraction * step;
    const double value = fiml.LogLik(theta);
    if (!(value >= at.log_lik - noise)) continue;
    at.theta = theta;
    at.log_lik = value;
    at.last_step = fraction * step.cwiseAbs().maxCoeff();
    ++at.iterations;
    return true;
  }
  return false;
}

void Score(const SemData& data, const PathModel& model, const Fiml& fiml, const std::string& name,
           SemMaximum& at) {
  while (at.iterations < kMaxScoring) {
    const VectorXd gradient = fiml.Gradient(at.theta);
    const VectorXd step = ScoringStep(data, model, name, fiml.Information(at.theta), gradient);
    const double gain = gradient.dot(step);  // of 2 ln L, expected
    if (gain < 1e-7 || !Advance(fiml, step, at)) return;
  }
}

}  // namespace

void SetStarts(const SemData& data, PathModel& model) {
  const auto p = static_cast<Index>(model.observed.size());
  VectorXd mean = VectorXd::Zero(p), variance = VectorXd::Ones(p);
  for (Index c = 0; c < p; ++c) {
    const Eigen::ArrayXd y = data.y.col(c).array();
    const Eigen::ArrayXd there = y.isNaN().select(0.0, Eigen::ArrayXd::Ones(y.size()));
    const double n = std::max(1.0, there.sum());
    mean(c) = y.isNaN().select(0.0, y).sum() / n;
    variance(c) = y.isNaN().select(0.0, y - mean(c)).square().sum() / n;
    if (!(variance(c) > 0)) variance(c) = 1;
  }
  // The variance of a factor: half of that of the first indicator.
  std::vector<double> variance_of(variance.data(), variance.data() + p);
  variance_of.resize(model.variables(), 0);
  for (const Path& path : model.paths) {
    if (!path.loading || path.to >= model.observed.size() || variance_of[path.from] > 0) continue;
    variance_of[path.from] = variance_of[path.to];
  }
  for (Path& path : model.paths) {
    if (path.parameter < 0) continue;
    const double to = variance_of[path.to], from = path.loading ? variance_of[path.from] : 0;
    path.value = 0;
    if (path.kind == Path::kExogenous && path.from == 0 && path.to < model.observed.size()) {
      path.value = mean(static_cast<Index>(path.to));
    }
    if (from > 0) path.value = std::sqrt(to / from);
    if (path.kind == Path::kCovariance && path.to == path.from) path.value = to > 0 ? to / 2 : 0.5;
  }
}

SemMaximum Maximise(const SemData& data, const PathModel& model, const std::string& name) {
  const Fiml fiml(data, model);
  SemMaximum at;
  at.theta = StartOf(model);
  at.log_lik = fiml.LogLik(at.theta);
  if (!std::isfinite(at.log_lik)) {
    throw Error(
        ErrorId::kModelFailed,
        fmt::format("{}: the starting values imply a covariance matrix that is not positive "
                    "definite",
                    name))
        .Field("paths")
        .Remedy("give variances to variables that have none, and check paths fixed at a number");
  }
  Score(data, model, fiml, name, at);
  bool converged = false;
  VectorXd gradient = fiml.Gradient(at.theta);
  MatrixXd negative;
  for (int i = 0; i < kMaxNewton && !converged; ++i) {
    negative = -fiml.Hessian(at.theta);
    const Eigen::LLT<MatrixXd> llt(negative);
    const VectorXd step =
        llt.info() == Eigen::Success
            ? VectorXd(llt.solve(gradient))
            : ScoringStep(data, model, name, fiml.Information(at.theta), gradient);
    const bool small = llt.info() == Eigen::Success && std::abs(gradient.dot(step)) < 1e-13;
    if (!Advance(fiml, step, at)) break;
    gradient = fiml.Gradient(at.theta);
    converged = small;
  }
  at.max_abs_score = gradient.cwiseAbs().maxCoeff();
  if (!converged) ThrowUnconverged(name, model, at, gradient);
  at.covariance = negative.llt().solve(MatrixXd::Identity(negative.rows(), negative.cols()));
  return at;
}

PathModel SaturatedModel(const SemData& data, const PathModel& model) {
  const auto p = data.y.cols();
  Eigen::MatrixXi together = Eigen::MatrixXi::Zero(p, p);
  for (const auto& pattern : data.patterns)
    together(pattern.variables, pattern.variables).setOnes();
  PathModel out = IndependenceModel(model);
  const auto free = [&out] {
    out.labels.emplace_back();
    return static_cast<int64_t>(out.labels.size()) - 1;
  };
  for (size_t a = 0; a < out.observed.size(); ++a) {
    for (size_t b = 0; b < a; ++b) {
      if (together(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b)) == 0) continue;
      out.paths.push_back({Path::kCovariance, a, b, 0, free(), false});
    }
    for (size_t z = 1; z <= out.exogenous.size(); ++z) {
      out.paths.push_back({Path::kExogenous, a, z, 0, free(), false});
    }
  }
  return out;
}

PathModel IndependenceModel(const PathModel& model) {
  PathModel out;
  out.observed = model.observed;
  out.exogenous = model.exogenous;
  for (size_t v = 0; v < out.observed.size(); ++v) {
    const auto next = static_cast<int64_t>(out.labels.size());
    out.paths.push_back({Path::kExogenous, v, 0, 0, next, false});
    out.paths.push_back({Path::kCovariance, v, v, 0, next + 1, false});
    out.labels.insert(out.labels.end(), 2, "");
  }
  return out;
}

MatrixXd RobustCovariance(const SemData& data, const PathModel& model, const SemMaximum& at) {
  const MatrixXd scores = Fiml(data, model).Scores(at.theta);
  MatrixXd meat;
  if (data.cluster.empty()) {
    meat = scores.transpose() * scores;
  } else {
    const auto clusters = *std::max_element(data.cluster.begin(), data.cluster.end()) + 1;
    MatrixXd sums = MatrixXd::Zero(clusters, scores.cols());
    for (Index r = 0; r < scores.rows(); ++r) {
      sums.row(data.cluster[static_cast<size_t>(r)]) += scores.row(r);
    }
    const auto g = static_cast<double>(clusters);
    meat = g / (g - 1) * sums.transpose() * sums;
  }
  return at.covariance * meat * at.covariance;
}

}  // namespace kinflow::family
