#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/base/log.h"
#include "pipeline/graph/tile_sink.h"
#include "pipeline/store/artifact_store.h"
#include "stages/scores/families/family_artifact.h"
#include "stages/scores/families/family_units.h"
#include "stages/scores/families/inheritance.h"
#include "stages/scores/match_artifact.h"

namespace kinflow {

/// Sums weight x expected alleles by parent of origin, and of the parents, over all scores in one
/// pass (SolveFamily at each variant). A missing genotype is a family member without one at that
/// variant. Sums run in row order within a scan shard, then over shards, as ScoreSink's.
///
/// Phase: a heterozygous child of parents who do not tell is resolved by its phase against the
/// nearest variant before it, in the same chromosome and shard, where they do. Which haplotype is
/// the mother's is taken from all variants of the scan, not those of the scores alone.
///
/// Memory: 48 bytes x scores x children.
class FamilySink : public TileSink {
 public:
  struct Setup {
    std::vector<ScoreFamily> families;
    MatchedScores scores;       // additive ones alone
    std::vector<uint8_t> male;  // by sample
    bool use_phase = true;
  };
  FamilySink(ArtifactStore& store, Log& log, Manifest manifest, Setup setup);

  Partition partition() const override { return Partition::kBySamples; }
  uint8_t FlagsUsed() const override {
    return setup_.use_phase ? uint8_t{0xff} : uint8_t{kCallHaploid};
  }
  const std::vector<uint64_t>* wanted_variants() const override {
    return setup_.use_phase ? nullptr : &rows_;
  }
  uint32_t CommittedShards() const override { return static_cast<uint32_t>(committed_.size()); }
  uint64_t CommittedVariants(uint32_t shards) const override;
  uint64_t MemoryBytes() const override;
  void BeginShard(uint32_t shard) override;
  void BeginTile(const DosageTile& tile) override;
  void Consume(const DosageTile& tile, Range part) override;
  void SealShard(uint32_t shard) override;
  void Finish() override;

 private:
  struct Weight {
    uint32_t score = 0;
    bool of_ref = false;
    double weight = 0;
  };
  /// Which haplotype of a child is the mother's, by the last variant that told.
  enum class Origin : uint8_t { kUnknown, kFirstMaternal, kFirstPaternal };

  /// A row of the tile being consumed.
  struct TileRow {
    uint32_t in_tile = 0;
    int64_t wanted = -1;  // index into rows_, -1 = no weights: it may tell of phase
    bool on_x = false;
    double alt_freq = 0.5;
    bool new_chrom = false;
    const uint8_t* calls = nullptr;  // if they are wanted for phase
  };
  void AddVariances(const TileRow& row);
  void AddRow(const DosageTile& tile, const TileRow& row, const ScoreFamily& family, FamilyAt& at);
  void Fill(const DosageTile& tile, const TileRow& row, const ScoreFamily& family,
            FamilyAt& at) const;
  void Follow(const TileRow& row, const ScoreFamily& family, FamilyAt& at);
  void AddWeights(const TileRow& row, const ScoreFamily& family, const FamilyAt& at);
  void TellImpossible(const FamilySums& total);

  ArtifactStore& store_;
  Log& log_;
  Manifest manifest_;
  Setup setup_;
  uint32_t n_children_ = 0;
  std::vector<uint64_t> rows_;    // with weights, ascending
  std::vector<double> alt_freq_;  // by row
  std::vector<uint64_t> begin_;   // by row, into weights_
  std::vector<Weight> weights_;
  std::vector<ShardRecord> committed_;

  // Of the shard being scanned.
  FamilySums sums_;
  std::vector<Origin> origin_;  // by child
  std::string chrom_;           // of origin_
  std::vector<TileRow> tile_rows_;
  uint64_t variants_ = 0, rows_used_ = 0, one_parent_ = 0;
};

}  // namespace kinflow
