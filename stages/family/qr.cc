#include "stages/family/qr.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "stages/family/block_sums.h"

namespace kinflow::family {
namespace {

using Matrix = Eigen::Map<Eigen::MatrixXd>;
using ConstMatrix = Eigen::Map<const Eigen::MatrixXd>;
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

/// R of a matrix with unit columns, by Cholesky; none unless every column keeps so much of itself
/// beside the ones before it that squaring costs few digits.
std::optional<Eigen::MatrixXd> WellConditionedR(const Eigen::MatrixXd& gram) {
  constexpr double kKept = 1e-3;
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Upper> cholesky(gram);
  if (cholesky.info() != Eigen::Success) return std::nullopt;
  Eigen::MatrixXd r = cholesky.matrixU();
  if (!(r.diagonal().minCoeff() >= kKept)) return std::nullopt;
  return r;
}

// Products of a few columns are faster column by column than by a packed product of matrices.
constexpr Index kFewColumns = 8;

Eigen::MatrixXd GramOf(const Eigen::Ref<const Eigen::MatrixXd>& x) {
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(x.cols(), x.cols());
  if (x.cols() > kFewColumns) {
    gram.selfadjointView<Eigen::Upper>().rankUpdate(x.transpose());
    return gram;
  }
  ForBlocks(x.rows(), [&](Index begin, Index rows) {
    for (Index c = 0; c < x.cols(); ++c) {
      for (Index r = 0; r <= c; ++r) {
        gram(r, c) +=
            (x.col(r).segment(begin, rows).array() * x.col(c).segment(begin, rows).array()).sum();
      }
    }
  });
  return gram;
}

/// x R^-1 in place.
template <class Columns>
void SolveOnRight(const Eigen::MatrixXd& r, Columns&& x) {
  if (x.cols() > kFewColumns) {
    r.triangularView<Eigen::Upper>().template solveInPlace<Eigen::OnTheRight>(x);
    return;
  }
  ForBlocks(x.rows(), [&](Index begin, Index rows) {
    for (Index c = 0; c < x.cols(); ++c) {
      auto column = x.col(c).segment(begin, rows);
      for (Index b = 0; b < c; ++b) column -= r(b, c) * x.col(b).segment(begin, rows);
      column /= r(c, c);
    }
  });
}

/// Of columns that are far from dependent: Cholesky twice (CholeskyQR2, Yamamoto et al. 2015), as
/// accurate there as reflections and a few passes over the rows. False if they are not.
bool FactorByCholesky(const ConstMatrix& x, PivotedQr& out) {
  const Index n = x.rows(), k = x.cols();
  if (k == 0 || n < k) return false;
  const Eigen::MatrixXd gram = GramOf(x);
  const Eigen::VectorXd scale = gram.diagonal().cwiseSqrt().cwiseInverse();
  if (!scale.allFinite()) return false;
  const auto first = WellConditionedR(scale.asDiagonal() * gram * scale.asDiagonal());
  if (!first) return false;
  const auto rank = static_cast<size_t>(k);
  std::vector<double> values(static_cast<size_t>(x.size()));
  Matrix q(values.data(), n, k);
  q = x * scale.asDiagonal();
  SolveOnRight(*first, q);
  const auto second = WellConditionedR(GramOf(q));
  if (!second) return false;
  SolveOnRight(*second, q);
  Eigen::MatrixXd r_inv = scale.asDiagonal();
  SolveOnRight(*first, r_inv);
  SolveOnRight(*second, r_inv);
  out.n = static_cast<size_t>(n);
  out.rank = rank;
  out.used.resize(rank);
  std::iota(out.used.begin(), out.used.end(), size_t{0});
  out.q = std::move(values);
  out.r_inv.assign(r_inv.data(), r_inv.data() + r_inv.size());
  return true;
}

/// By Householder reflections: the columns that can be used, and the factors of them.
PivotedQr FactorByReflections(std::vector<double> values, size_t n, size_t k, double tolerance) {
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
  out.r_inv.assign(out.rank * out.rank, 0.0);
  Matrix r_inv(out.r_inv.data(), rank, rank);
  r_inv.setIdentity();
  x.topLeftCorner(rank, rank).triangularView<Eigen::Upper>().solveInPlace(r_inv);
  std::vector<double> columns(n * out.rank, 0.0);
  Matrix q(columns.data(), static_cast<Index>(n), rank);
  for (Index j = 0; j < rank; ++j) {
    q(j, j) = 1;
    for (Index l = j; l >= 0; --l) Reflect(x, l, heads[static_cast<size_t>(l)], q.col(j));
  }
  out.q = std::move(columns);
  return out;
}

}  // namespace

PivotedQr FactorQr(const std::vector<double>& values, size_t n, size_t k, double tolerance) {
  PivotedQr out;
  const ConstMatrix x(values.data(), static_cast<Index>(n), static_cast<Index>(k));
  if (FactorByCholesky(x, out)) return out;
  out = FactorByReflections(values, n, k, tolerance);
  if (out.rank == k) return out;
  // Columns that are left out take no part, to the bit.
  std::vector<double> left;
  for (const size_t c : out.used) {
    left.insert(left.end(), values.begin() + static_cast<std::ptrdiff_t>(c * n),
                values.begin() + static_cast<std::ptrdiff_t>((c + 1) * n));
  }
  PivotedQr again = FactorQr(left, n, out.rank, tolerance);
  for (size_t& c : again.used) c = out.used[c];
  return again;
}

QrOutcome ProjectOn(const PivotedQr& qr, std::vector<double> y) {
  const ConstMatrix q(qr.q.data(), static_cast<Index>(qr.n), static_cast<Index>(qr.rank));
  Eigen::Map<Eigen::VectorXd> e(y.data(), q.rows());
  Eigen::VectorXd effects = Eigen::VectorXd::Zero(q.cols());
  for (int pass = 0; pass < 2; ++pass) {  // the second takes away what rounding left of Q in e
    const Eigen::VectorXd left = q.transpose() * e;
    e.noalias() -= q * left;
    effects += left;
  }
  return {{effects.data(), effects.data() + effects.size()}, std::move(y)};
}

}  // namespace kinflow::family
