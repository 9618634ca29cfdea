#pragma once

#include "stages/family/trio_frame.h"

namespace kinflow::family::test {

/// Families with known effects, all from one fixed stream of numbers. Every mother has one or two
/// pregnancies; every tenth pregnancy is of twins; a few members are not genotyped.
struct SimulatedTrios {
  CohortPtr cohort;
  PersonColumns
      persons;          // scl, age (by mother), batch (text), PC1 (everybody), half (some missing)
  ScoreColumns scores;  // "s1" has the effects, "s2" is noise
};
SimulatedTrios MakeTrios(uint32_t mothers, double m = 0.3, double f = 0.15, double c = 0.1);

/// The same people with a builder for hand-written pedigrees: id, father, mother, pregnancy.
CohortPtr MakeCohort(const std::vector<Person>& people, const std::vector<std::string>& genotyped);

}  // namespace kinflow::family::test
