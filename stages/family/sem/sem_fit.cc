#include "stages/family/sem/sem_fit.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/base/error.h"
#include "stages/family/few_rows.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMaxScoring = 500, kMaxNewton = 12;
constexpr double kSingular = 1e-9;  // eigenvalue of the information scaled to unit diagonal
constexpr int kMaxReleases = 30;
constexpr double kNearBound = 0.01;  // of the value at the start

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

/// The search for the maximum of one model. Bounded variances are held at 0 as long as the
/// likelihood does not rise above it (an active set, as of Nocedal and Wright 2006, 16.5).
class Search {
 public:
  Search(const SemData& data, const PathModel& model, const std::string& name, bool nonneg)
      : data_(data), model_(model), name_(name), fiml_(data, model), start_(StartOf(model)) {
    std::vector<uint8_t> bounded(model.parameters(), 0);
    for (const Path& path : model.paths) {
      const bool variance = path.kind == Path::kCovariance && path.to == path.from;
      if (nonneg && variance && path.parameter >= 0)
        bounded[static_cast<size_t>(path.parameter)] = 1;
    }
    for (size_t i = 0; i < bounded.size(); ++i) {
      free_.push_back(static_cast<Index>(i));
      if (bounded[i] != 0) bounded_.push_back(static_cast<Index>(i));
    }
    at_.theta = start_;
    at_.log_lik = fiml_.LogLik(at_.theta);
  }

  SemMaximum Go() {
    if (!std::isfinite(at_.log_lik)) ThrowStart();
    bool converged = false;
    for (int releases = 0; releases <= kMaxReleases; ++releases) {
      Score();
      converged = Polish();
      if (!converged || !Release()) break;
      converged = false;  // there is more to gain
    }
    for (const Index i : at_.at_bound) gradient_(i) = 0;
    at_.max_abs_score = gradient_.lpNorm<Eigen::Infinity>();
    if (!converged) ThrowUnconverged(name_, model_, at_, gradient_);
    const MatrixXd own = at_.information(free_, free_);
    at_.covariance = MatrixXd::Zero(start_.size(), start_.size());
    const MatrixXd inverse = own.llt().solve(MatrixXd::Identity(own.rows(), own.cols()));
    at_.covariance(free_, free_) = inverse;
    return std::move(at_);
  }

 private:
  [[noreturn]] void ThrowStart() const {
    throw Error(
        ErrorId::kModelFailed,
        fmt::format("{}: the starting values imply a covariance matrix that is not positive "
                    "definite",
                    name_))
        .Field("paths")
        .Remedy("give variances to variables that have none, and check paths fixed at a number");
  }

  [[noreturn]] void ThrowUnidentified(const VectorXd& direction) const {
    const std::string paths = NamesAlong(model_, direction);
    VectorXd held = VectorXd::Zero(start_.size());
    for (const Index i : at_.at_bound) held(i) = 1;
    throw Error(
        ErrorId::kModelFailed,
        fmt::format(
            "{}: not identified by {}: {} can move without changing the "
            "likelihood{}",
            name_, RowsUsedText(static_cast<size_t>(data_.rows())), paths,
            at_.at_bound.empty() ? "" : " where variances are 0: " + NamesAlong(model_, held)))
        .Field(paths)
        .Remedy(
            "fix one of them or take it out; look for constant columns and waves with few values");
  }

  VectorXd Whole(const VectorXd& free_step) const {
    VectorXd step = VectorXd::Zero(start_.size());
    step(free_) = free_step;
    return step;
  }

  // information^-1 gradient, in the scale of the parameters' own information.
  VectorXd ScoringStep() const {
    const MatrixXd all = fiml_.Information(at_.theta), information = all(free_, free_);
    const VectorXd gradient = gradient_(free_);
    const VectorXd scale = information.diagonal().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
    const MatrixXd unit = scale.asDiagonal() * information * scale.asDiagonal();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(unit);
    if (!(eigen.eigenvalues()(0) > kSingular)) {
      ThrowUnidentified(Whole(eigen.eigenvectors().col(0)));
    }
    const VectorXd along = eigen.eigenvectors().transpose() * scale.cwiseProduct(gradient);
    return Whole(
        scale.cwiseProduct(eigen.eigenvectors() * along.cwiseQuotient(eigen.eigenvalues())));
  }

