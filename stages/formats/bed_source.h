#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/file.h"
#include "stages/formats/file_source.h"
#include "stages/formats/sample_choice.h"
#include "stages/formats/variant_order.h"

namespace kinflow {

/// One PLINK 1 .bed with its .bim and .fam as a stream of two-bit tiles. Rows can be chosen.
class BedSource : public FileSource {
 public:
  BedSource(const std::string& path, uint64_t max_allele, const ReadChoice& choice,
            const VariantOrderPtr& order);

  const SampleTablePtr& samples() const override { return choice_.table; }
  const DosageEncoding& encoding() const override { return encoding_; }
  std::optional<uint64_t> variant_count() const override { return variants_.size(); }
  uint64_t input_bytes() const override { return variants_.size() * row_bytes_; }
  uint64_t bytes_read() const override { return bytes_read_.load(std::memory_order_relaxed); }
  void Shape(const ScanShape& shape) override;
  bool SelectRows(const std::vector<uint64_t>& rows) override;
  void SelectWhere(VariantPredicate wanted) override;
  uint8_t FlagsGiven(uint8_t) const override { return 0; }
  std::unique_ptr<RawBlock> NewRawBlock() const override;
  bool Read(RawBlock& raw) override;
  void Decode(const RawBlock& raw, DosageTile& tile) const override;
  void SkipShards(uint32_t n) override { skip_ = n; }
  /// Bytes are read where they are decoded, a few rows at a time.
  uint64_t RawBlockBytes(uint32_t) const override { return RowsAtOnce() * row_bytes_; }
  uint32_t shards_begun() const override { return static_cast<uint32_t>(shard_begin_.size()); }
  DecodeCounts counts() const override { return {.padded_rows = padded_rows_}; }
  std::vector<ByteRange> ranges() const override;

 private:
  struct Raw;
  void ChooseRows(const std::vector<uint64_t>& rows);
  uint64_t RowsAtOnce() const;
  void DecodeRow(const uint8_t* row, uint32_t r, DosageTile& tile) const;
  uint64_t ShardEnd(uint64_t row) const;
  uint32_t ShardOf(uint64_t row) const;

  std::string path_;
  FileHandle file_;
  SampleChoice choice_;
  uint32_t file_samples_ = 0;
  uint64_t row_bytes_ = 0;
  VariantTable variants_;
  DosageEncoding encoding_{DosageEncoding::Layout::kTwoBit, 1, 0};
  uint32_t tile_records_ = 256;
  std::vector<uint64_t> shard_begin_;  // first row of each shard
  std::vector<uint64_t> rows_;         // chosen rows
  bool choose_ = false;
  bool only_chosen_ = false;  // tiles hold no row between
  uint32_t skip_ = 0;
  uint64_t next_row_ = 0;   // whole scans
  size_t next_chosen_ = 0;  // index into rows_
  uint64_t next_block_ = 0;
  std::atomic<uint64_t> bytes_read_{0};
  mutable std::atomic<uint64_t> padded_rows_{0};
};

}  // namespace kinflow
