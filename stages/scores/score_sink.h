#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/scores/match_artifact.h"
#include "stages/scores/weight_rows.h"

namespace kinflow {

/// Adds weight x dosage of all scores in one pass. Per sample and score every sum runs in row order
/// within a scan shard, then over shards in shard order: the bits depend on the data and the shard
/// borders alone. Memory: 12 bytes x scores x samples, and the weights.
///
/// A score without a name is the union of all others, for the counts of .sscore.
///
/// Shard file: /slots (scores met in it), /sum, /missing [/haploid, /haploid_missing] as matrices
/// scores x samples; attribute rows_used. The last file is the merged one: /names, /variants
/// (weights of each score), /sum, /missing [...] over all scores; attribute samples.
class ScoreSink : public TileSink {
 public:
  ScoreSink(ArtifactStore& store, Manifest manifest, MatchedScores scores, uint32_t n_samples,
            bool mean_imputation,
            ScoreOptions::Genotypes genotypes = ScoreOptions::Genotypes::kAsIs,
            MalesOnX males = {});

  Partition partition() const override { return Partition::kBySamples; }
  const std::vector<uint64_t>* wanted_variants() const override { return &rows_.rows(); }
  uint32_t CommittedShards() const override { return static_cast<uint32_t>(committed_.size()); }
  uint64_t CommittedVariants(uint32_t shards) const override;
  uint64_t MemoryBytes() const override;
  void BeginShard(uint32_t shard) override;
  void BeginTile(const DosageTile& tile) override;
  void Consume(const DosageTile& tile, Range part) override;
  void SealShard(uint32_t shard) override;
  void Finish() override;

 private:
  /// Sums of all scores, rows of n_samples.
  struct Sums {
    std::vector<double> sum;
    std::vector<uint32_t> missing;                   // missing genotypes
    std::vector<uint32_t> haploid, haploid_missing;  // empty until a haploid call is met
  };

  void Reset();
  void ConsumeSpecial(const DosageTile& tile, Range part, const WeightRows::TileRow& row);
  void WriteMatrices(H5Writer& file, const Sums& sums, const std::vector<uint32_t>& slots) const;
  void AddShard(const H5Reader& file, Sums& total) const;

  ArtifactStore& store_;
  Manifest manifest_;
  std::vector<std::string> names_;
  std::vector<uint64_t> variants_;
  uint32_t n_samples_;
  MalesOnX males_;
  WeightRows rows_;
  std::vector<ShardRecord> committed_;

  // Of the shard being scanned.
  Sums sums_;
  std::vector<double*> sum_of_;  // by score
  std::vector<uint32_t*> missing_of_;
  std::vector<double> offset_;    // by score: sum of what every sample gains (2 w of REF)
  std::vector<uint8_t> touched_;  // by score
  uint64_t tile_rows_ = 0, rows_used_ = 0;
  WeightRows::TilePlan plan_;  // of the tile being consumed
};

}  // namespace kinflow
