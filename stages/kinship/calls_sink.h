#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "pipeline/graph/run_context.h"
#include "pipeline/graph/tile_sink.h"
#include "pipeline/kernels/call_planes.h"

namespace kinflow::kinship {

/// Writes the calls of chosen autosomal variants as call_groups.h lays them out. Rows are packed in
/// parallel; every 64 of them are turned into words by person, and a full piece is written, so that
/// memory is bounded by a piece. Haploid calls count as missing.
class CallsSink : public TileSink {
 public:
  struct Setup {
    uint32_t n_samples = 0;
    std::optional<std::vector<uint64_t>> wanted;  // rows; nullopt = all
    double hard_call_threshold = 0.1;
  };
  CallsSink(Setup setup, ArtifactStore& store, Manifest manifest);

  Partition partition() const override { return Partition::kByVariants; }
  uint8_t FlagsUsed() const override { return kCallHaploid; }
  const std::vector<uint64_t>* wanted_variants() const override {
    return setup_.wanted ? &*setup_.wanted : nullptr;
  }
  uint32_t CommittedShards() const override { return static_cast<uint32_t>(committed_.size()); }
  uint64_t CommittedVariants(uint32_t shards) const override;
  uint64_t MemoryBytes() const override;
  void BeginShard(uint32_t shard) override;
  void BeginTile(const DosageTile& tile) override;
  void Consume(const DosageTile& tile, Range part) override;
  void EndTile(const DosageTile& tile) override;
  void SealShard(uint32_t shard) override;
  void Finish() override;

 private:
  /// Turns the first `n` pending rows (at most 64) into the next word of the piece.
  void AddWord(size_t first, size_t n);
  void WritePiece();

  Setup setup_;
  ArtifactStore& store_;
  Manifest manifest_;
  std::vector<ShardRecord> committed_;
  size_t row_bytes_;

  // One shard.
  std::unique_ptr<ArtifactStore::Shard> shard_;
  VariantTable variants_;
  uint64_t rows_seen_ = 0;
  uint32_t pieces_ = 0;
  std::vector<int64_t> place_;         // of each row of the tile among the pending ones, or -1
  AlignedBuffer pending_, left_over_;  // packed rows; those of earlier tiles first
  size_t n_pending_ = 0;
  CallPlanes planes_;
  std::vector<uint64_t> piece_;  // [group][kPieceWords][kGroupWords]
  size_t words_ = 0;             // of the piece so far
};

}  // namespace kinflow::kinship
