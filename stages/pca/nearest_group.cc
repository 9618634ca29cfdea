#include "stages/pca/nearest_group.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "pipeline/base/error.h"
#include "stages/family/tails.h"

namespace kinflow::pca {
namespace {

using Eigen::ArrayXd;
using Eigen::VectorXd;

/// The people of a group about their mean.
struct Members {
  /// `places`: a row a person.
  explicit Members(const Eigen::MatrixXd& places)
      : n(static_cast<double>(places.rows())), mean(places.colwise().mean()) {
    const Eigen::MatrixXd centred = places.rowwise() - mean.transpose();
    scatter = centred.transpose() * centred;
  }
  /// What one of them adds to the scatter of the others.
  Eigen::MatrixXd ScatterOf(const VectorXd& one) const {
    return n / (n - 1) * (one - mean) * (one - mean).transpose();
  }
  /// All but one of them.
  Members Without(const VectorXd& one) const {
    Members others = *this;
    others.n = n - 1;
    others.mean -= (one - mean) / others.n;
    others.scatter -= ScatterOf(one);
    return others;
  }
  double n;
  VectorXd mean;
  Eigen::MatrixXd scatter;
};

/// Covariance of all groups, each about its mean.
struct Common {
  Eigen::MatrixXd covariance;
  double freedom;
};

/// False if the people do not vary in some direction.
bool Vary(const Eigen::LLT<Eigen::MatrixXd>& scatter) {
  const VectorXd diagonal = scatter.matrixLLT().diagonal();
  return scatter.info() == Eigen::Success && diagonal.minCoeff() > 1e-7 * diagonal.maxCoeff();
}

/// How densely one more of a group lies where. `lent` people of all groups' covariance are added to
/// those of the group, about the same mean.
class Group {
 public:
  Group(const Members& members, double lent, const Common& common)
      : members_(members),
        lent_(lent),
        common_(common),
        n_(members.n),
        all_(members.n + lent),
        p_(static_cast<double>(members.mean.size())),
        scatter_(members.scatter + lent * common.covariance),
        half_log_determinant_(scatter_.matrixLLT().diagonal().array().log().sum()) {}

  /// Of all but one of its people; none if only that one varies in some direction.
  std::optional<Group> Without(const VectorXd& one) const {
    Common common = common_;
    --common.freedom;
    common.covariance =
        (common_.freedom * common_.covariance - members_.ScatterOf(one)) / common.freedom;
    Group others(members_.Without(one), lent_, common);
    if (!Vary(others.scatter_)) return std::nullopt;
    return others;
  }

  double LogDensity(const VectorXd& at) const {
    return Constant(n_, all_) - all_ / 2 * std::log1p(n_ / (n_ + 1) * Distance(at));
  }
  /// Of somebody of the group, by the others: the same of n - 1 people, without a fit of their own.
  double LogDensityWithout(const VectorXd& own) const {
    const double left = std::max(1e-12, 1 - n_ / (n_ - 1) * Distance(own));
    return Constant(n_ - 1, all_ - 1) + (all_ - 2) / 2 * std::log(left);
  }
  /// Chance that one more of the group lies as far out.
  double DistanceP(const VectorXd& at) const {
    const double f = (all_ - p_) / p_ * n_ / (n_ + 1) * Distance(at);
    return family::UpperF(f, p_, all_ - p_).p;
  }

 private:
  double Distance(const VectorXd& at) const {
    return scatter_.matrixL().solve(at - members_.mean).squaredNorm();
  }
  double Constant(double n, double all) const {
    return std::lgamma(all / 2) - std::lgamma((all - p_) / 2) - p_ / 2 * std::log((n + 1) / n) -
           half_log_determinant_;
  }

