#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stages/formats/file_source.h"
#include "stages/formats/indexed_read.h"
#include "stages/formats/record_choice.h"
#include "stages/formats/sample_choice.h"
#include "stages/formats/shard_cutter.h"
#include "stages/formats/variant_order.h"
#include "stages/formats/vcf_reader.h"

namespace kinflow {

/// One text VCF as a stream of tiles. Records are compared with the index's counts at the end, if
/// there is one: throws kRecordCount. With regions and an index that fits, only the blocks that can
/// hold wanted records are read, and contigs that are read whole are compared. Of records
/// outside SelectWhere no genotypes are looked at.
class VcfSource : public FileSource {
 public:
  VcfSource(const std::string& path, const DosagePlan& plan, const ReadChoice& choice,
            VariantOrderPtr order);

  const SampleTablePtr& samples() const override { return choice_.table; }
  const DosageEncoding& encoding() const override { return encoding_; }
  std::optional<uint64_t> variant_count() const override { return std::nullopt; }
  uint64_t input_bytes() const override;
  uint64_t bytes_read() const override { return reader_.stream().reader().bytes_read(); }
  void Shape(const ScanShape& shape) override;
  void SelectWhere(VariantPredicate wanted) override { listed_ = RecordChoice(std::move(wanted)); }
  std::unique_ptr<RawBlock> NewRawBlock() const override;
  bool Read(RawBlock& raw) override;
  void Decode(const RawBlock& raw, DosageTile& tile) const override;
  void SkipShards(uint32_t n) override { skip_ = n; }
  /// Where people can be haploid, flags are kept whoever looks at them (ShapeCalls).
  uint8_t FlagsGiven(uint8_t) const override { return 0xff; }
  uint64_t RawBlockBytes(uint32_t tile_records) const override;
  uint32_t shards_begun() const override { return cutter_.shards(); }
  DecodeCounts counts() const override { return counts_.counts(); }
  std::vector<ByteRange> ranges() const override;
  std::string reads_all_because() const override { return indexed_.why; }

 private:
  struct Raw;
  bool ReadBlock(Raw& raw);
  void ReadPart();
  void Finish();

  DosagePlan plan_;
  VcfReader reader_;
  SampleChoice choice_;
  DosageEncoding encoding_;
  std::vector<std::string> quality_keys_;
  SiteChecker sites_;
  RegionSetPtr wanted_;
  RegionCursor regions_;
  RecordChoice listed_;
  IndexedRead indexed_;
  ShardCutter cutter_;
  uint32_t skip_ = 0;
  uint64_t next_block_ = 0;
  uint64_t line_bytes_ = 0;           // of the first, for the memory plan
  uint64_t most_bytes_ = UINT64_MAX;  // of records of a block
  bool finished_ = false;
  mutable SharedDecodeCounts counts_;
};

/// Layout of the tiles of a plan.
DosageEncoding EncodingOf(const DosagePlan& plan);

}  // namespace kinflow
