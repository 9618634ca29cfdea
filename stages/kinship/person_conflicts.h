#pragma once

#include <vector>

#include "stages/kinship/conflict.h"
#include "stages/qc/sample_counts.h"

namespace kinflow::kinship {

/// What conflicts of single people are told by.
struct PersonEvidence {
  const Cohort& cohort;
  const std::vector<JudgedPair>& pairs;
  const std::vector<Link>& links;
  const std::vector<SampleFacts>& facts;  // with the sex inferred
  const BirthYears& years;
  double min_call_rate = 0;  // 0 = not judged
};

/// Sexes by genotype that are not the declared ones, people with too few calls, and parents who are
/// too young, or mothers too old, by their birth years, behind the conflicts of pairs. Of these
/// parent or child may be known from the pedigree alone. A sex that an exchange or another conflict
/// of that sample explains is told there.
void AddPersonConflicts(const PersonEvidence& evidence, std::vector<Conflict>& conflicts);

}  // namespace kinflow::kinship