  Members members_;
  double lent_;
  Common common_;
  double n_, all_, p_;
  Eigen::LLT<Eigen::MatrixXd> scatter_;
  double half_log_determinant_ = 0;
};

VectorXd PlaceOf(const std::vector<std::vector<double>>& pcs, size_t person) {
  VectorXd place(static_cast<int64_t>(pcs.size()));
  for (size_t k = 0; k < pcs.size(); ++k) place[static_cast<int64_t>(k)] = pcs[k][person];
  return place;
}

Members MembersOf(const ReferencePeople& reference, const std::vector<size_t>& people,
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
  Members members(places);
  if (!Vary(Eigen::LLT<Eigen::MatrixXd>(members.scatter))) {
    throw Error(ErrorId::kNoEstimableTerm,
                "components of a group of the reference depend on each other or do not vary")
        .Field("pca.reference.group")
        .Value(name)
        .Remedy("look at its people, or lower pca.reference.components");
  }
  return members;
}

/// Groups that are lent as many people of their common covariance as make the reference people,
/// each judged by the others of their group, likeliest, but no more than the other groups have:
/// none where groups spread in their own ways, many where they do not, so that small groups do not
/// spread further by chance.
std::vector<Group> GroupsOf(const std::vector<Members>& members,
                            const std::vector<std::vector<VectorXd>>& places) {
  const auto p = members.front().mean.size();
  Common common{Eigen::MatrixXd::Zero(p, p), 0};
  for (const Members& group : members) {
    common.covariance += group.scatter;
    common.freedom += group.n - 1;
  }
  common.covariance /= common.freedom;
  constexpr double kMostLent = 1024;
  std::vector<Group> best;
  double most = -std::numeric_limits<double>::infinity();
  for (double lent = 0; lent <= kMostLent; lent = lent == 0 ? 1 : 2 * lent) {
    std::vector<Group> groups;
    double likelihood = 0;
    for (size_t g = 0; g < members.size(); ++g) {
      const double others = common.freedom - (members[g].n - 1);
      groups.emplace_back(members[g], std::min(lent, others), common);
      for (const VectorXd& place : places[g]) likelihood += groups[g].LogDensityWithout(place);
    }
    if (likelihood <= most) continue;
    most = likelihood;
    best = std::move(groups);
  }
  return best;
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
                                const std::vector<std::vector<double>>& pcs,
                                const std::vector<uint32_t>& own) {
  std::map<std::string, std::vector<size_t>> members;
  for (size_t i = 0; i < reference.group.size(); ++i) members[reference.group[i]].push_back(i);
  NearestGroups result;
  std::vector<Members> of_group;
  std::vector<std::vector<VectorXd>> places;
  std::vector<size_t> group_of(reference.group.size());
  for (const auto& [name, people] : members) {
    for (const size_t person : people) group_of[person] = result.groups.size();
    result.groups.push_back(name);
    of_group.push_back(MembersOf(reference, people, name));
    places.emplace_back();
    for (const size_t person : people) places.back().push_back(PlaceOf(reference.pcs, person));
  }
  const std::vector<Group> groups = GroupsOf(of_group, places);
  Calibration calibration;
  for (size_t g = 0; g < groups.size(); ++g) {
    const auto at = static_cast<int64_t>(g);
    for (const VectorXd& place : places[g]) {
      ArrayXd densities = LogDensities(groups, place);
      densities[at] = groups[g].LogDensityWithout(place);
      calibration.Add(densities, at);
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
    const uint32_t self = own.empty() ? UINT32_MAX : own[person];
    const size_t group_of_self = self == UINT32_MAX ? SIZE_MAX : group_of[self];
    std::optional<Group> others;
    ArrayXd densities = LogDensities(groups, place);
    if (self != UINT32_MAX) {
      others = groups[group_of_self].Without(PlaceOf(reference.pcs, self));
      if (!others) continue;
      densities[static_cast<int64_t>(group_of_self)] = others->LogDensity(place);
    }
    const ArrayXd shares = calibration.Probabilities(densities);
    for (size_t g = 0; g < groups.size(); ++g) {
      result.probability[g][person] = shares[static_cast<int64_t>(g)];
    }
    int64_t best = 0;
    densities.maxCoeff(&best);
    result.nearest[person] = static_cast<uint32_t>(best);
    const bool of_others = others && static_cast<size_t>(best) == group_of_self;
    const Group& nearest = of_others ? *others : groups[static_cast<size_t>(best)];
    result.distance_p[person] = nearest.DistanceP(place);
  }
  return result;
}

}  // namespace kinflow::pca
