#include "stages/family/mixed/mixed_fit.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "pipeline/base/error.h"
#include "stages/family/few_rows.h"
#include "stages/family/mixed/centring.h"
#include "stages/family/mixed/determined_effects.h"
#include "stages/family/mixed/newton.h"
#include "stages/family/mixed/pivoting.h"
#include "stages/family/mixed/projection.h"
#include "stages/family/ols.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kSingular = 1e-4;  // as lme4's isSingular
constexpr int kUsualSteps = 100;    // most fits need 5 to 20
constexpr int kMostSteps = 900;     // more, of a search that goes on

// Units in which the slopes' columns have mean square 1, so that 1 is a usual value of a theta.
VectorXd Rescale(RandomDesign& random) {
  VectorXd scale(static_cast<Index>(random.thetas()));
  Index at = 0;
  for (auto& block : random.blocks) {
    std::vector<double> unit;
    for (size_t c = 0; c < block.q(); ++c) {
      const auto column = block.z.begin() + static_cast<std::ptrdiff_t>(c * random.n);
      const auto end = column + static_cast<std::ptrdiff_t>(random.n);
      double sum = 0;
      for (auto z = column; z != end; ++z) sum += *z * *z;
      unit.push_back(sum > 0 ? std::sqrt(sum / static_cast<double>(random.n)) : 1);
      for (auto z = column; z != end; ++z) *z /= unit.back();
    }
    for (size_t c = 0; c < block.q(); ++c) {
      for (size_t r = c; r < block.q(); ++r) scale(at++) = unit[r];
    }
  }
  return scale;
}

// Rows by the roots of their weights: the residual's variance is sigma^2 / weight. An intercept
// times these roots is no intercept for the projections.
void WeightRows(const std::vector<double>& weight, RandomDesign& random) {
  if (weight.empty()) return;
  for (auto& block : random.blocks) {
    for (size_t i = 0; i < block.z.size(); ++i) block.z[i] *= std::sqrt(weight[i % random.n]);
    for (auto& term : block.terms) term += " times root of weight";
  }
}

// The criterion as a function of the rescaled thetas, with the fixed effects and sigma profiled
// out. W = [Q r]: the orthonormal columns of X = QR and the residuals of least squares, so that
// sums of squares lose no digits to the mean or to correlated columns.
class Profile {
 public:
  Profile(const OlsFit& ols, const std::vector<double>& weight, RandomDesign random, bool reml)
      : rank_(static_cast<Index>(ols.qr.rank)) {
    WeightRows(weight, random);
    for (const double w : weight) log_weights_ += std::log(w);
    scale_ = Rescale(random);
    const auto n = static_cast<Index>(ols.n);
    MatrixXd w(n, rank_ + 1);
    w.leftCols(rank_) = Eigen::Map<const MatrixXd>(ols.qr.q.data(), n, rank_);
    w.col(rank_) = Eigen::Map<const VectorXd>(ols.residuals().data(), n);
    total_ = w.col(rank_).squaredNorm();
    projection_ = MakeProjection(random, w);
    const Eigen::Map<const MatrixXd> r_inv(ols.qr.r_inv.data(), rank_, rank_);
    reml_ = reml;
    rows_ = static_cast<double>(reml ? n - rank_ : n);
    log_det_r2_ = -2 * r_inv.diagonal().array().abs().log().sum();
  }

  struct Point {
    double log_dets = 0;  // ln |V|, and with REML ln |X'V^-1 X|
    double r2 = 0;        // weighted residual sum of squares
    VectorXd gamma;       // fixed effects, as corrections to least squares along Q
    MatrixXd inverse;     // (Q'V^-1 Q)^-1
  };

  Point At(const VectorXd& theta) {
    projection_->Evaluate(theta, now_);
    const Eigen::LLT<MatrixXd> llt(now_.m.topLeftCorner(rank_, rank_));
    Point out;
    out.gamma = llt.solve(now_.m.col(rank_).head(rank_));
    out.r2 = now_.m(rank_, rank_) - out.gamma.dot(now_.m.col(rank_).head(rank_));
    out.inverse = llt.solve(MatrixXd::Identity(rank_, rank_));
    out.log_dets = now_.log_det;
    if (reml_) {
      out.log_dets += log_det_r2_ + 2 * llt.matrixLLT().diagonal().array().log().sum();
    }
    return out;
  }
  double Criterion(const Point& point) const {
    return point.log_dets - log_weights_ +
           rows_ * (1 + std::log(2 * std::numbers::pi * point.r2 / rows_));
  }
  double Criterion(const VectorXd& theta) { return Criterion(At(theta)); }

