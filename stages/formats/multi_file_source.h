#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "stages/formats/file_source.h"

namespace kinflow {

/// Files of one input, one after the other, as one source: same samples and encoding, each file
/// starts a new shard. A file is opened when the one before it has been read; it stays open until
/// its last block is decoded.
class MultiFileSource : public FileSource {
 public:
  struct Part {
    std::function<std::unique_ptr<FileSource>()> open;
    uint64_t bytes = 0;                // that will be read
    std::optional<uint64_t> variants;  // known before reading
  };
  explicit MultiFileSource(std::vector<Part> parts);

  const SampleTablePtr& samples() const override { return samples_; }
  const DosageEncoding& encoding() const override { return encoding_; }
  std::optional<uint64_t> variant_count() const override;
  uint64_t input_bytes() const override;
  uint64_t bytes_read() const override { return bytes_read_.load(std::memory_order_relaxed); }
  void Shape(const ScanShape& shape) override;
  bool SelectRows(const std::vector<uint64_t>& rows) override;
  void SelectWhere(VariantPredicate wanted) override { wanted_ = std::move(wanted); }
  void UseFlags(uint8_t flags) override;
  uint8_t FlagsGiven(uint8_t used) const override { return current_->FlagsGiven(used); }
  std::unique_ptr<RawBlock> NewRawBlock() const override;
  bool Read(RawBlock& raw) override;
  void Decode(const RawBlock& raw, DosageTile& tile) const override;
  void SkipShards(uint32_t n) override;
  uint64_t RawBlockBytes(uint32_t tile_records) const override;
  uint32_t shards_begun() const override { return shard_base_ + current_->shards_begun(); }
  DecodeCounts counts() const override;

 private:
  struct Raw;
  void Open(size_t part);
  void Configure();
  uint64_t FirstRow(size_t part) const;

  std::vector<Part> parts_;
  std::shared_ptr<FileSource> current_;
  std::vector<std::shared_ptr<FileSource>> opened_;  // for counts()
  size_t part_ = 0;
  SampleTablePtr samples_;
  DosageEncoding encoding_;
  ScanShape shape_;
  std::optional<std::vector<uint64_t>> rows_;
  VariantPredicate wanted_;
  uint8_t flags_ = 0xff;
  uint32_t skip_ = 0;
  uint32_t shard_base_ = 0;
  uint64_t bytes_base_ = 0;
  uint64_t next_block_ = 0;
  bool configured_ = false;
  std::atomic<uint64_t> bytes_read_{0};
};

}  // namespace kinflow
