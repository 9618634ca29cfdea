#include "stages/plates/cmh.h"

#include <Eigen/Dense>
#include <algorithm>
#include <limits>
#include <numeric>

#include "stages/family/tails.h"

namespace kinflow::plates {
namespace {

/// What the test needs of the strata that vary.
struct Moments {
  std::vector<double> difference;  // by level: ALT alleles beyond expectation
  std::vector<double> diagonal;    // by level: variance without the part of rank one
  Eigen::MatrixXd ranks;           // levels x strata: the covariance is diagonal - ranks ranks'
};

Moments MomentsOf(std::span<const AlleleCounts> strata) {
  const size_t levels = strata.empty() ? 0 : strata.front().all.size();
  Moments m{
      std::vector<double>(levels, 0), std::vector<double>(levels, 0),
      Eigen::MatrixXd::Zero(static_cast<int64_t>(levels), static_cast<int64_t>(strata.size()))};
  for (size_t k = 0; k < strata.size(); ++k) {
    const AlleleCounts& s = strata[k];
    const double n = std::accumulate(s.all.begin(), s.all.end(), 0.0);
    const double alt = std::accumulate(s.alt.begin(), s.alt.end(), 0.0);
    if (n < 2 || alt <= 0 || alt >= n) continue;
    const double c = alt * (n - alt) / (n * n * (n - 1));
    for (size_t j = 0; j < levels; ++j) {
      m.difference[j] += s.alt[j] - s.all[j] * alt / n;
      m.diagonal[j] += c * n * s.all[j];
      m.ranks(static_cast<int64_t>(j), static_cast<int64_t>(k)) = std::sqrt(c) * s.all[j];
    }
  }
  return m;
}

/// Levels whose differences can be tested: all that vary but one of each group that shares strata,
/// directly or by other levels. Within a group the differences sum to 0.
std::vector<int64_t> FreeLevels(const Moments& m) {
  const auto levels = static_cast<int64_t>(m.diagonal.size());
  std::vector<int64_t> group(m.diagonal.size());
  std::iota(group.begin(), group.end(), 0);
  const auto first_of = [&group](int64_t j) {
    while (group[static_cast<size_t>(j)] != j) j = group[static_cast<size_t>(j)];
    return j;
  };
  for (int64_t k = 0; k < m.ranks.cols(); ++k) {
    int64_t first = levels;  // the smallest level of the group that the stratum joins
    for (int64_t j = 0; j < levels; ++j) {
      if (m.ranks(j, k) <= 0) continue;
      const int64_t own = first_of(j);
      if (first == levels) first = own;
      group[static_cast<size_t>(std::max(first, own))] = std::min(first, own);
      first = std::min(first, own);
    }
  }
  std::vector<int64_t> free;
  for (int64_t j = 0; j < levels; ++j) {
    if (m.diagonal[static_cast<size_t>(j)] > 0 && first_of(j) != j) free.push_back(j);
  }
  return free;
}

}  // namespace

CmhResult CmhTest(std::span<const AlleleCounts> strata) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const Moments m = MomentsOf(strata);
  const std::vector<int64_t> used = FreeLevels(m);
  if (used.empty()) return {kNone, 0, kNone};
  const auto rows = static_cast<int64_t>(used.size());
  Eigen::VectorXd d(rows), inverse(rows);
  Eigen::MatrixXd w(rows, m.ranks.cols());
  for (int64_t i = 0; i < rows; ++i) {
    const auto j = static_cast<size_t>(used[static_cast<size_t>(i)]);
    d[i] = m.difference[j];
    inverse[i] = 1 / m.diagonal[j];
    w.row(i) = m.ranks.row(static_cast<int64_t>(j));
  }
  const Eigen::VectorXd scaled = inverse.asDiagonal() * d;
  const Eigen::MatrixXd inner =
      Eigen::MatrixXd::Identity(w.cols(), w.cols()) - w.transpose() * inverse.asDiagonal() * w;
  const Eigen::VectorXd right = w.transpose() * scaled;
  const Eigen::VectorXd solved = inner.completeOrthogonalDecomposition().solve(right);
  const double chi2 = d.dot(scaled) + right.dot(solved);
  const auto df = static_cast<uint32_t>(rows);
  return {chi2, df, family::UpperChi2(chi2, df).p};
}

}  // namespace kinflow::plates
