#pragma once

#include <string>
#include <vector>

namespace kinflow::pca {

/// People whose ancestry is known, where they lie.
struct ReferencePeople {
  std::vector<std::vector<double>> pcs;  // by component, by person
  std::vector<std::string> group;        // by person
};

/// Most similar group of each person: quadratic discriminant analysis with equal priors. A group is
/// a normal distribution with the mean and the covariance (n - 1) of its people.
struct NearestGroups {
  std::vector<std::string> groups;               // sorted
  std::vector<std::vector<double>> probability;  // by group, by person
  std::vector<uint32_t> nearest;  // by person; UINT32_MAX where a component is missing
  /// By person: chance that somebody of the nearest group lies as far from its mean (chi-square of
  /// the squared Mahalanobis distance).
  std::vector<double> distance_p;
};
/// `pcs`: of the people asked for, by component as `reference`. Throws kTooFewRows (a group with
/// too few people for a covariance), kNoEstimableTerm (one without variance in some direction).
NearestGroups FindNearestGroups(const ReferencePeople& reference,
                                const std::vector<std::vector<double>>& pcs);

/// Nobody of the group lies that far out (the Mahalanobis threshold of pgsc_calc).
inline constexpr double kLeastDistanceP = 1e-10;

}  // namespace kinflow::pca
