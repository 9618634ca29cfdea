#include "stages/family/groups/transmission.h"

#include <cmath>
#include <map>
#include <set>

#include "pipeline/base/error.h"
#include "stages/family/groups/one_way.h"
#include "stages/family/results.h"

namespace kinflow::family {
namespace {

std::vector<double> At(const std::vector<double>& values, const std::vector<uint32_t>& rows) {
  std::vector<double> out;
  out.reserve(rows.size());
  for (const uint32_t r : rows) out.push_back(values[r]);
  return out;
}

/// Sums over clusters of what each row adds to a mean, or to a difference of means.
class ClusterSums {
 public:
  explicit ClusterSums(const std::vector<uint32_t>& cluster) : cluster_(cluster) {}

  /// The mean of the values at `rows`, whose residuals count `sign` / n each.
  double Add(const std::vector<double>& values, const std::vector<uint32_t>& rows, double sign) {
    const double mean = MeanOf(At(values, rows));
    const auto n = static_cast<double>(rows.size());
    for (const uint32_t r : rows) sums_[cluster_[r]] += sign * (values[r] - mean) / n;
    return mean;
  }
  double clusters() const { return static_cast<double>(sums_.size()); }
  double Error() const {
    if (sums_.size() < 2) return kNa;
    double sum = 0;
    for (const auto& [code, part] : sums_) sum += part * part;
    return std::sqrt(sum * clusters() / (clusters() - 1));
  }

 private:
  const std::vector<uint32_t>& cluster_;
  std::map<uint32_t, double> sums_;
};

}  // namespace

std::vector<double> TransmissionDeviations(const std::vector<double>& child,
                                           const std::vector<double>& mother,
                                           const std::vector<double>& father,
                                           const std::vector<int64_t>& couple) {
  std::vector<double> deviations, of_couples;
  std::set<int64_t> seen;
  for (size_t i = 0; i < child.size(); ++i) {
    const double parents = (mother[i] + father[i]) / 2;
    deviations.push_back(child[i] - parents);
    if (seen.insert(couple[i]).second) of_couples.push_back(parents);
  }
  const double sd = of_couples.size() < 2 ? 0 : std::sqrt(VarianceOf(of_couples));
  if (!(sd > 0)) {
    throw Error(ErrorId::kNoEstimableTerm, "the parents' scores do not vary")
        .Remedy("check the score: its match_summary.tsv tells how many of its variants are there");
  }
  for (double& deviation : deviations) deviation /= sd;
  return deviations;
}

MeanTest MeanOfRows(const std::vector<double>& values, const std::vector<uint32_t>& rows) {
  const auto n = static_cast<int64_t>(rows.size());
  if (n < 2) return {kNa, kNa, kNa, n, 0};
  const auto at = At(values, rows);
  const auto size = static_cast<double>(n);
  return {MeanOf(at), std::sqrt(VarianceOf(at) / size), size - 1, n, 0};
}

MeanTest ClusteredMean(const std::vector<double>& values, const std::vector<uint32_t>& rows,
                       const std::vector<uint32_t>& cluster) {
  const auto n = static_cast<int64_t>(rows.size());
  if (n < 2) return {kNa, kNa, kNa, n, n};
  ClusterSums sums(cluster);
  const double mean = sums.Add(values, rows, 1);
  return {mean, sums.Error(), sums.clusters() - 1, n, static_cast<int64_t>(sums.clusters())};
}

MeanTest DifferenceOfMeans(const std::vector<double>& values, const std::vector<uint32_t>& a,
                           const std::vector<uint32_t>& b) {
  const auto n = static_cast<int64_t>(a.size() + b.size());
  if (a.size() < 2 || b.size() < 2) return {kNa, kNa, kNa, n, 0};
  const MeanTest one = MeanOfRows(values, a), other = MeanOfRows(values, b);
  const double v1 = one.std_error * one.std_error, v2 = other.std_error * other.std_error;
  const double df = (v1 + v2) * (v1 + v2) / (v1 * v1 / one.df + v2 * v2 / other.df);
  return {one.estimate - other.estimate, std::sqrt(v1 + v2), df, n, 0};
}

MeanTest ClusteredDifference(const std::vector<double>& values, const std::vector<uint32_t>& a,
                             const std::vector<uint32_t>& b, const std::vector<uint32_t>& cluster) {
  const auto n = static_cast<int64_t>(a.size() + b.size());
  if (a.size() < 2 || b.size() < 2) return {kNa, kNa, kNa, n, n};
  ClusterSums sums(cluster);
  const double one = sums.Add(values, a, 1);
  const double other = sums.Add(values, b, -1);
  return {one - other, sums.Error(), sums.clusters() - 1, n, static_cast<int64_t>(sums.clusters())};
}

}  // namespace kinflow::family
