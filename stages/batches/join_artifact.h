#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "pipeline/data/table.h"
#include "pipeline/store/artifact_store.h"
#include "stages/batches/join_pieces.h"

namespace kinflow {

// The artifact of kind "join": one shard a JoinPiece, the last with the summary.
//   /variants, /rows/B, /swapped/B, /alt_freq/B   joined variants; B = place of the batch
//   /left_out/{variants, batch, reason, other}
//   attribute "chrom" of /
//   /batches                                      (last shard) table: BatchesTable

inline constexpr std::string_view kJoinKind = "join";

void WriteJoinPiece(const JoinPiece& piece, H5Writer& file);
/// Joined variants of a piece and where they lie; `with_report`: frequencies and losses too.
JoinPiece ReadJoinPiece(const H5Reader& file, size_t batches, bool with_report);

/// Pieces of a sealed join.
size_t JoinPieces(const Manifest& join);
/// One row a batch: BATCH N_SAMPLES N_VARIANTS N_COMMON N_SWAPPED N_SWAPPED_PALINDROMIC, one
/// column N_... for each LeftOut, N_AF_DIFFERS UNITS X_MALES Y MT.
Table ReadBatchesTable(const ArtifactStore& store, const Manifest& join);
/// batches_log.tsv.gz: CHROM POS ID REF ALT BATCH REASON OTHER_BATCH, a row a variant left out.
void WriteBatchesLog(const ArtifactStore& store, const Manifest& join, const std::string& path);
/// batch_frequencies.tsv.gz: CHROM POS ID REF ALT, AF_NAME a batch, MAX_AF_DIFF, a row a joined
/// variant.
void WriteBatchFrequencies(const ArtifactStore& store, const Manifest& join,
                           const std::string& path);

}  // namespace kinflow
