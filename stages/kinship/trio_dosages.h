#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"

namespace kinflow::kinship {

/// Dosages of a child that its parents' cannot give: a parent of dosage d passes on between
/// max(d - 1, 0) and min(d, 1) alleles. What is beyond is the violation, in units of the dosages; 0
/// but for errors of imputation where the three belong together. Needs no hard calls.
inline uint32_t DosageViolation(uint32_t child, uint32_t father, uint32_t mother, uint32_t units) {
  const auto least = [units](uint32_t d) { return d > units ? d - units : 0; };
  const auto most = [units](uint32_t d) { return d < units ? d : units; };
  const uint32_t low = least(father) + least(mother), high = most(father) + most(mother);
  return child < low ? low - child : child > high ? child - high : 0;
}
/// The same beside one parent: the other may have passed on anything from no allele to one.
inline uint32_t DosageViolation(uint32_t child, uint32_t parent, uint32_t units) {
  const uint32_t low = parent > units ? parent - units : 0;
  const uint32_t high = (parent < units ? parent : units) + units;
  return child < low ? low - child : child > high ? child - high : 0;
}

/// A child with its parents or the one that there is, and with those of another family: what
/// strangers look like.
struct ControlledTrio {
  Trio trio, control;
  bool listed = true;  // else it only tells what duos look like
};
/// Trios and duos of samples that are kept, each with the parents of the next family as control;
/// none if there is only one family. Where there are duos, but few, pairs out of the trios are
/// among them.
std::vector<ControlledTrio> ControlledTrios(const Cohort& cohort, const std::vector<uint8_t>& kept);
/// Children with a parent, also those whose kind of family no other one has for a control.
size_t ChildrenWithParents(const Cohort& cohort, const std::vector<uint8_t>& kept);

/// Sums over variants, by trio.
struct TrioSums {
  std::vector<uint64_t> violation, variants, control_violation, control_variants;

  explicit TrioSums(size_t trios = 0)
      : violation(trios), variants(trios), control_violation(trios), control_variants(trios) {}
  TrioSums& operator+=(const TrioSums& other);
};

/// CHILD FATHER MOTHER N VIOLATION CONTROL STATUS: mean violations in alleles. A trio is "flagged"
/// if its violation lies nearer to the median of the controls than to that of the trios, in alleles
/// and in robust standard deviations of each; a duo beside duos and their controls.
Table TrioDosagesTable(const std::vector<ControlledTrio>& trios, const TrioSums& sums,
                       uint32_t units, const SampleTable& samples);

}  // namespace kinflow::kinship
