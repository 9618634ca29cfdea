#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/graph/run_context.h"
#include "pipeline/graph/tile_sink.h"
#include "stages/kinship/concordance.h"

namespace kinflow::kinship {

/// A shard of the artifact: the variants with a discordant pair ("/variants", "/discordant"), all
/// by their share ("/tally"), and the numbers of pairs and of people behind them.
void WriteConcordanceShard(H5Writer& file, const VariantTable& discordant,
                           const std::vector<RepeatedCalls>& counts, const DiscordanceTally& tally,
                           const std::vector<PairOfSamples>& pairs);

/// Compares the calls of repeated samples at every variant.
class ConcordanceSink : public TileSink {
 public:
  struct Setup {
    uint32_t n_samples = 0;
    std::vector<PairOfSamples> pairs;
    std::optional<std::vector<uint64_t>> wanted;  // rows; nullopt = all
    double hard_call_threshold = 0.1;
  };
  ConcordanceSink(Setup setup, ArtifactStore& store, Manifest manifest);

  Partition partition() const override { return Partition::kByVariants; }
  uint8_t FlagsUsed() const override { return kCallHaploid; }
  const std::vector<uint64_t>* wanted_variants() const override {
    return setup_.wanted ? &*setup_.wanted : nullptr;
  }
  uint32_t CommittedShards() const override { return static_cast<uint32_t>(committed_.size()); }
  uint64_t CommittedVariants(uint32_t shards) const override;
  void BeginShard(uint32_t shard) override;
  void BeginTile(const DosageTile& tile) override;
  void Consume(const DosageTile& tile, Range part) override;
  void EndTile(const DosageTile& tile) override;
  void SealShard(uint32_t shard) override;
  void Finish() override;

 private:
  Setup setup_;
  SamplesOfPeople people_;
  ArtifactStore& store_;
  Manifest manifest_;
  std::vector<ShardRecord> committed_;
  uint64_t rows_seen_ = 0;
  std::vector<uint8_t> used_;          // of the tile: 1 = counted
  std::vector<RepeatedCalls> counts_;  // of the tile
  VariantTable discordant_;            // of the shard
  std::vector<RepeatedCalls> discordant_counts_;
  DiscordanceTally tally_;
};

}  // namespace kinflow::kinship