  void Hold(Index parameter) {
    at_.at_bound.insert(std::upper_bound(at_.at_bound.begin(), at_.at_bound.end(), parameter),
                        parameter);
    free_.erase(std::find(free_.begin(), free_.end(), parameter));
  }

  // The parameter whose bound a step meets first, -1 for none; `longest`: the share of the step
  // until there. A variance comes to its bound from near by: a step from afar has overshot.
  Index FirstBound(const VectorXd& step, double& longest) const {
    Index first = -1;
    for (const Index i : bounded_) {
      if (!(at_.theta(i) + longest * step(i) < 0)) continue;
      longest = at_.theta(i) / -step(i);
      first = i;
    }
    if (first < 0 || at_.theta(first) <= kNearBound * start_(first)) return first;
    longest *= 0.9;
    return -1;
  }

  // One step, halved until the likelihood does not fall. False if none helps.
  bool Advance(const VectorXd& step) {
    const double noise = 1e-12 * (1 + std::abs(at_.log_lik));
    double longest = 1;
    const Index bound = FirstBound(step, longest);
    if (longest == 0) {  // a variance that was released turns back
      Hold(bound);
      ++at_.iterations;
      return true;
    }
    for (double fraction = longest; fraction > 1e-9 * longest; fraction /= 2) {
      VectorXd theta = at_.theta + fraction * step;
      const bool reached = bound >= 0 && fraction == longest;
      if (reached) theta(bound) = 0;
      const double value = fiml_.LogLik(theta);
      if (!(value >= at_.log_lik - noise)) continue;
      at_.theta = theta;
      at_.log_lik = value;
      at_.last_step = fraction * step.cwiseAbs().maxCoeff();
      ++at_.iterations;
      if (reached) Hold(bound);
      return true;
    }
    return false;
  }

  void Score() {
    while (at_.iterations < kMaxScoring) {
      gradient_ = fiml_.Gradient(at_.theta);
      const VectorXd step = ScoringStep();
      const double gain = gradient_.dot(step);  // of 2 ln L, expected
      if (gain < 1e-7 || !Advance(step)) return;
    }
  }

  // Newton steps; true if the last one was small.
  bool Polish() {
    bool converged = false;
    gradient_ = fiml_.Gradient(at_.theta);
    for (int i = 0; i < kMaxNewton && !converged; ++i) {
      at_.information = -fiml_.Hessian(at_.theta);
      const MatrixXd own = at_.information(free_, free_);
      const VectorXd own_gradient = gradient_(free_);
      const Eigen::LLT<MatrixXd> llt(own);
      const bool curved = llt.info() == Eigen::Success;
      const VectorXd step = curved ? Whole(llt.solve(own_gradient)) : ScoringStep();
      const bool small = curved && std::abs(gradient_.dot(step)) < 1e-13;
      const size_t free = free_.size();
      if (!Advance(step)) break;
      gradient_ = fiml_.Gradient(at_.theta);
      converged = small && free_.size() == free;
    }
    return converged;
  }

  // Frees the variance at its bound whose rise gains most. False if none gains anything.
  bool Release() {
    if (at_.at_bound.empty()) return false;
    const VectorXd information = fiml_.Information(at_.theta).diagonal();
    Index best = -1;
    double most = 1e-8;  // of 2 ln L, expected
    for (const Index i : at_.at_bound) {
      const double gain = gradient_(i) * gradient_(i) / information(i);
      if (!(gradient_(i) > 0 && gain > most)) continue;
      best = i;
      most = gain;
    }
    if (best < 0) return false;
    at_.at_bound.erase(std::find(at_.at_bound.begin(), at_.at_bound.end(), best));
    free_.insert(std::upper_bound(free_.begin(), free_.end(), best), best);
    return true;
  }

  const SemData& data_;
  const PathModel& model_;
  const std::string& name_;
  Fiml fiml_;
  VectorXd start_;
  std::vector<Index> free_, bounded_;  // parameters: not held, and those with a bound
  VectorXd gradient_;                  // of all parameters
  SemMaximum at_;
};

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

SemMaximum Maximise(const SemData& data, const PathModel& model, const std::string& name,
                    bool nonneg) {
  return Search(data, model, name, nonneg).Go();
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
