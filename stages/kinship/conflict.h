#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "stages/kinship/decision.h"
#include "stages/kinship/generations.h"
#include "stages/kinship/links.h"
#include "stages/qc/sample_counts.h"

namespace kinflow::kinship {

/// A disagreement of genotypes and pedigree, with what to do about it.
struct Conflict {
  std::string kind;            // "swap", "duplicate", "twins", "misplaced", "non-paternity", ...
  std::optional<size_t> pair;  // judged pair that shows it best; none: of a person alone
  uint32_t sample_1 = 0;       // whom the decision concerns
  uint32_t sample_2 = SampleTable::kAbsent;             // the other person
  std::string not_genotyped;                            // the other person, if not a sample
  double p = std::numeric_limits<double>::quiet_NaN();  // by chance, for all tests made
  Decision decision;                                    // proposed
  std::string confidence;  // "high": nothing else explains it as simply; "medium", "low"
  std::string evidence;    // a sentence; holds ids
};

/// The id of the other person, genotyped or not; "" if there is none.
std::string OtherIid(const Conflict& conflict, const SampleTable& samples);

/// Conflicts in the order in which they explain most: contaminated samples, duplicates, swaps,
/// samples of somebody else, wrong parents, and what is left. A link explained by one is not told
/// again by another. Links that a conflict explains are marked so. `facts`: of each sample, missing
/// calls (which of two to keep) and sex by genotype.
std::vector<Conflict> FindConflicts(const Cohort& cohort, const std::vector<JudgedPair>& pairs,
                                    std::vector<Link>& links, const std::vector<SampleFacts>& facts,
                                    const BirthYears& years);

}  // namespace kinflow::kinship
