#include "stages/family/vcov.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "pipeline/base/nan.h"
#include "stages/family/block_sums.h"
#include "stages/family/satterthwaite.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using ConstMatrix = Eigen::Map<const MatrixXd>;

constexpr size_t kMaxAdjusted = 2000;  // rows of a cluster whose rows differ in variance
constexpr const char* kRowFixes = "a row has leverage 1: it alone fixes a coefficient";
constexpr const char* kClusterFixes = "a cluster alone fixes a coefficient";

constexpr std::array<std::pair<VcovType, const char*>, 10> kNames{{{VcovType::kConst, "const"},
                                                                   {VcovType::kHc0, "HC0"},
                                                                   {VcovType::kHc1, "HC1"},
                                                                   {VcovType::kHc2, "HC2"},
                                                                   {VcovType::kHc3, "HC3"},
                                                                   {VcovType::kCr0, "CR0"},
                                                                   {VcovType::kCr1, "CR1"},
                                                                   {VcovType::kCr1s, "CR1S"},
                                                                   {VcovType::kCr2, "CR2"},
                                                                   {VcovType::kCr3, "CR3"}}};

// Everything below works in the basis Q of the design: the "meat" is k x k over columns of Q and
// V = R^-1 meat R^-T, which needs no inverse of X'X.
struct Basis {
  ConstMatrix q, r_inv;
  Eigen::Map<const VectorXd> e;
  Eigen::Map<const VectorXd> variance;  // of a generalised linear model's rows; else of no length
  explicit Basis(const OlsFit& fit)
      : q(fit.qr.q.data(), static_cast<Index>(fit.n), static_cast<Index>(fit.qr.rank)),
        r_inv(fit.qr.r_inv.data(), static_cast<Index>(fit.qr.rank),
              static_cast<Index>(fit.qr.rank)),
        e(fit.residuals().data(), static_cast<Index>(fit.n)),
        variance(fit.variance.data(), static_cast<Index>(fit.variance.size())) {}
};

// A row of leverage 1 has residual 0 and tells only of what it fixes alone (FixedByOne): the meat
// is that of the other rows.
MatrixXd HcMeat(const Basis& b, VcovType type) {
  const auto n = static_cast<double>(b.q.rows()), k = static_cast<double>(b.q.cols());
  VectorXd w = b.e.cwiseAbs2();
  if (type == VcovType::kHc1) w *= n / (n - k);
  if (type == VcovType::kHc2 || type == VcovType::kHc3) {
    const VectorXd left = VectorXd::Ones(b.q.rows()) - b.q.rowwise().squaredNorm();
    const double power = type == VcovType::kHc3 ? 2 : 1;
    for (Index i = 0; i < w.size(); ++i) {
      w(i) = left(i) < kFullLeverage ? 0 : w(i) / std::pow(left(i), power);
    }
  }
  return WeightedCross(b.q, w);
}

/// One way in which rows share errors.
struct Clusters {
  SharedVector<uint32_t> codes;  // 0 .. n-1 of each row
  size_t n = 0;

  /// Rows of each cluster, in row order.
  std::vector<std::vector<Index>> Rows() const {
    std::vector<std::vector<Index>> rows(n);
    for (size_t i = 0; i < codes.size(); ++i) rows[codes[i]].push_back(static_cast<Index>(i));
    return rows;
  }
};

// Rows of the same cluster in both ways.
Clusters Crossed(const Clusters& a, const Clusters& b) {
  std::vector<uint32_t> codes;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> known;
  for (size_t i = 0; i < a.codes.size(); ++i) {
    const auto next = static_cast<uint32_t>(known.size());
    codes.push_back(known.emplace(std::pair(a.codes[i], b.codes[i]), next).first->second);
  }
  return {std::move(codes), known.size()};
}

// Qg'Qg or Qg Qg', the smaller of the two: their eigenvalues other than 0 are the same.
MatrixXd SmallerGram(const MatrixXd& qg) {
  if (qg.rows() > qg.cols()) return qg.transpose() * qg;
  return qg * qg.transpose();
}

