#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace kinflow::family {

/// Log-likelihood of P(Y <= k) = F(zeta_k - x'b - z'c_k) over parameters (zeta, b, c_1, ..):
/// concave in them for the logistic and the normal F (Pratt 1981), so Newton with halved steps
/// finds its maximum. Rows of x and z are observations; the columns should be of like size.
/// Rows count by `weight`; empty = all alike.
class CumulativeLink {
 public:
  CumulativeLink(const std::vector<uint32_t>& category, uint32_t categories, Eigen::MatrixXd x,
                 Eigen::MatrixXd z, bool probit, const std::vector<double>& weight);

  Eigen::Index parameters() const { return thresholds_ * (1 + z_.cols()) + x_.cols(); }
  Eigen::Index thresholds() const { return thresholds_; }

  struct Maximum {
    Eigen::VectorXd theta, gradient;
    Eigen::MatrixXd information;  // observed
    double log_lik = 0;
    int iterations = 0;
    double last_step = 0;  // largest move of a parameter
    bool converged = false;
    Eigen::VectorXd step;  // the last one: where it runs to if there is no maximum
  };
  /// The shares of the categories, and coefficients of zero.
  Eigen::VectorXd PlainStart() const;
  Maximum Maximise(const Eigen::VectorXd& start) const;
  /// Score of each row: n x parameters.
  Eigen::MatrixXd Scores(const Eigen::VectorXd& theta) const;

 private:
  struct Row;  // derivatives of one row by its two cut points
  Row At(const Eigen::VectorXd& theta, Eigen::Index i) const;
  /// The row's derivative vector of cut point k, zeta_k - x'b - z'c_k.
  void Direction(Eigen::Index i, Eigen::Index k, Eigen::VectorXd& out) const;
  /// Log-likelihood, gradient and information at `at.theta`.
  void Differentiate(Maximum& at) const;

  double Weight(Eigen::Index i) const {
    return weight_.empty() ? 1 : weight_[static_cast<size_t>(i)];
  }

  std::vector<uint32_t> category_;
  std::vector<double> weight_;
  Eigen::Index thresholds_;
  Eigen::MatrixXd x_, z_;
  bool probit_;
};

}  // namespace kinflow::family