  double rows() const { return rows_; }    // n, or n - p with REML
  double total() const { return total_; }  // residual sum of squares of least squares
  const VectorXd& scale() const { return scale_; }

 private:
  VectorXd scale_;
  Index rank_;
  double total_ = 0, rows_ = 0, log_det_r2_ = 0, log_weights_ = 0;
  bool reml_ = true;
  std::unique_ptr<Projection> projection_;
  Projected now_;
};

std::vector<Index> Diagonals(const RandomDesign& random) {
  std::vector<Index> out;
  Index at = 0;
  for (const auto& block : random.blocks) {
    for (size_t c = 0; c < block.q(); at += static_cast<Index>(block.q() - c), ++c) {
      out.push_back(at);
    }
  }
  return out;
}

// Signs of whole columns are free: the diagonals' become positive. A diagonal that is all but zero
// becomes so if the criterion does not mind.
void Normalise(const RandomDesign& random, Profile& profile, NewtonResult& optimum) {
  const auto diagonals = Diagonals(random);
  for (size_t d = 0; d < diagonals.size(); ++d) {
    const Index begin = diagonals[d];
    Index length = optimum.x.size() - begin;
    if (d + 1 < diagonals.size()) length = diagonals[d + 1] - begin;
    if (optimum.x(begin) < 0) optimum.x.segment(begin, length) *= -1;
    if (optimum.x(begin) == 0 || optimum.x(begin) > kSingular) continue;
    VectorXd zero = optimum.x;
    zero(begin) = 0;
    const double value = profile.Criterion(zero);
    if (value > optimum.at.value + 1e-8) continue;
    optimum.x = zero;
    optimum.at.value = value;
  }
}

[[noreturn]] void FailToConverge(const CentredEffects& centred, const NewtonResult& at,
                                 const VectorXd& scale, double left) {
  if (left < 1e-10) {
    throw Error(ErrorId::kModelFailed,
                "the random effects explain the outcome fully: no residual variance is left")
        .Field("formula")
        .Remedy("check that the outcome varies within groups, or take the random term out");
  }
  const auto slope = FarSlope(centred.random);
  const VectorXd theta = at.x.cwiseQuotient(scale);
  const VectorXd gradient = at.at.gradient.cwiseProduct(scale);
  throw Error(
      ErrorId::kModelFailed,
      fmt::format("no convergence after {} steps: best criterion {:.10g} at theta ({:.6g}), "
                  "gradient ({:.3g}){}",
                  at.iterations, at.at.value,
                  fmt::join(theta.data(), theta.data() + theta.size(), ", "),
                  fmt::join(gradient.data(), gradient.data() + gradient.size(), ", "),
                  centred.AnyCentred() ? ", of slopes about their means" : ""))
      .Field("formula")
      .Remedy(!slope ? "take a slope or a correlation (||) out of the random terms"
                     : fmt::format("centre the slope {0}: write its difference from a value "
                                   "in its middle into the table, and use that for {0}",
                                   slope->name));
}

// One search for the optimum, with the effects in one order.
struct Search {
  CentredEffects effects;
  Profile profile;
  NewtonResult optimum;

  Search(CentredEffects given, const OlsFit& ols, const std::vector<double>& weight, bool reml)
      : effects(std::move(given)), profile(ols, weight, effects.random, reml) {}

  // From where the last steps have led to.
  void Go(int steps) {
    if (optimum.x.size() == 0) {
      optimum.x = VectorXd::Zero(profile.scale().size());
      for (const Index d : Diagonals(effects.random)) optimum.x(d) = 1;
    }
    const int before = optimum.iterations;
    optimum = MinimiseByNewton([this](const VectorXd& theta) { return profile.Criterion(theta); },
                               optimum.x, steps);
    optimum.iterations += before;
  }
};