// (I - H)^power of one cluster applied to the columns of `v`, H = Qg Qg'. Where the cluster alone
// fixes a coefficient I - H is singular: then by its pseudo-inverse, as clubSandwich does, as
// residuals have no part in what is left out. Works in the smaller of the two dimensions, by
// f(Qg Qg') = f(0) I + Qg g(Qg'Qg) Qg' with g(s) = (f(s) - f(0)) / s.
MatrixXd Adjusted(const MatrixXd& qg, double power, const MatrixXd& v) {
  const bool tall = qg.rows() > qg.cols();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(SmallerGram(qg));
  const VectorXd left = VectorXd::Ones(eigen.eigenvalues().size()) - eigen.eigenvalues();
  const MatrixXd& u = eigen.eigenvectors();
  VectorXd f(left.size());
  for (Index i = 0; i < left.size(); ++i) {
    f(i) = left(i) < kFullLeverage ? 0 : std::pow(left(i), power);
  }
  if (!tall) return u * (f.asDiagonal() * (u.transpose() * v));
  for (Index i = 0; i < left.size(); ++i) {
    const double s = eigen.eigenvalues()(i);
    f(i) = s > 1e-14 ? (f(i) - 1) / s : -power;
  }
  return v + qg * (u * (f.asDiagonal() * (u.transpose() * (qg.transpose() * v))));
}

// CR2 of a generalised linear model, whose rows differ in variance: clubSandwich's adjustment
// A = v^1/2 G^-1/2 v^1/2 with G = v (I - H) v, in terms of rows times v^1/2. Where all v are alike
// it is (I - H)^-1/2. G is diagonal less low rank, whose root has no such form where v differ:
// cubic in the rows of the cluster, kMaxAdjusted. It is singular as often as I - H is.
MatrixXd AdjustedByVariance(const MatrixXd& qg, const VectorXd& v, const MatrixXd& e) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> leverage(SmallerGram(qg), Eigen::EigenvaluesOnly);
  const Index singular = (1 - leverage.eigenvalues().array() < kFullLeverage).count();
  const MatrixXd left = MatrixXd::Identity(qg.rows(), qg.rows()) - qg * qg.transpose();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(v.asDiagonal() * left * v.asDiagonal());
  const MatrixXd& u = eigen.eigenvectors();
  VectorXd f = VectorXd::Zero(v.size());
  for (Index i = singular; i < f.size(); ++i) {  // eigenvalues ascend; of tiny v they are rounding
    const double value = eigen.eigenvalues()(i);
    if (value > 0) f(i) = 1 / std::sqrt(value);
  }
  return u * (f.asDiagonal() * (u.transpose() * (v.asDiagonal() * e)));
}

// Sums of s s' over the columns of `sums`, in fixed blocks.
MatrixXd CrossOfSums(const MatrixXd& sums) {
  MatrixXd cross = MatrixXd::Zero(sums.rows(), sums.rows());
  ForBlocks(sums.cols(), [&](Index begin, Index clusters) {
    const auto block = sums.middleCols(begin, clusters);
    cross += block * block.transpose();
  });
  return cross;
}

// Q_g'e_g of each cluster, a column each.
MatrixXd ClusterSums(const Basis& b, const Clusters& clusters) {
  constexpr Index kColumns = 8;  // side by side: those of a cluster share a line of cache
  MatrixXd sums = MatrixXd::Zero(b.q.cols(), static_cast<Index>(clusters.n));
  const std::vector<uint32_t>& codes = clusters.codes;
  for (Index first = 0; first < b.q.cols(); first += kColumns) {
    const Index end = std::min(first + kColumns, b.q.cols());
    for (Index i = 0; i < b.q.rows(); ++i) {
      double* const sum = &sums(0, codes[static_cast<size_t>(i)]);
      for (Index j = first; j < end; ++j) sum[j] += b.q(i, j) * b.e(i);
    }
  }
  return sums;
}

