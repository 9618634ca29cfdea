#pragma once

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "pipeline/app/session.h"
#include "pipeline/data/cohort.h"
#include "pipeline/store/digest_cache.h"
#include "stages/family/trio_frame.h"

namespace kinflow {

/// All phenotype and covariate files of a config, joined by person (and pregnancy).
struct PhenotypeInput {
  family::PersonColumns persons;
  std::map<std::string, Digest> files;  // empty digests if `digests` was null
  /// Of each file, in the columns of ledger.tsv: its people, and those left whose ids are known.
  std::vector<Table> ledgers;
  /// Columns that are to be filled with components of the run; empty where a file has one of them.
  std::vector<std::string> components;
};

/// Reads the files of `phenotypes`. Each must share people with the cohort (kNoCommonSamples), and
/// pregnancies if it tells them (kConfigReference): what does not goes to `faults`, and the columns
/// of that table are there for their names alone. Ids of nobody are counted in log and ledger, with
/// a hint if another spelling of them would fit. Rows of people who withdrew are left out.
/// `components`: columns to add, without values, for everybody
/// who is genotyped.
/// A column that two files give for the same people is refused (kMalformed).
PhenotypeInput ReadPhenotypeFiles(const LoadedConfig& config, const Cohort& cohort,
                                  const std::unordered_set<std::string>& withdrawn,
                                  const std::vector<std::string>& components, DigestCache* digests,
                                  std::vector<Error>& faults, Log& log);

}  // namespace kinflow
