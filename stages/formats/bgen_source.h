#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stages/formats/bgen_index.h"
#include "stages/formats/bgen_reader.h"
#include "stages/formats/file_source.h"
#include "stages/formats/record_site.h"
#include "stages/formats/sample_choice.h"
#include "stages/formats/shard_cutter.h"
#include "stages/formats/variant_order.h"

namespace kinflow {

/// One BGEN file as a stream of tiles. The first allele of a variant is REF (or the last, if the
/// plan says so), the others are ALT (a row each), whose expected copies are counted. With a .bgi
/// beside it, which has to be of this very file, rows can be chosen; what it says of variants is
/// compared with the file: of those read, of those next to the regions, or of all in a full pass.
/// Variants are counted at the end against the header: throws kRecordCount.
class BgenSource : public FileSource {
 public:
  BgenSource(const std::string& path, const DosagePlan& plan, const ReadChoice& choice,
             VariantOrderPtr order);

  const SampleTablePtr& samples() const override { return choice_.table; }
  const DosageEncoding& encoding() const override { return encoding_; }
  /// What the index counts, if there is one.
  std::optional<uint64_t> variant_count() const override;
  uint64_t input_bytes() const override { return reader_.file_bytes(); }
  uint64_t bytes_read() const override { return reader_.bytes_read(); }
  void Shape(const ScanShape& shape) override;
  bool SelectRows(const std::vector<uint64_t>& rows) override;
  void SelectWhere(VariantPredicate wanted) override;
  void UseFlags(uint8_t flags) override { plan_.keep_calls &= UsesPhase(flags); }
  std::unique_ptr<RawBlock> NewRawBlock() const override;
  bool Read(RawBlock& raw) override;
  void Decode(const RawBlock& raw, DosageTile& tile) const override;
  void SkipShards(uint32_t n) override { skip_ = n; }
  /// Ploidy is of every genotype: people of one copy are flagged whoever looks at it.
  uint8_t FlagsGiven(uint8_t) const override { return 0xff; }
  uint64_t RawBlockBytes(uint32_t tile_records) const override;
  uint32_t shards_begun() const override { return cutter_.shards(); }
  DecodeCounts counts() const override { return {}; }
  std::string reads_all_because() const override { return rows_ ? "" : reads_all_because_; }
  std::vector<ByteRange> ranges() const override;  // before the first Read

 private:
  struct Raw;
  /// A variant that holds chosen rows.
  struct Chosen {
    BgenIndexEntry entry;
    uint32_t shard = 0;
    uint64_t record = 0, first_row = 0;
  };
  /// The index, read when it is first asked for; null if there is none.
  BgenIndex* Index(bool with_ids = false);
  void CheckOrder(const BgenIndex& index);
  void SeekEntry(const BgenIndex& index, const BgenIndexEntry& entry, uint64_t record,
                 BgenVariant& variant);
  void CheckEntry(const BgenIndex& index, size_t number);
  void CheckAround(const BgenIndex& index);
  void CheckAll();
  void ReadBlock(Raw& raw);
  void ReadChosenBlock(Raw& raw);
  void FindChosen();

  DosagePlan plan_;
  BgenReader reader_;
  SampleChoice choice_;
  DosageEncoding encoding_;
  SiteChecker sites_;
  ShardCutter cutter_;
  uint64_t unpacked_bytes_ = 0;  // of one variant
  uint32_t skip_ = 0;
  uint64_t next_block_ = 0, next_row_ = 0;
  std::optional<std::vector<uint64_t>> rows_;  // chosen
  std::string reads_all_because_ = "no index";
  std::optional<BgenIndex> index_;
  RegionSetPtr regions_;                     // null: everywhere
  std::optional<BgenIndexSummary> summary_;  // of the index beside a file that is read whole
  BgenVariantSum seen_;                      // of the file's variants
  std::vector<Chosen> chosen_;
  size_t next_chosen_ = 0;
};

}  // namespace kinflow
