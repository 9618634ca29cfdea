#include "stages/family/fixed_by_one.h"

#include <Eigen/Dense>
#include <cmath>
#include <map>

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using ConstMatrix = Eigen::Map<const MatrixXd>;

// The columns whose coefficients change with Q u: those of R^-1 u.
void Mark(const ConstMatrix& r_inv, const VectorXd& u, FixedByOne& out) {
  constexpr double kRounding = 1e-6;
  const VectorXd part = r_inv * u;
  for (Index j = 0; j < part.size(); ++j) {
    if (std::abs(part(j)) > kRounding * r_inv.row(j).norm()) {
      out.columns[static_cast<size_t>(j)] = 1;
    }
  }
  ++out.combinations;
}

// Eigenvectors of Qg'Qg, or of the smaller Qg Qg' brought back, whose eigenvalue is 1.
void AddCluster(const ConstMatrix& r_inv, const MatrixXd& qg, FixedByOne& out) {
  const bool tall = qg.rows() > qg.cols();
  const MatrixXd gram = tall ? MatrixXd(qg.transpose() * qg) : MatrixXd(qg * qg.transpose());
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(gram);
  for (Index i = 0; i < gram.rows(); ++i) {
    if (1 - eigen.eigenvalues()(i) >= kFullLeverage) continue;
    const VectorXd v = eigen.eigenvectors().col(i);
    Mark(r_inv, tall ? v : VectorXd(qg.transpose() * v), out);
  }
}

}  // namespace

FixedByOne FixedByOneCluster(const PivotedQr& qr, const std::vector<uint32_t>& codes,
                             size_t clusters) {
  const auto n = static_cast<Index>(qr.n), rank = static_cast<Index>(qr.rank);
  const ConstMatrix q(qr.q.data(), n, rank), r_inv(qr.r_inv.data(), rank, rank);
  FixedByOne out{0, std::vector<uint8_t>(qr.rank, 0)};
  const VectorXd leverage = q.rowwise().squaredNorm();
  std::vector<double> sum(clusters, 0.0);  // of eigenvalues: few clusters come near to 1
  for (size_t i = 0; i < codes.size(); ++i) sum[codes[i]] += leverage(static_cast<Index>(i));
  std::map<uint32_t, std::vector<Index>> rows;
  for (size_t i = 0; i < codes.size(); ++i) {
    if (1 - sum[codes[i]] < kFullLeverage) rows[codes[i]].push_back(static_cast<Index>(i));
  }
  for (const auto& own : rows) AddCluster(r_inv, q(own.second, Eigen::all), out);
  return out;
}

FixedByOne FixedByOneRow(const PivotedQr& qr) {
  const auto n = static_cast<Index>(qr.n), rank = static_cast<Index>(qr.rank);
  const ConstMatrix q(qr.q.data(), n, rank), r_inv(qr.r_inv.data(), rank, rank);
  FixedByOne out{0, std::vector<uint8_t>(qr.rank, 0)};
  const VectorXd leverage = q.rowwise().squaredNorm();
  for (Index i = 0; i < n; ++i) {
    if (1 - leverage(i) < kFullLeverage) Mark(r_inv, q.row(i).transpose(), out);
  }
  return out;
}

}  // namespace kinflow::family
