#pragma once

#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "stages/kinship/conflict.h"
#include "stages/kinship/generations.h"
#include "stages/kinship/judged_pairs.h"
#include "stages/kinship/links.h"
#include "stages/qc/sample_counts.h"

namespace kinflow::kinship {

/// What families are found by where there is no pedigree.
struct FamilyEvidence {
  const Cohort& cohort;
  const std::vector<JudgedPair>& pairs;
  const std::vector<Link>& links;
  const std::vector<Conflict>& conflicts;  // FindConflicts() of the links
  const std::vector<SampleFacts>& facts;   // with the sex inferred
  const BirthYears& years;
};

/// Column of FoundFamilies: parents, separated by commas, of whom no sex tells which is the father.
inline constexpr const char* kEitherParent = "FATHER_OR_MOTHER";

/// Parents by genotypes alone: FID IID FATHER MOTHER SEX CONFIDENCE EVIDENCE FATHER_OR_MOTHER, a
/// row a person, which can be given as a pedigree. Of parent and child it is told who is who by
///
///   * two of somebody's first-degree relatives who are not related to each other: both parents
///     (children of one person are half sibs at least), if nobody else's relations rule it out
///     (couples.h); "high" if the sexes differ and birth years allow it;
///   * two of them who are full sibs, or one who is a full sib's parent: that person is the parent;
///   * both parents being known: all others are children;
///   * birth years, 12 or more apart.
///
/// Nobody is his own ancestor: a parent who descends from the child is left out, of two couples the
/// one that more is held against.
///
/// Full sibs who have neither a parent nor a possible one among the samples, each of the others,
/// share two who are not: father_of_ID and mother_of_ID, ID being that of the first of them (and
/// underscores if that is somebody's id). A duplicate born in the same year is a twin, or the
/// person again, and has the same parents.
///
/// Links that only the Wald test finds are used where somebody is linked to both of the two, and
/// never with "high"; the others are named in EVIDENCE with their P. What is left is in EVIDENCE
/// with confidence "low". Any other duplicate gets no family, nor does a
/// contaminated one, whose relatives are not its own.
Table FoundFamilies(const FamilyEvidence& evidence);

}  // namespace kinflow::kinship
