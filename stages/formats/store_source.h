#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/graph/genotype_source.h"
#include "pipeline/store/artifact_store.h"
#include "stages/formats/sample_choice.h"

namespace kinflow {

/// The shard files of a dosage store.
struct StoreShards {
  std::string path;                  // of the store, for messages
  std::vector<ShardRecord> records;  // in order
  std::function<H5Reader(size_t i)> open;
};

/// The bits that flags of genotypes have in a shard of a dosage store; all if it does not tell.
uint8_t StoredFlagBits(const H5Reader& shard);

/// A dosage store as a stream of tiles: its shard files are the scan's shards. Each holds
/// /variants, /dosage and, if a genotype has flags, /calls (pipeline/store/README.md). Chosen rows
/// are read by bands of chunks, chosen people by columns of chunks.
class StoreSource : public GenotypeSource {
 public:
  /// An artifact of this run.
  StoreSource(const ArtifactStore& store, Manifest manifest, SampleTablePtr samples);
  /// A store given as input.
  StoreSource(StoreShards shards, SampleChoice choice);
  ~StoreSource() override;

  const SampleTablePtr& samples() const override { return choice_.table; }
  const DosageEncoding& encoding() const override { return encoding_; }
  std::optional<uint64_t> variant_count() const override { return shard_begin_.back(); }
  uint64_t input_bytes() const override { return input_bytes_; }
  uint64_t bytes_read() const override { return bytes_read_.load(std::memory_order_relaxed); }
  void Shape(const ScanShape& shape) override { tile_records_ = shape.tile_records; }
  bool SelectRows(const std::vector<uint64_t>& rows) override;
  void SelectWhere(VariantPredicate wanted) override { wanted_ = std::move(wanted); }
  void UseFlags(uint8_t flags) override { flags_ = flags; }
  /// Whole bytes are stored, so that bits come along that nobody asked for.
  uint8_t FlagsGiven(uint8_t used) const override { return used != 0 ? 0xff : 0; }
  std::unique_ptr<RawBlock> NewRawBlock() const override;
  bool Read(RawBlock& raw) override;
  void Decode(const RawBlock& raw, DosageTile& tile) const override;
  void SkipShards(uint32_t n) override { skip_ = n; }
  /// A band of chunks, of dosages or of flags.
  uint32_t LeastBlockRecords() const override;
  uint64_t RawBlockBytes(uint32_t tile_records) const override;

 private:
  struct Shard;
  struct Raw;
  void OpenShard(size_t shard);
  bool FindWanted();
  bool NextSlice(uint64_t& begin, uint64_t& end);
  uint64_t SliceEnd(uint64_t row) const;

  StoreShards shards_;
  SampleChoice choice_;
  DosageEncoding encoding_;
  std::shared_ptr<Shard> current_;
  size_t open_shard_ = SIZE_MAX;
  std::vector<uint64_t> shard_begin_;  // first row of each shard, then the total
  std::vector<uint64_t> rows_;
  bool choose_ = false;
  VariantPredicate wanted_;  // rows_ holds those of one shard at a time then
  size_t next_shard_ = 0;    // to look through with wanted_
  size_t next_chosen_ = 0;
  uint64_t next_row_ = 0;
  uint32_t tile_records_ = 256;
  uint8_t flags_ = 0xff;
  uint32_t skip_ = 0;
  uint64_t next_block_ = 0;
  uint64_t input_bytes_ = 0;
  std::atomic<uint64_t> bytes_read_{0};
};

}  // namespace kinflow
