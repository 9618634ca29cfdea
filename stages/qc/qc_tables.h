#pragma once

#include <functional>
#include <map>
#include <string>

#include "pipeline/data/table.h"
#include "pipeline/store/artifact_store.h"
#include "stages/qc/ledger.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow {

// The tables a run leaves, read from the `qc` artifact; column names are part of the command
// contract.

/// variants.tsv.gz of one part; parts are numbered 0 ... VariantParts() - 1, in plan order.
size_t VariantParts(const Manifest& qc);
Table VariantsTable(const ArtifactStore& store, const Manifest& qc, size_t part);
/// All parts, streamed to a TSV (gzip if the name says so).
void WriteVariantsTsv(const ArtifactStore& store, const Manifest& qc, const std::string& path);
Table SamplesTable(const ArtifactStore& store, const Manifest& qc);
/// IID -> REASON of the people who were removed.
std::map<std::string, std::string> RemovedPeople(const ArtifactStore& store, const Manifest& qc);
Table FamiliesTable(const ArtifactStore& store, const Manifest& qc);
Table LedgerTable(const ArtifactStore& store, const Manifest& qc);
/// Throws kNoVariantsLeft or kNoSamplesLeft, with the filter that removed most.
void RequireSurvivors(const Table& ledger);

/// All variants of one part with what QC made of them.
struct JudgedVariants {
  VariantTable variants;
  Verdicts verdicts;
  std::vector<uint64_t> rows;    // plan order; UINT64_MAX = removed
  std::vector<double> alt_freq;  // among kept founders
};
JudgedVariants ReadJudgedVariants(const ArtifactStore& store, const Manifest& qc, size_t part);
/// Founders kept.
uint64_t KeptFounders(const ArtifactStore& store, const Manifest& qc);

// Made by the stages.
Table MakeSamplesTable(const Cohort& cohort, const std::vector<SampleFacts>& facts,
                       const Verdicts& verdicts);
Table MakeFamiliesTable(const Cohort& cohort, const MendelChecker& mendel,
                        const SampleCounts& counts, const std::vector<uint8_t>& kept);
/// The rows of `before`, with the counts of `now` where the child is still in a trio there.
Table WithEarlierFamilies(const Table& now, const Table& before);
/// The same rows with the STATUS that follows from who is kept now.
Table FamiliesOf(const Table& families, const Cohort& cohort, const std::vector<uint8_t>& kept);
/// The numeric columns of variants.tsv.gz.
Table MakeFactsTable(const std::vector<VariantFacts>& facts);

}  // namespace kinflow
