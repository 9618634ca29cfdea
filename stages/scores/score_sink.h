#pragma once

#include <cstdint>
#include <vector>

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
/// had since then), rows_used, units. The last file is the merged
/// one: /names, /variants and /counts (of each score: weights, its set of counts), /sums as numbers
/// and the counts; attribute samples.
class ScoreSink : public TileSink {
 public:
  struct Setup {
    uint32_t n_samples = 0;
    ScoredPeople people = {};
    uint64_t checkpoint_genotypes = 1ull << 31;  // used ones; their results are safe from then on
  };
  /// `weights` are finished.
  ScoreSink(ArtifactStore& store, Manifest manifest, ScoreWeights weights, Setup setup);

  Partition partition() const override { return Partition::kBySamples; }
  const std::vector<uint64_t>* wanted_variants() const override { return &weights_.rows(); }
  uint32_t CommittedShards() const override { return scan_shards_; }
  uint64_t CommittedVariants(uint32_t shards) const override;
  uint64_t MemoryBytes() const override;
  void BeginShard(uint32_t shard) override;
  void BeginTile(const DosageTile& tile) override;
  void Consume(const DosageTile& tile, Range part) override;
  void SealShard(uint32_t shard) override;
  void Finish() override;

 private:
  void ReadCommitted();
  void Allocate();
  void WriteCheckpoint();
  void AddOffsets();
  void WriteMerged();

  ArtifactStore& store_;
  Manifest manifest_;
  ScoreWeights weights_;
  Setup setup_;
  std::vector<ShardRecord> committed_;
  std::vector<uint32_t> shards_of_file_;  // shards of the scan that each of them holds
  uint32_t scan_shards_ = 0;              // that all of them hold

  // Since the last file.
  LaneSums sums_;
  TilePlan plan_;
  uint32_t new_shards_ = 0;
  uint64_t rows_used_ = 0, tile_rows_ = 0;
  bool skip_ = false;  // this shard is in a file already
};

}  // namespace kinflow
