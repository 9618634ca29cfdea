#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "stages/kinship/decisions_file.h"

namespace kinflow::kinship {

/// The people of a study after decisions; their genotypes stay where they are.
struct DecidedPeople {
  SampleTablePtr samples;      // exchanged samples carry each other's ids
  std::vector<Person> people;  // the corrected pedigree
  /// Samples to leave out, by origin of the decision; sorted, each once.
  std::map<Origin, std::vector<std::string>> removed;
};

/// What ApplyDecisions() would throw of each row that names nobody known.
std::vector<Error> FaultsOfPeople(const DecisionsFile& file, const SampleTablePtr& samples,
                                  const std::vector<Person>& people);

/// Applies exchanges first: all other decisions name people as they are called then. `samples` and
/// `people` as the inputs give them. Throws kMalformed, kParentSex, kPedigreeLoop, each
/// with the line of the decision, and kMalformed for an exchange with a sample that is not
/// read.
DecidedPeople ApplyDecisions(const DecisionsFile& file, SampleTablePtr samples,
                             std::vector<Person> people);

/// Rows of the ledger: people and families as declared, with exchanges undone, and by the corrected
/// pedigree; each names the kinds of decisions and their origins. Removals are QC's to tell.
Table DecisionsLedger(const DecisionsFile& file, const SampleTablePtr& samples,
                      const std::vector<Person>& people);

}  // namespace kinflow::kinship
