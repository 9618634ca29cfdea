#include "stages/batches/batch_counts_stage.h"

#include <algorithm>

#include "pipeline/kernels/counts.h"
#include "pipeline/store/committed_rows.h"
#include "stages/batches/batch_counts.h"

namespace kinflow {
namespace {

bool AnyHaploid(const uint8_t* flags, uint32_t n) {
  uint8_t any = 0;
  for (uint32_t s = 0; flags != nullptr && s < n; ++s) any |= flags[s];
  return (any & kCallHaploid) != 0;
}

class BatchCountsSink : public TileSink {
 public:
  BatchCountsSink(ArtifactStore& store, Manifest manifest, const std::vector<Sex>& sexes)
      : store_(store),
        manifest_(std::move(manifest)),
        sexes_(sexes),
        everybody_(std::vector<uint8_t>(sexes.size(), 1)),
        committed_(store_.CommittedShards(manifest_.kind, manifest_.key)) {}

  Partition partition() const override { return Partition::kByVariants; }
  uint8_t FlagsUsed() const override { return kCallHaploid; }
  uint32_t CommittedShards() const override { return static_cast<uint32_t>(committed_.size()); }
  uint64_t CommittedVariants(uint32_t shards) const override {
    return RowsOfShards(committed_, shards);
  }
  void BeginShard(uint32_t) override { counts_ = {}; }
  void BeginTile(const DosageTile& tile) override {
    counts_.units = tile.encoding.units_per_copy;
    first_ = counts_.copies.size();
    counts_.alt_units.resize(first_ + tile.rows());
    counts_.copies.resize(first_ + tile.rows());
    ploidy_.assign(tile.rows(), {});
  }
  void Consume(const DosageTile& tile, Range part) override {
    for (size_t r = part.begin; r < part.end; ++r) CountRow(tile, r);
  }
  void EndTile(const DosageTile&) override {
    for (const PloidyCounts& row : ploidy_) counts_.ploidy += row;
  }
  void SealShard(uint32_t shard) override {
    const auto out = store_.BeginShard(manifest_.kind, manifest_.key, shard);
    counts_.Write(out->file());
    const ShardRecord record = out->Commit(counts_.copies.size());
    if (shard < committed_.size()) {
      committed_[shard] = record;
    } else {
      committed_.push_back(record);
    }
  }
  void Finish() override {
    manifest_.shards = committed_;
    store_.Seal(manifest_);
  }

 private:
  void CountRow(const DosageTile& tile, size_t r) {
    uint64_t& alt = counts_.alt_units[first_ + r];
    uint64_t& copies = counts_.copies[first_ + r];
    if (tile.encoding.layout == DosageEncoding::Layout::kTwoBit) {
      const CallCounts calls = CountCalls(tile.Row(r), everybody_);
      alt = uint64_t{calls.het} + 2 * uint64_t{calls.hom_alt};
      copies = 2 * uint64_t{calls.called()};
    } else {
      const DosageSums sums = SumDosages(tile.encoding, tile.Row(r), everybody_);
      alt = sums.sum;
      copies = 2 * uint64_t{sums.called};
    }
    const ChromClass chrom = tile.variants.chrom_class(r);
    const bool by_ploidy = chrom != ChromClass::kAutosome && chrom != ChromClass::kOther;
    const uint8_t* flags = tile.CallRow(r);
    if (!by_ploidy && !AnyHaploid(flags, tile.n_samples)) return;
    for (uint32_t s = 0; s < tile.n_samples; ++s) {
      const bool haploid = flags != nullptr && (flags[s] & kCallHaploid) != 0;
      if (!haploid && !by_ploidy) continue;
      if (tile.At(r, s) == tile.encoding.missing()) continue;
      if (haploid) --copies;
      if (PloidyCount* count = CountOf(ploidy_[r], chrom, sexes_[s])) {
        ++count->called;
        count->haploid += haploid ? 1 : 0;
      }
    }
  }
  static PloidyCount* CountOf(PloidyCounts& row, ChromClass chrom, Sex sex) {
    if (chrom == ChromClass::kMt) return &row.on_mt;
    if (sex == Sex::kFemale) return nullptr;
    if (chrom == ChromClass::kY) return &row.on_y;
    if (chrom != ChromClass::kX) return nullptr;
    return sex == Sex::kMale ? &row.males_on_x : &row.others_on_x;
  }

  ArtifactStore& store_;
  Manifest manifest_;
  const std::vector<Sex>& sexes_;  // the stage's
  SampleMask everybody_;
  std::vector<ShardRecord> committed_;
  BatchCounts counts_;  // of the shard so far; each row is written by one part
  size_t first_ = 0;
  std::vector<PloidyCounts> ploidy_;  // by row of the tile
};

}  // namespace

std::map<std::string, Digest> BatchCountsStage::files() const {
  auto files = setup_.files;
  std::string codes;
  for (const Sex sex : setup_.sexes) codes += static_cast<char>('0' + static_cast<int>(sex));
  files["people and sexes"] = HashBytes(codes);
  return files;
}

std::unique_ptr<TileSink> BatchCountsStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  return std::make_unique<BatchCountsSink>(run.store, NewManifest(*this, keys), setup_.sexes);
}

}  // namespace kinflow
