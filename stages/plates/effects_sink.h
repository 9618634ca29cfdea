#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pipeline/graph/run_context.h"
#include "pipeline/graph/tile_sink.h"
#include "stages/plates/cmh.h"
#include "stages/plates/layout.h"

namespace kinflow::plates {

/// Tests each autosomal variant against each factor among founders, by sex. A variant with fewer
/// than kMinMinorAlleleCount copies of its rarer allele among them is not tested: the distribution
/// of chi-square does not hold, and it points at single persons.
class EffectsSink : public TileSink {
 public:
  static constexpr uint8_t kOut = 255;
  struct Setup {
    std::vector<Factor> factors;
    std::vector<uint8_t> stratum;                 // by sample: 0, 1 or 2; kOut = not counted
    std::optional<std::vector<uint64_t>> wanted;  // rows; nullopt = all
    double hard_call_threshold = 0.1;
  };
  EffectsSink(Setup setup, ArtifactStore& store, Manifest manifest);

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
  void SealShard(uint32_t shard) override;
  void Finish() override;

 private:
  CmhResult Test(const uint8_t* calls, const Factor& factor) const;

  Setup setup_;
  ArtifactStore& store_;
  Manifest manifest_;
  std::vector<ShardRecord> committed_;
  VariantTable variants_;
  std::vector<uint64_t> rows_;  // plan order, of the variants
  uint64_t rows_seen_ = 0;
  std::vector<int64_t> place_;                   // of each row of the tile in the shard, or -1
  std::vector<std::vector<CmhResult>> results_;  // by factor and variant of the shard
};

/// The factor without levels of 1 to `small` - 1 people counted in a stratum, for those people. By
/// `stratum` as EffectsSink::Setup.
Factor WithoutSmallCells(Factor factor, const std::vector<uint8_t>& stratum, int64_t small);

}  // namespace kinflow::plates
