#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kinflow::pca {

/// People whose ancestry is known, where they lie.
struct ReferencePeople {
  std::vector<std::vector<double>> pcs;  // by component, by person
  std::vector<std::string> group;        // by person
};

/// Most similar group of each person: quadratic discriminant analysis with equal priors. The
/// density of a group is that of one more of its people, a normal distribution of unknown mean and
/// covariance (Geisser 1964: Student's t). Where the reference people tell that groups spread
/// alike, covariances are drawn to their common one. Densities are raised to a power from 0 to 1,
/// averaged over what the reference people say of it, each judged by all others: where groups are
/// close or small, densities alone are surer than they are right.
struct NearestGroups {
  std::vector<std::string> groups;               // sorted
  std::vector<std::vector<double>> probability;  // by group, by person
  /// By person; UINT32_MAX where a component is missing, and of those of the reference who alone
  /// vary in some direction, of which the others tell nothing.
  std::vector<uint32_t> nearest;
  /// By person: chance that one more of the nearest group lies as far from its mean (F distribution
  /// of the squared distance).
  std::vector<double> distance_p;
};
/// `pcs`: of the people asked for, by component as `reference`. `own`: who of the reference each of
/// them is, UINT32_MAX = none; empty = nobody is. They are judged by the others of their group, as
/// strangers would be. Throws kTooFewRows (a group with too few people for a covariance),
/// kNoEstimableTerm (one without variance in some direction).
NearestGroups FindNearestGroups(const ReferencePeople& reference,
                                const std::vector<std::vector<double>>& pcs,
                                const std::vector<uint32_t>& own = {});

/// Nobody of the group lies that far out (the threshold of pgsc_calc's Mahalanobis distances).
inline constexpr double kLeastDistanceP = 1e-10;

}  // namespace kinflow::pca
