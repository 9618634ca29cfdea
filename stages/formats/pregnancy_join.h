#pragma once

#include <cstdint>

#include "pipeline/data/pedigree.h"
#include "stages/formats/phenotype_table.h"

namespace kinflow {

struct PregnancyJoin {
  uint64_t rows = 0;             // of people of the pedigree, with a pregnancy
  uint64_t found = 0;            // of these: the pregnancy is one of the pedigree's
  uint64_t people = 0;           // of these: people to whom the pedigree gives pregnancies
  uint64_t unknown_only = 0;     // of these: people, all of whose rows have others than it knows
  uint64_t of_others = 0;        // of these: the pedigree gives it to other people
  uint64_t first_of_others = 0;  // the first such row, counted from 1; 0 = none
};

/// Pregnancies of a table beside the pedigree's, by id. `per_mother`: the pedigree numbers them
/// within each mother (pedigree.pregnancy_ids), and a row's number is that of the person's own: as
/// mother, as child, or as father if one mother alone has it; it becomes the pedigree's id.
PregnancyJoin JoinPregnancies(const Pedigree& pedigree, bool per_mother, PhenotypeTable& table);

}  // namespace kinflow
