#include "stages/family/qr.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace kinflow::family {
namespace {

using Matrix = Eigen::Map<Eigen::MatrixXd>;
using Vector = Eigen::Map<Eigen::VectorXd>;
using Eigen::Index;

struct Norms {
  double now = 0;       // of the part below the rows already reduced, updated
  double original = 1;  // of the whole column
};

void MoveToEnd(Matrix& x, std::vector<size_t>& order, std::vector<Norms>& norms, Index from) {
  const Eigen::VectorXd column = x.col(from);
  for (Index j = from; j + 1 < x.cols(); ++j) x.col(j) = x.col(j + 1);
  x.col(x.cols() - 1) = column;
  std::rotate(order.begin() + from, order.begin() + from + 1, order.end());
  std::rotate(norms.begin() + from, norms.begin() + from + 1, norms.end());
}

// v -= u (u'v) / u_0 over rows l.., u as left by ReduceColumn.
template <class Column>
void Reflect(const Matrix& x, Index l, double head, Column&& v) {
  const Index rest = x.rows() - l - 1;
  double t = head * v(l);
  if (rest > 0) t += x.col(l).tail(rest).dot(v.tail(rest));
  t = -t / head;
  v(l) += t * head;
  if (rest > 0) v.tail(rest) += t * x.col(l).tail(rest);
}

// Reflects column l onto its diagonal and applies it to the columns behind. Returns u_0; the
// diagonal of R is left in x(l, l).
double ReduceColumn(Matrix& x, Index l, std::vector<Norms>& norms) {
  double norm = x.col(l).tail(x.rows() - l).norm();
  if (norm == 0) return 0;
  if (x(l, l) < 0) norm = -norm;
  x.col(l).tail(x.rows() - l) /= norm;
  const double head = x(l, l) + 1;
  for (Index j = l + 1; j < x.cols(); ++j) {
    Reflect(x, l, head, x.col(j));
    Norms& nj = norms[static_cast<size_t>(j)];
    if (nj.now == 0) continue;
    const double ratio = std::abs(x(l, j)) / nj.now;
    const double left = std::max(0.0, 1 - ratio * ratio);
    if (left < 1e-6) {
      nj.now = x.col(j).tail(x.rows() - l - 1).norm();
    } else {
      nj.now *= std::sqrt(left);
    }
  }
  x(l, l) = -norm;
  return head;
}

}  // namespace

PivotedQr FactorQr(std::vector<double> values, size_t n, size_t k, const std::vector<double>& y,
                   double tolerance) {
  Matrix x(values.data(), static_cast<Index>(n), static_cast<Index>(k));
  std::vector<size_t> order(k);
  std::iota(order.begin(), order.end(), size_t{0});
  std::vector<Norms> norms(k);
  for (size_t j = 0; j < k; ++j) {
    const double norm = x.col(static_cast<Index>(j)).norm();
    norms[j] = {norm, norm == 0 ? 1 : norm};
  }
  std::vector<double> heads;
  size_t candidates = k;
  for (size_t l = 0; l < std::min(n, candidates); ++l) {
    while (l < candidates && norms[l].now < norms[l].original * tolerance) {
      MoveToEnd(x, order, norms, static_cast<Index>(l));
      --candidates;
    }
    if (l >= candidates) break;
    heads.push_back(ReduceColumn(x, static_cast<Index>(l), norms));
  }

  PivotedQr out;
  out.n = n;
  out.rank = heads.size();
  out.used.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(out.rank));
  const auto rank = static_cast<Index>(out.rank);
  Eigen::VectorXd z = Eigen::Map<const Eigen::VectorXd>(y.data(), static_cast<Index>(n));
  for (Index l = 0; l < rank; ++l) Reflect(x, l, heads[static_cast<size_t>(l)], z);
  out.effects.assign(z.data(), z.data() + rank);
  z.head(rank).setZero();
  for (Index l = rank - 1; l >= 0; --l) Reflect(x, l, heads[static_cast<size_t>(l)], z);
  out.residuals.assign(z.data(), z.data() + z.size());

  out.r_inv.assign(out.rank * out.rank, 0.0);
  Matrix r_inv(out.r_inv.data(), rank, rank);
  r_inv.setIdentity();
  x.topLeftCorner(rank, rank).triangularView<Eigen::Upper>().solveInPlace(r_inv);
  out.q.assign(n * out.rank, 0.0);
  Matrix q(out.q.data(), static_cast<Index>(n), rank);
  for (Index j = 0; j < rank; ++j) {
    q(j, j) = 1;
    for (Index l = j; l >= 0; --l) Reflect(x, l, heads[static_cast<size_t>(l)], q.col(j));
  }
  return out;
}

}  // namespace kinflow::family
