#include "stages/pca/nearest_group.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>

#include "pipeline/base/error.h"
#include "stages/family/tails.h"

namespace kinflow::pca {
namespace {

struct Group {
  Eigen::VectorXd mean;
  Eigen::LLT<Eigen::MatrixXd> covariance;
  double log_determinant = 0;

  double SquaredDistance(const Eigen::VectorXd& at) const {
    return covariance.matrixL().solve(at - mean).squaredNorm();
  }
};

Eigen::VectorXd PlaceOf(const std::vector<std::vector<double>>& pcs, size_t person) {
  Eigen::VectorXd place(static_cast<int64_t>(pcs.size()));
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
  Group group;
  group.mean = places.colwise().mean();
  places.rowwise() -= group.mean.transpose();
  group.covariance.compute(places.transpose() * places / static_cast<double>(n - 1));
  const Eigen::VectorXd diagonal = group.covariance.matrixLLT().diagonal();
  if (group.covariance.info() != Eigen::Success ||
      !(diagonal.minCoeff() > 1e-7 * diagonal.maxCoeff())) {
    throw Error(ErrorId::kNoEstimableTerm,
                "components of a group of the reference depend on each other or do not vary")
        .Field("pca.reference.group")
        .Value(name)
        .Remedy("look at its people, or lower pca.reference.components");
  }
  group.log_determinant = 2 * diagonal.array().log().sum();
  return group;
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
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const size_t n = pcs.front().size();
  result.probability.assign(groups.size(), std::vector<double>(n, kNone));
  result.nearest.assign(n, UINT32_MAX);
  result.distance_p.assign(n, kNone);
  Eigen::ArrayXd log_density(static_cast<int64_t>(groups.size())), distance = log_density;
  for (size_t person = 0; person < n; ++person) {
    const Eigen::VectorXd place = PlaceOf(pcs, person);
    if (!place.allFinite()) continue;
    for (size_t g = 0; g < groups.size(); ++g) {
      const auto at = static_cast<int64_t>(g);
      distance[at] = groups[g].SquaredDistance(place);
      log_density[at] = -0.5 * (distance[at] + groups[g].log_determinant);
    }
    int64_t best = 0;
    const double top = log_density.maxCoeff(&best);
    const Eigen::ArrayXd density = (log_density - top).exp();
    for (size_t g = 0; g < groups.size(); ++g) {
      result.probability[g][person] = density[static_cast<int64_t>(g)] / density.sum();
    }
    result.nearest[person] = static_cast<uint32_t>(best);
    result.distance_p[person] =
        family::UpperChi2(distance[best], static_cast<double>(pcs.size())).p;
  }
  return result;
}

}  // namespace kinflow::pca
