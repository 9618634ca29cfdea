#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/data/cohort.h"

namespace kinflow {

/// What a child's family scores rest on.
enum class FamilyKind : uint8_t {
  kTrio,         // both parents genotyped
  kMotherChild,  // father unknown to the genotypes: imputed from the child (and its siblings)
  kFatherChild,
  kSiblings,  // no parent: each of both parents is half of their expected sum
};
const char* FamilyKindName(FamilyKind kind);  // "trio", "mother_child", ...

/// Parents and their genotyped children; samples, kAbsent = not genotyped.
struct ScoreFamily {
  uint32_t mother = SampleTable::kAbsent, father = SampleTable::kAbsent;
  FamilyKind kind = FamilyKind::kTrio;
  std::vector<uint32_t> children;  // samples, in pedigree order
  std::vector<uint8_t> informs;    // by child: first genotyped child of its pregnancy
  uint32_t first_child = 0;        // its place among the children of all families
};

/// Families of genotyped children, ordered by the sample of their first child. Children of the same
/// declared mother and father are full siblings. Samples with kept[i] == 0 count as not genotyped.
/// Without `incomplete` families only trios; with it also those that lack one parent, and siblings
/// (two pregnancies or more) that lack both.
std::vector<ScoreFamily> ScoreFamilies(const Cohort& cohort, const std::vector<uint8_t>& kept,
                                       bool incomplete);

}  // namespace kinflow