// A search that takes long goes around a bent valley, which another order of the effects may lack.
Search Optimise(const OlsFit& ols, const std::vector<double>& weight, CentredEffects effects,
                bool reml) {
  Search out(std::move(effects), ols, weight, reml);
  out.Go(kUsualSteps);
  if (!out.optimum.converged) {
    if (auto pivoted = ByFallingVariance(out.effects, out.optimum.x)) {
      Search other(std::move(*pivoted), ols, weight, reml);
      other.Go(kUsualSteps);
      other.optimum.iterations += out.optimum.iterations;
      if (other.optimum.converged) out = std::move(other);
    }
    if (!out.optimum.converged) out.Go(kMostSteps);
  }
  const double left = out.profile.At(out.optimum.x).r2 / out.profile.total();
  if (!out.optimum.converged || left < 1e-10) {
    FailToConverge(out.effects, out.optimum, out.profile.scale(), left);
  }
  Normalise(out.effects.random, out.profile, out.optimum);
  return out;
}

// Second derivatives of the criterion in (theta, ln sigma), inverted over its positive directions,
// and the derivatives of the fixed effects' covariance.
void AddSatterthwaite(const NewtonResult& optimum, const MatrixXd& r_inv, Profile& profile,
                      MixedFit& fit) {
  const VectorXd& theta = optimum.x;
  const Index m = theta.size();
  const double sigma2 = fit.sigma * fit.sigma;
  const VectorXd steps = StepsFor(theta, optimum.at.hessian);
  const auto at_sigma = Differentiate(
      [&](const VectorXd& x) {
        const auto point = profile.At(x);
        return point.log_dets + point.r2 / sigma2;
      },
      theta, steps);
  MatrixXd hessian(m + 1, m + 1);
  hessian.topLeftCorner(m, m) = at_sigma.hessian;
  hessian(m, m) = 4 * profile.rows();
  for (Index i = 0; i < m; ++i) {
    const auto at = [&](double a) {
      VectorXd moved = theta;
      moved(i) += a * steps(i);
      return profile.At(moved);
    };
    const auto p1 = at(1), m1 = at(-1), p2 = at(2), m2 = at(-2);
    const double divisor = 12 * steps(i);
    hessian(i, m) = hessian(m, i) = -2 / sigma2 * (8 * (p1.r2 - m1.r2) - (p2.r2 - m2.r2)) / divisor;
    const MatrixXd slope = (8 * (p1.inverse - m1.inverse) - (p2.inverse - m2.inverse)) / divisor;
    fit.vcov_derivatives.push_back(sigma2 * r_inv * slope * r_inv.transpose());
  }
  fit.vcov_derivatives.push_back(2 * fit.vcov);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(hessian);
  const double largest = eigen.eigenvalues()(m);
  VectorXd inverse = VectorXd::Zero(m + 1);
  for (Index i = 0; i <= m; ++i) {
    if (eigen.eigenvalues()(i) > 1e-10 * largest) inverse(i) = 2 / eigen.eigenvalues()(i);
  }
  fit.parameter_covariance =
      eigen.eigenvectors() * inverse.asDiagonal() * eigen.eigenvectors().transpose();
}

double Variance(const VectorXd& v) {
  const VectorXd centred = v.array() - v.mean();
  return centred.squaredNorm() / static_cast<double>(v.size() - 1);
}

// Nakagawa and Schielzeth (2013) with the mean random variance of Johnson (2014).
void AddVarianceShares(const Design& design, const RandomDesign& random, MixedFit& fit) {
  VectorXd fitted = VectorXd::Zero(static_cast<Index>(design.n));
  for (size_t c = 0; c < design.k; ++c) {
    if (fit.position[c] < 0) continue;
    fitted +=
        fit.coef[c] * Eigen::Map<const VectorXd>(design.Column(c), static_cast<Index>(design.n));
  }
  fit.fixed_variance = Variance(fitted);
  double sum = 0;
  for (size_t b = 0; b < random.blocks.size(); ++b) {
    const auto& block = random.blocks[b];
    const Eigen::Map<const MatrixXd> z(block.z.data(), static_cast<Index>(random.n),
                                       static_cast<Index>(block.q()));
    const MatrixXd moments = z.transpose() * z / static_cast<double>(random.n);
    fit.random_variance.push_back(moments.cwiseProduct(fit.covariance[b]).sum());
    sum += fit.random_variance.back();
  }
  double per_weight = 1;
  if (!design.weight.empty()) {
    const Eigen::Map<const Eigen::ArrayXd> weight(design.weight.data(),
                                                  static_cast<Index>(design.weight.size()));
    per_weight = weight.inverse().mean();
  }
  fit.residual_variance = fit.sigma * fit.sigma * per_weight;
  const double residual = fit.residual_variance, all = fit.fixed_variance + sum + residual;
  fit.r2_marginal = fit.fixed_variance / all;
  fit.r2_conditional = (fit.fixed_variance + sum) / all;
  fit.icc = sum / (sum + residual);
}

