#pragma once

#include <cstddef>
#include <vector>

#include "stages/family/nested.h"

namespace kinflow::family {

/// One effect of a mixed analysis of variance.
struct AnovaEffect {
  TestResult f, greenhouse_geisser;  // the latter NaN between people, and with two waves
  double partial_eta2 = 0, generalised_eta2 = 0;
};

/// Groups of people, each measured at every wave: type III sums of squares of group, wave and their
/// product, univariate (statistics.md 3.6).
struct MixedAnova {
  size_t people = 0;
  double epsilon = 1;  // Greenhouse and Geisser's; 1 = spherical
  AnovaEffect group, wave, interaction;
};

/// `scores`: of each person one a wave, at least two. `group`: of each person, 0 .. groups - 1,
/// none empty. NaN statistics where there are no degrees of freedom or no variance.
MixedAnova AnalyseMixed(const std::vector<std::vector<double>>& scores,
                        const std::vector<size_t>& group, size_t groups);

}  // namespace kinflow::family
