#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/graph/run_context.h"
#include "pipeline/graph/tile_sink.h"
#include "stages/kinship/trio_dosages.h"

namespace kinflow::kinship {

/// Sums the violations of trios over autosomal variants. All integers: the order of parts does not
/// matter.
class TrioDosagesSink : public TileSink {
 public:
  struct Setup {
    uint32_t n_samples = 0;
    std::vector<ControlledTrio> trios;
    std::optional<std::vector<uint64_t>> wanted;  // rows; nullopt = all
    SampleTablePtr samples;
  };
  TrioDosagesSink(Setup setup, ArtifactStore& store, Manifest manifest);

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
  uint32_t units_ = 0;  // of one allele copy in the shard; 0 = no tile yet
  uint64_t rows_seen_ = 0;
  std::mutex mutex_;
  TrioSums sums_;  // of the shard
};

}  // namespace kinflow::kinship
