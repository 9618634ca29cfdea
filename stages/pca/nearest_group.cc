#include "stages/pca/nearest_group.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "pipeline/base/error.h"
#include "stages/family/tails.h"

namespace kinflow::pca {
namespace {

using Eigen::ArrayXd;
using Eigen::VectorXd;

/// People of a group, and how densely one more of them lies where.
class Group {
 public:
  /// `places`: a row a person.
  Group(Eigen::MatrixXd places, const std::string& name)
      : n_(static_cast<double>(places.rows())), p_(static_cast<double>(places.cols())) {
    mean_ = places.colwise().mean();
    places.rowwise() -= mean_.transpose();
    scatter_.compute(places.transpose() * places);
    const VectorXd diagonal = scatter_.matrixLLT().diagonal();
    if (scatter_.info() != Eigen::Success || !(diagonal.minCoeff() > 1e-7 * diagonal.maxCoeff())) {
      throw Error(ErrorId::kNoEstimableTerm,
                  "components of a group of the reference depend on each other or do not vary")
          .Field("pca.reference.group")
          .Value(name)
          .Remedy("look at its people, or lower pca.reference.components");
    }
    half_log_determinant_ = diagonal.array().log().sum();
  }

  double SquaredMahalanobis(const VectorXd& at) const { return (n_ - 1) * Distance(at); }

  double LogDensity(const VectorXd& at) const {
    return Constant(n_) - n_ / 2 * std::log1p(n_ / (n_ + 1) * Distance(at));
  }
  /// Of somebody of the group, by the others: the same of n - 1 people, without a fit of their own.
  double LogDensityWithout(const VectorXd& own) const {
    const double left = std::max(1e-12, 1 - n_ / (n_ - 1) * Distance(own));
    return Constant(n_ - 1) + (n_ - 2) / 2 * std::log(left);
  }

 private:
  double Distance(const VectorXd& at) const {
    return scatter_.matrixL().solve(at - mean_).squaredNorm();
  }
  double Constant(double n) const {
    return std::lgamma(n / 2) - std::lgamma((n - p_) / 2) - p_ / 2 * std::log((n + 1) / n) -
           half_log_determinant_;
  }

  double n_, p_;
  VectorXd mean_;
  Eigen::LLT<Eigen::MatrixXd> scatter_;
  double half_log_determinant_ = 0;
};

VectorXd PlaceOf(const std::vector<std::vector<double>>& pcs, size_t person) {
  VectorXd place(static_cast<int64_t>(pcs.size()));
  for (size_t k = 0; k < pcs.size(); ++k) place[static_cast<int64_t>(k)] = pcs[k][person];
  return place;
}

Group GroupOf(const ReferencePeople& reference, const std::vector<size_t>& people,
              const std::string& name) {
  const auto components = static_cast<int64_t>(reference.pcs.size());
  const auto n = static_cast<int64_t>(people.size());
  if (n < components + 2) {
    throw Error(
        ErrorId::kTooFewRows,
        fmt::format("a group of the reference has {} people for {} components", n, components))
        .Field("pca.reference.group")
        .Value(name)
        .Remedy("join it with another, leave it out, or lower pca.reference.components");
  }
  Eigen::MatrixXd places(n, components);
  for (int64_t i = 0; i < n; ++i) {
    places.row(i) = PlaceOf(reference.pcs, people[static_cast<size_t>(i)]);
  }
  return {std::move(places), name};
}

ArrayXd Shares(const ArrayXd& log_density) {
  const ArrayXd density = (log_density - log_density.maxCoeff()).exp();
  return density / density.sum();
}

/// Probabilities of groups from the log densities of a place.
class Calibration {
 public:
  /// Somebody of the reference, of the group at `own`.
  void Add(const ArrayXd& log_density, int64_t own) {
    const double by_error = kWrongLabels / static_cast<double>(log_density.size());
    for (int64_t k = 0; k < kPowers; ++k) {
      const double share = Shares(Power(k) * log_density)[own];
      log_likelihood_[k] += std::log(by_error + (1 - kWrongLabels) * share);
    }
  }
  ArrayXd Probabilities(const ArrayXd& log_density) const {
    const ArrayXd weights = Shares(log_likelihood_);
    ArrayXd sum = ArrayXd::Zero(log_density.size());
    for (int64_t k = 0; k < kPowers; ++k) sum += weights[k] * Shares(Power(k) * log_density);
    return sum;
  }

 private:
  static constexpr int64_t kPowers = 21;
  // One person of the reference under a wrong label must not make all groups seem close.
  static constexpr double kWrongLabels = 0.01;
  static double Power(int64_t k) { return static_cast<double>(k) / (kPowers - 1); }

  ArrayXd log_likelihood_ = ArrayXd::Zero(kPowers);
};

ArrayXd LogDensities(const std::vector<Group>& groups, const VectorXd& place) {
  ArrayXd densities(static_cast<int64_t>(groups.size()));
  for (size_t g = 0; g < groups.size(); ++g) {
    densities[static_cast<int64_t>(g)] = groups[g].LogDensity(place);
  }
  return densities;
}

}  // namespace

NearestGroups FindNearestGroups(const ReferencePeople& reference,
                                const std::vector<std::vector<double>>& pcs) {
  std::map<std::string, std::vector<size_t>> members;
  for (size_t i = 0; i < reference.group.size(); ++i) members[reference.group[i]].push_back(i);
  NearestGroups result;
  std::vector<Group> groups;
  for (const auto& [name, people] : members) {
    result.groups.push_back(name);
    groups.push_back(GroupOf(reference, people, name));
  }
  Calibration calibration;
  for (size_t g = 0; g < groups.size(); ++g) {
    const auto own = static_cast<int64_t>(g);
    for (const size_t person : members.at(result.groups[g])) {
      const VectorXd place = PlaceOf(reference.pcs, person);
      ArrayXd densities = LogDensities(groups, place);
      densities[own] = groups[g].LogDensityWithout(place);
      calibration.Add(densities, own);
    }
  }
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const size_t n = pcs.front().size();
  result.probability.assign(groups.size(), std::vector<double>(n, kNone));
  result.nearest.assign(n, UINT32_MAX);
  result.distance_p.assign(n, kNone);
  for (size_t person = 0; person < n; ++person) {
    const VectorXd place = PlaceOf(pcs, person);
    if (!place.allFinite()) continue;
    const ArrayXd densities = LogDensities(groups, place);
    const ArrayXd shares = calibration.Probabilities(densities);
    for (size_t g = 0; g < groups.size(); ++g) {
      result.probability[g][person] = shares[static_cast<int64_t>(g)];
    }
    int64_t best = 0;
    densities.maxCoeff(&best);
    result.nearest[person] = static_cast<uint32_t>(best);
    result.distance_p[person] =
        family::UpperChi2(groups[static_cast<size_t>(best)].SquaredMahalanobis(place),
                          static_cast<double>(pcs.size()))
            .p;
  }
  return result;
}

}  // namespace kinflow::pca
