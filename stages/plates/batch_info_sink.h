#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pipeline/graph/run_context.h"
#include "pipeline/graph/tile_sink.h"
#include "stages/plates/batch_info.h"
#include "stages/plates/layout.h"

namespace kinflow::plates {

/// Imputation quality of each autosomal variant in each batch.
class BatchInfoSink : public TileSink {
 public:
  struct Setup {
    Factor batch;                                 // people of no batch are not counted
    std::optional<std::vector<uint64_t>> wanted;  // rows; nullopt = all
  };
  BatchInfoSink(Setup setup, ArtifactStore& store, Manifest manifest);

  Partition partition() const override { return Partition::kByVariants; }
  uint8_t FlagsUsed() const override { return 0; }
  const std::vector<uint64_t>* wanted_variants() const override {
    return setup_.wanted ? &*setup_.wanted : nullptr;
  }
  uint32_t CommittedShards() const override { return static_cast<uint32_t>(committed_.size()); }
  uint64_t CommittedVariants(uint32_t shards) const override;
  void BeginShard(uint32_t shard) override;
  void BeginTile(const DosageTile& tile) override;
  void Consume(const DosageTile& tile, Range part) override;
  void SealShard(uint32_t shard) override;
  void Finish() override;

 private:
  Setup setup_;
  ArtifactStore& store_;
  Manifest manifest_;
  std::vector<ShardRecord> committed_;
  VariantTable variants_;
  std::vector<uint64_t> rows_;  // plan order, of the variants
  uint64_t rows_seen_ = 0;
  std::vector<int64_t> place_;        // of each row of the tile in the shard, or -1
  std::vector<InfoByBatch> results_;  // by variant of the shard
};

/// INFO_ of each batch, DIFFERENCE (largest less smallest), CHI2, DF, P.
Table BatchInfoColumns(const std::vector<std::string>& batches,
                       const std::vector<InfoByBatch>& results);

}  // namespace kinflow::plates
