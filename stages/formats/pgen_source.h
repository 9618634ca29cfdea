#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stages/formats/file_source.h"
#include "stages/formats/pgen_decode.h"
#include "stages/formats/pgen_files.h"
#include "stages/formats/sample_choice.h"

namespace kinflow {

/// One PLINK 2 .pgen with its .pvar and .psam as a stream of tiles: two-bit calls, or dosages with
/// 16384 units a copy if the plan's field is DS. Records of several ALT alleles are split, a row an
/// allele. Rows can be chosen. Ploidy is not marked.
class PgenSource : public FileSource {
 public:
  PgenSource(const std::string& path, const DosagePlan& plan, const ReadChoice& choice,
             const VariantOrderPtr& order);

  const SampleTablePtr& samples() const override { return choice_.table; }
  const DosageEncoding& encoding() const override { return encoding_; }
  std::optional<uint64_t> variant_count() const override { return files_.variants.rows.size(); }
  uint64_t input_bytes() const override { return index().begin(index().variants()); }
  uint64_t bytes_read() const override { return bytes_read_.load(std::memory_order_relaxed); }
  void Shape(const ScanShape& shape) override;
  bool SelectRows(const std::vector<uint64_t>& rows) override;
  void SelectWhere(VariantPredicate wanted) override;
  void UseFlags(uint8_t flags) override { keep_calls_ &= UsesPhase(flags); }
  uint8_t FlagsGiven(uint8_t used) const override {
    return keep_calls_ && UsesPhase(used) ? kCallPhased | kCallAltFirst : 0;
  }
  std::unique_ptr<RawBlock> NewRawBlock() const override;
  bool Read(RawBlock& raw) override;
  void Decode(const RawBlock& raw, DosageTile& tile) const override;
  void SkipShards(uint32_t n) override { skip_ = n; }
  uint64_t RawBlockBytes(uint32_t tile_records) const override;
  uint32_t shards_begun() const override { return static_cast<uint32_t>(shard_begin_.size()); }
  DecodeCounts counts() const override { return {}; }
  std::vector<ByteRange> ranges() const override;

 private:
  struct Raw;
  const PgenIndex& index() const { return files_.index; }
  uint32_t ShardOf(uint64_t record) const;
  uint64_t BlockEnd(uint64_t record) const;
  bool NextRange(uint64_t& first, uint64_t& end);
  RecordPlace PlaceOf(uint64_t record) const;
  /// True if a record of [first, end) has a phase track.
  bool AnyPhase(uint64_t first, uint64_t end) const;
  void WriteRows(PgenDecoder& decoder, uint64_t record, DosageTile& tile, size_t row,
                 std::vector<uint16_t>& units) const;

  std::string path_;
  PgenFiles files_;
  SampleChoice choice_;
  DosageEncoding encoding_;
  DosageField field_;
  bool keep_calls_;
  uint32_t tile_records_ = 256;
  std::vector<uint64_t> shard_begin_;  // first record of each shard
  std::vector<uint64_t> chosen_;       // records
  bool choose_ = false;
  uint32_t skip_ = 0;
  uint64_t next_record_ = 0;  // whole scans
  size_t next_chosen_ = 0;    // index into chosen_
  uint64_t next_block_ = 0;
  std::atomic<uint64_t> bytes_read_{0};
};

}  // namespace kinflow
