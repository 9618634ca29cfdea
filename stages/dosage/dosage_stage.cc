#include "stages/dosage/dosage_stage.h"

#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

/// Writes one file a shard. Rows go to the writers in tile order (EndTile, one thread); compression
/// runs in parallel inside them.
class DosageSink : public TileSink {
 public:
  DosageSink(RunContext& run, Manifest manifest, SampleTablePtr samples, bool keep_calls)
      : store_(run.store),
        manifest_(std::move(manifest)),
        samples_(std::move(samples)),
        keep_calls_(keep_calls),
        committed_(store_.CommittedShards(manifest_.kind, manifest_.key)) {}

  Partition partition() const override { return Partition::kByVariants; }
  uint32_t CommittedShards() const override { return static_cast<uint32_t>(committed_.size()); }
  uint64_t CommittedVariants(uint32_t shards) const override {
    uint64_t rows = 0;
    for (uint32_t i = 0; i < shards && i < committed_.size(); ++i) rows += committed_[i].rows;
    return rows;
  }
  /// Two bands of chunks (raw and compressed) of dosages, and of flags.
  uint64_t MemoryBytes() const override {
    return uint64_t{2} * samples_->size() * (128 * 2 + (keep_calls_ ? 256 : 0));
  }

  void BeginShard(uint32_t shard) override {
    variants_.Clear();
    shard_ = store_.BeginShard(manifest_.kind, manifest_.key, shard);
    dosages_.reset();
    calls_.reset();
    has_flags_ = false;
  }
  void Consume(const DosageTile&, Range) override {}
  void EndTile(const DosageTile& tile) override {
    if (tile.rows() == 0) return;
    if (!dosages_) OpenWriters(tile.encoding);
    dosages_->Append(tile);
    variants_.Append(tile.variants);
    if (!calls_) return;
    has_flags_ |= !tile.calls.empty();
    calls_->AppendBytes(tile.calls.empty() ? nullptr : tile.calls.data(), tile.rows(), tile.n_samples);
  }
  void SealShard(uint32_t shard) override {
    H5Writer& file = shard_->file();
    if (dosages_) dosages_->Finish();
    if (calls_) calls_->Finish();
    dosages_.reset();
    calls_.reset();
    file.WriteVariants(layout::kVariants, variants_);
    if (shard == 0) WriteSamples(file);
    file.Attribute("/", layout::kFormat, layout::kDosageFormat);
    file.Attribute("/", layout::kFormatVersionName, layout::kFormatVersion);
    file.Attribute("/", layout::kSamplesDigest, samples_->digest().Hex());
    file.Attribute("/", layout::kSampleCount, int64_t{samples_->size()});
    file.Attribute("/", layout::kShardIndex, int64_t{shard});
    file.Attribute("/", layout::kHasFlags, int64_t{has_flags_ ? 1 : 0});
    const ShardRecord record = shard_->Commit(variants_.size());
    shard_.reset();
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
  void OpenWriters(const DosageEncoding& encoding) {
    DosageEncoding kept = encoding;
    if (kept.layout == DosageEncoding::Layout::kTwoBit) kept.layout = DosageEncoding::Layout::kU8;
    dosages_ = std::make_unique<DosageWriter>(shard_->file(), layout::kDosage, samples_->size(), kept);
    if (keep_calls_) {
      calls_ = std::make_unique<DosageWriter>(shard_->file(), layout::kCalls, samples_->size(),
                                              DosageEncoding::ForUnits(1));
    }
  }
  void WriteSamples(H5Writer& file) const {
    file.Write("/samples/fid", samples_->fids());
    file.Write("/samples/iid", samples_->iids());
    std::vector<uint8_t> sex;
    for (const Sex s : samples_->sexes()) sex.push_back(static_cast<uint8_t>(s));
    file.Write("/samples/sex", std::span<const uint8_t>(sex));
  }

  ArtifactStore& store_;
  Manifest manifest_;
  SampleTablePtr samples_;
  bool keep_calls_;
  std::vector<ShardRecord> committed_;
  VariantTable variants_;
  std::unique_ptr<ArtifactStore::Shard> shard_;  // outlives the writers
  std::unique_ptr<DosageWriter> dosages_, calls_;
  bool has_flags_ = false;
};

}  // namespace

std::unique_ptr<TileSink> DosageStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  return std::make_unique<DosageSink>(run, NewManifest(*this, keys), setup_.samples, setup_.keep_calls);
}

}  // namespace kinflow
