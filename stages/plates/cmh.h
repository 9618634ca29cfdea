#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kinflow::plates {

/// Alleles of one stratum by level: copies of ALT and all copies.
struct AlleleCounts {
  std::vector<double> alt, all;
};

struct CmhResult {
  double chi2 = 0;
  uint32_t df = 0;  // 0: nothing to test, all else NaN
  double p = 0;
};

/// Generalised Cochran-Mantel-Haenszel test of general association between allele and level within
/// strata (Landis, Heyman and Koch 1978; mantelhaen.test of R for a 2 x J x K table). Levels
/// without alleles in strata that vary do not count; groups of levels that share no stratum are
/// compared each within itself, so that df is the number of levels less that of groups. The
/// covariance is diagonal but for one rank a stratum, so that thousands of levels cost no more than
/// their number (Woodbury's identity).
CmhResult CmhTest(std::span<const AlleleCounts> strata);

}  // namespace kinflow::plates