// The same of adjusted residuals; and the degrees of freedom of CR2, of least squares.
MatrixXd AdjustedSums(const Basis& b, const Clusters& clusters, Vcov& out) {
  MatrixXd sums(b.q.cols(), static_cast<Index>(clusters.n));
  Satterthwaite satterthwaite(b.r_inv);
  const bool cr2 = out.type == VcovType::kCr2, by_variance = cr2 && b.variance.size() > 0;
  Index cluster = 0;
  const auto all = clusters.Rows();
  if (by_variance && std::any_of(all.begin(), all.end(),
                                 [](const auto& rows) { return rows.size() > kMaxAdjusted; })) {
    out.reason =
        fmt::format("a cluster has more than {} rows, for which CR2 takes too long: use CR1 or CR3",
                    kMaxAdjusted);
    return {};
  }
  for (const auto& rows : all) {
    const auto size = static_cast<Index>(rows.size());
    MatrixXd qg(size, b.q.cols()), eg(size, 1);
    for (Index i = 0; i < size; ++i) {
      qg.row(i) = b.q.row(rows[static_cast<size_t>(i)]);
      eg(i, 0) = b.e(rows[static_cast<size_t>(i)]);
    }
    const double power = cr2 ? -0.5 : -1.0;
    VectorXd v(by_variance ? size : 0);
    for (Index i = 0; i < v.size(); ++i) v(i) = b.variance(rows[static_cast<size_t>(i)]);
    sums.col(cluster++) =
        qg.transpose() * (by_variance ? AdjustedByVariance(qg, v, eg) : Adjusted(qg, power, eg));
    if (cr2 && !by_variance) satterthwaite.Add(qg, Adjusted(qg, power, qg));
  }
  if (cr2 && !by_variance) {
    for (size_t j = 0; j < out.rank; ++j) out.df[j] = satterthwaite.Df(static_cast<Index>(j));
    out.satterthwaite = std::make_shared<const Satterthwaite>(std::move(satterthwaite));
  }
  return sums;
}

MatrixXd CrMeat(const Basis& b, const Clusters& clusters, Vcov& out) {
  const bool adjusts = out.type == VcovType::kCr2 || out.type == VcovType::kCr3;
  MatrixXd meat = CrossOfSums(adjusts ? AdjustedSums(b, clusters, out) : ClusterSums(b, clusters));
  const auto g = static_cast<double>(clusters.n), n = static_cast<double>(clusters.codes.size());
  if (out.type == VcovType::kCr1 || out.type == VcovType::kCr1s) meat *= g / (g - 1);
  if (out.type == VcovType::kCr1s) meat *= (n - 1) / (n - static_cast<double>(out.rank));
  return meat;
}

MatrixXd ClusteredMeat(const Basis& b, const Design& design, Vcov& out) {
  const Clusters first{design.cluster, design.n_clusters};
  if (design.second_cluster.empty()) return CrMeat(b, first, out);
  const Clusters second{design.second_cluster, design.n_second_clusters};
  return CrMeat(b, first, out) + CrMeat(b, second, out) - CrMeat(b, Crossed(first, second), out);
}

// What either way of clusters, or a row, fixes alone; refused if too few clusters tell of the rest.
std::vector<uint8_t> FixedOf(const Design& design, const PivotedQr& qr, Vcov& out) {
  if (!IsClustered(out.type)) return FixedByOneRow(qr).columns;
  const FixedByOne first = FixedByOneCluster(qr, design.cluster, design.n_clusters);
  RefuseFewClusters(design.n_clusters, out.rank - first.combinations, out);
  std::vector<uint8_t> columns = first.columns;
  if (design.second_cluster.empty()) return columns;
  const FixedByOne second = FixedByOneCluster(qr, design.second_cluster, design.n_second_clusters);
  RefuseFewClusters(design.n_second_clusters, out.rank - second.combinations, out);
  for (size_t i = 0; i < columns.size(); ++i) columns[i] |= second.columns[i];
  return columns;
}

}  // namespace