// Of the effects as they were given.
void AddCovariances(const CentredEffects& centred, const VectorXd& theta, MixedFit& fit) {
  fit.theta = theta;
  size_t at = 0;
  for (size_t b = 0; b < centred.back.size(); ++b) {
    const size_t q = centred.random.blocks[b].q();
    MatrixXd lower = LowerFactor(theta, at, q);
    if (!centred.back[b].isIdentity(0)) {
      lower = Triangle(centred.back[b] * lower);
      auto next = static_cast<Index>(at);
      for (Index c = 0; c < lower.cols(); ++c) {
        for (Index r = c; r < lower.rows(); ++r) fit.theta(next++) = lower(r, c);
      }
    }
    at += centred.random.blocks[b].thetas();
    fit.covariance.push_back(fit.sigma * fit.sigma * lower * lower.transpose());
  }
}

void CheckRows(const Design& design, const OlsFit& ols, const RandomDesign& random) {
  const size_t parameters = ols.qr.rank + random.thetas() + 1;
  if (design.n > parameters) return;
  throw Error(ErrorId::kTooFewRows,
              fmt::format("{} complete rows for {} fixed effects and {} variance parameters",
                          FewOrNumber(design.n), ols.qr.rank, random.thetas() + 1))
      .Remedy("use fewer terms, or find out in the table 'rows' why rows were dropped");
}

}  // namespace

MixedFit FitMixed(const Design& design, const RandomDesign& random, bool reml) {
  const OlsFit ols = FitOls(design);
  CheckRows(design, ols, random);
  RefuseDetermined(ols, design.weight, random);
  MixedFit fit;
  fit.reml = reml;
  fit.n = design.n;
  fit.rank = ols.qr.rank;
  fit.position = ols.position;
  fit.coef = ols.coef;
  if (ols.perfect) FailToConverge({}, {}, {}, 0);

  Search search = Optimise(ols, design.weight, CentreSlopes(random), reml);
  Profile& profile = search.profile;
  const NewtonResult& optimum = search.optimum;
  const auto point = profile.At(optimum.x);
  fit.criterion = optimum.at.value;
  fit.iterations = optimum.iterations;
  const VectorXd theta = optimum.x.cwiseQuotient(profile.scale());
  fit.max_gradient = optimum.at.gradient.cwiseProduct(profile.scale()).cwiseAbs().maxCoeff();
  fit.last_step = optimum.last_step;
  fit.sigma = std::sqrt(point.r2 / profile.rows());
  for (const Index d : Diagonals(random)) fit.singular |= theta(d) < kSingular;

  const auto rank = static_cast<Index>(fit.rank);
  const Eigen::Map<const MatrixXd> r_inv(ols.qr.r_inv.data(), rank, rank);
  const VectorXd correction = r_inv * point.gamma;
  for (Index i = 0; i < rank; ++i) {
    fit.coef[ols.qr.used[static_cast<size_t>(i)]] += correction(i);
  }
  fit.vcov = fit.sigma * fit.sigma * r_inv * point.inverse * r_inv.transpose();
  AddSatterthwaite(optimum, r_inv, profile, fit);

  AddCovariances(search.effects, theta, fit);
  AddVarianceShares(design, random, fit);
  const auto parameters = static_cast<double>(fit.rank + random.thetas() + 1);
  fit.log_lik = -fit.criterion / 2;
  fit.aic = fit.criterion + 2 * parameters;
  fit.bic = fit.criterion + parameters * std::log(static_cast<double>(fit.n));
  return fit;
}

}  // namespace kinflow::family
