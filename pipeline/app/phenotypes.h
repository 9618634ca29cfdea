#pragma once

#include <map>
#include <string>
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
};

/// Reads the files of `phenotypes`. Each must share people with the cohort (kNoCommonSamples); ids
/// of nobody are counted in log and ledger, with a hint if another spelling of them would fit.
/// A column that two files give for the same people is refused (kMalformed).
PhenotypeInput ReadPhenotypeFiles(const LoadedConfig& config, const Cohort& cohort,
                                  DigestCache* digests, Log& log);

}  // namespace kinflow
