#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pipeline/base/log.h"
#include "pipeline/graph/stage.h"
#include "stages/scores/lane_sums.h"
#include "stages/scores/score_weights.h"
#include "stages/scores/tile_plan.h"

namespace kinflow {

/// Adds weight x dosage of all scores in one pass. Sums are integers (FixedPoint): they do not
/// depend on the order of variants, on threads, tiles or shards.
///
/// A shard file holds what was added since the file before it, one for each `checkpoint_genotypes`:
/// /sums, /missing [/fewer, /fewer_missing] (LaneSums); attributes scan_shards (how many the scan
/// had since then), rows_used, units, batch_samples, ends_batch. The last file is the merged
/// one: /names, /variants and /counts (of each score: weights, its set of counts), /sums as numbers
/// and the counts; attribute samples.
///
/// Where memory does not hold the sums of all people, they are taken in batches, each with a scan
/// of its own; a file with ends_batch = 1 then holds all that a batch has.
class ScoreSink : public TileSink {
 public:
  struct Setup {
    uint32_t n_samples = 0;
    ScoredPeople people = {};
    uint64_t checkpoint_genotypes = 1ull << 31;  // used ones; their results are safe from then on
    uint32_t batch_samples = 0;                  // a multiple of 64; 0 = all at once
    Log* log = nullptr;
    std::vector<uint8_t> kept = {};  // by sample: passed QC; empty = everybody
  };
  /// `weights` are finished. `setup.log` outlives the sink.
  ScoreSink(ArtifactStore& store, Manifest manifest, ScoreWeights weights, Setup setup);

  Partition partition() const override { return Partition::kBySamples; }
  const std::vector<uint64_t>* wanted_variants() const override { return &weights_.rows(); }
  uint32_t CommittedShards() const override { return scan_shards_; }
  uint64_t CommittedVariants(uint32_t shards) const override;
  uint8_t FlagsUsed() const override { return kCallHaploid; }
  uint64_t MemoryBytes() const override;
  /// Chooses the batches once, so that the scan and its blocks fit; those that an earlier run began
  /// are kept if they do.
  void FitMemory(uint64_t bytes) override;
  Range Samples(uint32_t) const override { return People(std::min(batch_, batches() - 1)); }
  void BeginShard(uint32_t shard) override;
  void BeginTile(const DosageTile& tile) override;
  void Consume(const DosageTile& tile, Range part) override;
  void SealShard(uint32_t shard) override;
  void Finish() override;
  bool WantsAnotherScan() const override { return batch_ < batches(); }

 private:
  uint32_t batches() const;
  Range People(uint32_t batch) const;
  bool Fits(uint32_t batch_samples, uint64_t bytes) const;
  uint32_t BatchFor(uint64_t bytes) const;
  void RequireVariance(const DosageTile& tile) const;
  void RequireNoneMissing() const;
  void ReadCommitted();
  void Allocate();
  /// What was added since the last file, or all of a batch.
  void WriteFile(bool ends_batch);
  void StartBatch();
  void AddOffsets();
  void WriteMerged();
  void WriteColumnsOfBatches(H5Writer& out);

  ArtifactStore& store_;
  Manifest manifest_;
  ScoreWeights weights_;
  Setup setup_;
  std::vector<ShardRecord> committed_;
  std::vector<uint64_t> used_of_file_;    // rows_used of each of them
  uint32_t batch_ = 0;                    // that is scanned
  size_t batch_file_ = 0;                 // its first file
  std::vector<size_t> ends_;              // last files of the batches before
  std::vector<uint32_t> shards_of_file_;  // of this batch's files: shards of the scan in them
  uint32_t scan_shards_ = 0;              // that all of these hold

  // Since the last file.
  LaneSums sums_;
  TilePlan plan_;
  uint32_t new_shards_ = 0;
  uint64_t rows_used_ = 0, tile_rows_ = 0;
  bool skip_ = false;  // this shard is in a file already
  bool fitted_ = false;
};

}  // namespace kinflow
