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
  CumulativeLink(const std::vector<uint32_t>& category, uint32_t categories,
                 const Eigen::MatrixXd& x, const Eigen::MatrixXd& z, bool probit,
                 const std::vector<double>& weight);

  Eigen::Index parameters() const { return thresholds_ * (1 + own_slopes_) + slopes_; }
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
  /// A direction along which no row's probability ever falls and some rise, so that there is no
  /// maximum however flat it is where steps ended (Albert and Anderson 1984); empty if `at`, where
  /// they ended, shows none. `start`: as Maximise() had it.
  Eigen::VectorXd Recession(const Eigen::VectorXd& start, const Maximum& at) const;
  /// Score of each row: n x parameters.
  Eigen::MatrixXd Scores(const Eigen::VectorXd& theta) const;

 private:
  /// The rows of one category: derivatives of the upper cut point zeta_k - x'b - z'c_k by its
  /// parameters (zeta_k, c_k) are (1, -z), those by b are -x; of the lower one likewise.
  struct Category {
    std::vector<Eigen::Index> rows;
    Eigen::MatrixXd by_cut, by_b;  // a row each
    Eigen::VectorXd weight;
  };
  /// Upper and lower cut points of a category's rows, infinite outside the thresholds; linear in
  /// `theta`, so that they are those' moves if it is a direction.
  struct CutPoints {
    Eigen::VectorXd upper, lower;
  };
  CutPoints CutPointsAt(const Eigen::VectorXd& theta, Eigen::Index category) const;
  struct Slopes;  // derivatives of rows by their two cut points
  Slopes At(const Eigen::VectorXd& theta, Eigen::Index category) const;
  /// Parameters of cut point k: zeta_k, c_k; none outside the thresholds.
  std::vector<Eigen::Index> CutParameters(Eigen::Index k) const;
  /// Log-likelihood, gradient and information at `at.theta`.
  void Differentiate(Maximum& at) const;
  void AddCategory(Eigen::Index category, Maximum& at) const;

  Eigen::Index thresholds_, slopes_, own_slopes_;  // numbers of cut points, of b, of c_k
  std::vector<Category> categories_;
  Eigen::Index n_;
  bool probit_;
};

}  // namespace kinflow::family