const char* VcovName(VcovType type) {
  for (const auto& [value, name] : kNames) {
    if (value == type) return name;
  }
  return "";
}

std::optional<VcovType> FindVcov(std::string_view name) {
  for (const auto& [value, known] : kNames) {
    if (name == known) return value;
  }
  return std::nullopt;
}

std::vector<std::string> VcovNames() {
  std::vector<std::string> names;
  for (const auto& entry : kNames) names.emplace_back(entry.second);
  return names;
}

bool IsClustered(VcovType type) { return type >= VcovType::kCr0; }

size_t FewestClusters(const Design& design) {
  return design.second_cluster.empty() ? design.n_clusters
                                       : std::min(design.n_clusters, design.n_second_clusters);
}

void RefuseFewClusters(size_t clusters, size_t parameters, Vcov& vcov) {
  if (clusters > parameters) return;
  vcov.reason = fmt::format(
      "{} clusters for {} parameters: errors and p values by so few are not to be trusted",
      clusters, parameters);
  vcov.values.assign(vcov.values.size(), kNan);
}

void RefuseFixed(std::vector<uint8_t> fixed, bool clustered, Vcov& vcov) {
  if (std::count(fixed.begin(), fixed.end(), 1) == 0) return;
  for (size_t i = 0; i < vcov.rank; ++i) {
    for (size_t j = 0; j < vcov.rank; ++j) {
      if (fixed[i] != 0 || fixed[j] != 0) vcov.values[j * vcov.rank + i] = kNan;
    }
  }
  vcov.fixed = std::move(fixed);
  vcov.fixed_reason = clustered ? kClusterFixes : kRowFixes;
}

std::string MissingErrors(const Vcov& vcov, const std::string& name) {
  if (!vcov.reason.empty()) return fmt::format("{} standard errors are NA: {}", name, vcov.reason);
  if (vcov.fixed.empty()) return "";
  return fmt::format("{} standard errors of {} of {} coefficients are NA: {}", name,
                     std::count(vcov.fixed.begin(), vcov.fixed.end(), 1), vcov.rank,
                     vcov.fixed_reason);
}

Vcov CovarianceOf(const Design& design, const OlsFit& fit, VcovType type) {
  Vcov out;
  out.type = type;
  out.rank = fit.qr.rank;
  out.values.assign(out.rank * out.rank, kNan);
  const size_t clusters = FewestClusters(design);
  out.wald_df =
      IsClustered(type) ? static_cast<double>(clusters) - 1 : static_cast<double>(fit.df_resid);
  out.df.assign(out.rank, out.wald_df);
  if (IsClustered(type) && clusters < 2) {
    out.reason = "fewer than two clusters";
    return out;
  }
  std::vector<uint8_t> fixed;
  if (type != VcovType::kConst) fixed = FixedOf(design, fit.qr, out);
  if (!out.reason.empty()) return out;
  const Basis b(fit);
  MatrixXd meat;
  if (type == VcovType::kConst) {
    const double s2 = fit.sigma * fit.sigma;
    meat = s2 * MatrixXd::Identity(b.q.cols(), b.q.cols());
  } else {
    meat = IsClustered(type) ? ClusteredMeat(b, design, out) : HcMeat(b, type);
  }
  if (!out.reason.empty()) return out;
  const MatrixXd half = b.r_inv * meat;
  MatrixXd v = half * b.r_inv.transpose();
  for (size_t i = 0; i < fixed.size(); ++i) {  // rounding noise
    if (fixed[i] != 0) v(static_cast<Index>(i), static_cast<Index>(i)) = 0;
  }
  if (v.diagonal().minCoeff() < 0) {  // a difference of matrices, of two ways, can have these
    out.reason = "a two-way variance is negative: there are too few clusters";
    return out;
  }
  Eigen::Map<MatrixXd>(out.values.data(), v.rows(), v.cols()) = (v + v.transpose()) / 2;
  RefuseFixed(std::move(fixed), IsClustered(type), out);
  return out;
}

}  // namespace kinflow::family
