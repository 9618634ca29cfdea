#include "stages/scores/adjust/ancestry_fit.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMaxIterations = 500;
constexpr double kTolerance = 1e-9;  // of the gradient, a person
constexpr const char* kField = "scores.adjust.ancestry";

double Mean(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x;
  return sum / static_cast<double>(v.size());
}

double Sd(const std::vector<double>& v, double mean) {
  double squares = 0;
  for (const double x : v) squares += (x - mean) * (x - mean);
  return std::sqrt(squares / static_cast<double>(v.size()));
}

bool Constant(double sd, double mean) { return !(sd > 1e-13 * std::abs(mean)) || sd == 0; }

Error NoVariance(const std::string& what, const std::string& score) {
  return Error(ErrorId::kNoEstimableTerm,
               fmt::format("score {} cannot be normalised by ancestry: {}", score, what))
      .Field(kField)
      .Remedy("take fewer principal components, or other people to fit on");
}

std::vector<double> Plain(const VectorXd& v) { return {v.data(), v.data() + v.size()}; }

/// Mean and log variance as linear functions of the columns of x.
class HeteroscedasticFit {
 public:
  HeteroscedasticFit(const MatrixXd& x, const VectorXd& y, const VectorXd& start) : x_(x), y_(y) {
    b_ = start;
    g_ = VectorXd::Zero(x.cols());
    g_[0] = std::log((y - x * b_).squaredNorm() / static_cast<double>(y.size()));
  }

  void Go(AncestryFit& fit) {
    double nll = Nll(b_, g_);
    for (int i = 0; i < kMaxIterations && !fit.converged; ++i) {
      const VectorXd precision = (-(x_ * g_)).array().exp();
      const MatrixXd weighted = precision.asDiagonal() * x_;
      b_ = (x_.transpose() * weighted).ldlt().solve(weighted.transpose() * y_);
      const VectorXd r = y_ - x_ * b_;
      const VectorXd excess = (r.array().square() * precision.array() - 1) / 2;
      const VectorXd gradient = x_.transpose() * excess;
      const VectorXd step = (x_.transpose() * x_ / 2).ldlt().solve(gradient);
      nll = Nll(b_, g_);
      double length = 1;
      while (length > 1e-10 && !(Nll(b_, g_ + length * step) <= nll)) length /= 2;
      const auto n = static_cast<double>(y_.size());
      fit.converged = gradient.cwiseAbs().maxCoeff() < kTolerance * n && MeanIsSettled(n);
      if (!fit.converged && length > 1e-10) g_ += length * step;
    }
    fit.mean = Plain(b_);
    fit.log_variance = Plain(g_);
    fit.nll = Nll(b_, g_);
  }

 private:
  double Nll(const VectorXd& b, const VectorXd& g) const {
    const VectorXd log_variance = x_ * g, r = y_ - x_ * b;
    return 0.5 * (log_variance.array() + r.array().square() * (-log_variance.array()).exp()).sum();
  }
  bool MeanIsSettled(double n) const {
    const VectorXd precision = (-(x_ * g_)).array().exp();
    const VectorXd gradient = x_.transpose() * (precision.asDiagonal() * (y_ - x_ * b_));
    return gradient.cwiseAbs().maxCoeff() < kTolerance * n;
  }

  const MatrixXd& x_;
  const VectorXd& y_;
  VectorXd b_, g_;
};

double Line(const std::vector<double>& coefficients, const AncestryFit& fit,
            const std::vector<double>& pcs) {
  double value = coefficients[0];
  for (size_t k = 0; k < pcs.size(); ++k) {
    value += coefficients[k + 1] * (pcs[k] - fit.pc_mean[k]) / fit.pc_sd[k];
  }
  return value;
}

}  // namespace

double AncestryFit::ZNorm1(double y, const std::vector<double>& pcs) const {
  return (y - offset - Line(ols, *this, pcs)) / residual_sd;
}

double AncestryFit::ZNorm2(double y, const std::vector<double>& pcs) const {
  return (y - offset - Line(mean, *this, pcs)) * std::exp(-Line(log_variance, *this, pcs) / 2);
}

AncestryFit FitAncestry(const std::vector<double>& y, const std::vector<std::vector<double>>& pcs,
                        const std::string& score) {
  AncestryFit fit;
  const auto n = static_cast<Eigen::Index>(y.size());
  const auto k = static_cast<Eigen::Index>(pcs.size()) + 1;
  fit.n = n;
  if (n <= k + 1) {
    throw Error(ErrorId::kTooFewRows,
                fmt::format("score {}: {} people with score and principal components to fit {} "
                            "coefficients on",
                            score, n, k))
        .Field(kField)
        .Remedy("take fewer principal components, or more people to fit on");
  }
  fit.offset = Mean(y);
  if (Constant(Sd(y, fit.offset), fit.offset)) throw NoVariance("it does not vary", score);
  MatrixXd x(n, k);
  VectorXd centred(n);
  x.col(0).setOnes();
  for (Eigen::Index i = 0; i < n; ++i) centred[i] = y[static_cast<size_t>(i)] - fit.offset;
  for (size_t c = 0; c < pcs.size(); ++c) {
    fit.pc_mean.push_back(Mean(pcs[c]));
    fit.pc_sd.push_back(Sd(pcs[c], fit.pc_mean[c]));
    if (Constant(fit.pc_sd[c], fit.pc_mean[c])) {
      throw NoVariance(fmt::format("PC{} does not vary", c + 1), score);
    }
    for (Eigen::Index i = 0; i < n; ++i) {
      x(i, static_cast<Eigen::Index>(c) + 1) =
          (pcs[c][static_cast<size_t>(i)] - fit.pc_mean[c]) / fit.pc_sd[c];
    }
  }
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(x);
  if (qr.rank() < k) throw NoVariance("the principal components depend on each other", score);
  const VectorXd ols = qr.solve(centred);
  fit.ols = Plain(ols);
  const std::vector<double> residuals = Plain(centred - x * ols);
  fit.residual_sd = Sd(residuals, Mean(residuals));
  if (Constant(fit.residual_sd, 0) || fit.residual_sd < 1e-10 * Sd(y, fit.offset)) {
    throw NoVariance("the principal components explain all of it", score);
  }
  HeteroscedasticFit(x, centred, ols).Go(fit);
  return fit;
}

}  // namespace kinflow
