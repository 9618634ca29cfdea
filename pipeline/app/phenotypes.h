#pragma once

#include <map>
#include <string>

#include "pipeline/app/session.h"
#include "pipeline/data/cohort.h"
#include "pipeline/store/digest_cache.h"
#include "stages/family/trio_frame.h"

namespace kinflow {

/// All phenotype and covariate files of a config, joined by person (and pregnancy).
struct PhenotypeInput {
  family::PersonColumns persons;
  std::map<std::string, Digest> files;  // empty digests if `digests` was null
};

/// Reads the files of `phenotypes`. Each must share people with the cohort (kNoCommonSamples); what
/// does not fit is counted in the log, with a hint when another spelling of the ids would fit more.
/// A column that two files give for the same people is refused (kMalformed).
PhenotypeInput ReadPhenotypeFiles(const LoadedConfig& config, const Cohort& cohort,
                                  DigestCache* digests, Log& log);

}  // namespace kinflow
