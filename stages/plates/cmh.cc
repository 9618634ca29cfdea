#include "stages/plates/cmh.h"

#include <Eigen/Dense>
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

}  // namespace

CmhResult CmhTest(std::span<const AlleleCounts> strata) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const Moments m = MomentsOf(strata);
  std::vector<int64_t> used;
  for (size_t j = 0; j < m.diagonal.size(); ++j) {
    if (m.diagonal[j] > 0) used.push_back(static_cast<int64_t>(j));
  }
  if (used.size() < 2) return {kNone, 0, kNone};
  used.pop_back();  // the levels' differences sum to 0
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
