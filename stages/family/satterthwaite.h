#pragma once

#include <Eigen/Dense>
#include <vector>

namespace kinflow::family {

/// How many degrees of freedom CR2 covariances of least squares have, under errors that are
/// independent and of one variance (Pustejovsky and Tipton 2018; clubSandwich). In the basis Q of
/// the design V = R^-1 meat R^-T, and cluster g adds x = c'Qg'A e to a combination c of
/// coefficients, A = (I - Qg Qg')^-1/2. Two of these have the covariance
/// P_st[g, h] = [g = h] a_gs'a_gt - u_gs'u_ht, where a = A Qg R^-T c and u = Qg'a.
class Satterthwaite {
 public:
  explicit Satterthwaite(const Eigen::MatrixXd& r_inv) : r_inv_(r_inv) {}

  /// A cluster: its rows of Q, and A times these.
  void Add(Eigen::MatrixXd qg, Eigen::MatrixXd adjusted_q);

  /// Of one coefficient.
  double Df(Eigen::Index coefficient) const;
  /// Of the covariance of linear combinations of coefficients, a column each: those of the Wishart
  /// distribution that has its mean and total variance; of one combination Satterthwaite's. NaN if
  /// the combinations depend on one another.
  double Df(const Eigen::MatrixXd& combinations) const;

 private:
  Eigen::MatrixXd r_inv_;
  // Rows of Qg and of A Qg, cluster after cluster, of the rank of the design each; starts_: where
  // the rows of a cluster begin.
  std::vector<double> q_, adjusted_;
  std::vector<Eigen::Index> starts_{0};
};

}  // namespace kinflow::family
