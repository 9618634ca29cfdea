#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "stages/formats/phenotype_table.h"

namespace kinflow {

/// Who of a table is genotyped. Counts of different ids only: neither text holds an id.
struct JoinReport {
  std::vector<uint32_t> samples;  // of each table row: sample index or SampleTable::kAbsent
  uint64_t found = 0;             // ids of genotyped people
  uint64_t in_pedigree = 0;       // ids of people known without genotypes
  uint64_t not_found = 0;
  uint64_t samples_without_row = 0;  // genotyped people
  std::string summary;               // "12 of 345 phenotype ids found among 9,811 genotype ids"
  std::string hint;  // what would match more, and what to set; "" = nothing better known
};

/// The hint of JoinIds on ids of whom nobody is found.
std::string HintOnIds(const std::vector<std::string>& ids, const SampleTable& samples);

/// Finds the ids of a table among the samples, of which the first `genotyped` have genotypes; the
/// others are known from the pedigree. For ids that are not found other readings are tried (FID_IID
/// on either side, letter case, leading zeros, a prefix or suffix, ".0" of a spreadsheet) and the
/// best one is named. `file` is for messages. Throws kNoCommonSamples, with the hint as the remedy,
/// if no id matches.
JoinReport JoinIds(const std::vector<std::string>& table_ids, const SampleTable& samples,
                   const std::string& file, IdForm form = IdForm::kIid,
                   uint32_t genotyped = SampleTable::kAbsent);

}  // namespace kinflow
