#include "stages/dosage/dosage_stage.h"

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/store/committed_rows.h"
#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

/// Writes one file a shard. Rows go to the writers in tile order (EndTile, one thread); compression
/// runs in parallel inside them.
class DosageSink : public TileSink {
 public:
  DosageSink(RunContext& run, Manifest manifest, const DosageStage::Setup& setup)
      : store_(run.store),
        manifest_(std::move(manifest)),
        samples_(setup.samples),
        field_(setup.field),
        build_(setup.build),
        fault_of_none_(setup.fault_of_none),
        committed_(store_.CommittedShards(manifest_.kind, manifest_.key)) {}

  Partition partition() const override { return Partition::kByVariants; }
  uint32_t CommittedShards() const override { return static_cast<uint32_t>(committed_.size()); }
  uint64_t CommittedVariants(uint32_t shards) const override {
    return RowsOfShards(committed_, shards);
  }
  /// The encoding is known with the first tile only: u16 is the larger one.
  uint64_t MemoryBytes() const override {
    const uint64_t dosages =
        DosageWriter::MemoryBytes(samples_->size(), {DosageEncoding::Layout::kU16});
    const uint64_t flags =
        DosageWriter::MemoryBytes(samples_->size(), {DosageEncoding::Layout::kU8});
    return dosages + flags;
  }

  void UseEncoding(const DosageEncoding& encoding) override { encoding_ = encoding; }

  void BeginShard(uint32_t shard) override {
    variants_.Clear();
    shard_ = store_.BeginShard(manifest_.kind, manifest_.key, shard);
    dosages_.reset();
    calls_.reset();
    flag_bits_ = 0;
  }
  void Consume(const DosageTile&, Range) override {}
  void EndTile(const DosageTile& tile) override {
    if (tile.rows() == 0) return;
    if (!dosages_) OpenWriter(tile.encoding);
    // In pieces that end at multiples of kPiece rows of the shard: the order in which the chunks of
    // the two datasets reach the file, hence its bytes, must not depend on the size of tiles.
    const auto rows = static_cast<uint32_t>(tile.rows());
    for (uint32_t begin = 0, end = 0; begin < rows; begin = end) {
      const auto used = static_cast<uint32_t>((variants_.size() + begin) % kPiece);
      end = std::min(rows, begin + kPiece - used);
      BeginFlags(tile, begin, end);
      dosages_->Append(tile, {begin, end});
      if (calls_) calls_->AppendBytes(FlagsOf(tile, begin), end - begin, tile.n_samples);
    }
    variants_.Append(tile.variants);
  }
  void SealShard(uint32_t shard) override {
    H5Writer& file = shard_->file();
    const bool has_flags = calls_ != nullptr;
    // Without rows, so that who goes through the shards finds it in each.
    if (!dosages_) OpenWriter(encoding_);
    dosages_->Finish();
    file.Attribute(layout::kDosage, layout::kField, field_);
    if (calls_) {
      calls_->Finish();
      file.Attribute(layout::kCalls, layout::kFlagBits, int64_t{flag_bits_});
    }
    dosages_.reset();
    calls_.reset();
    file.WriteVariants(layout::kVariants, variants_);
    WriteSamples(file);
    file.Attribute("/", layout::kFormat, layout::kDosageFormat);
    file.Attribute("/", layout::kFormatVersionName, layout::kFormatVersion);
    file.Attribute("/", layout::kBuild, build_);
    file.Attribute("/", layout::kSamplesDigest, samples_->digest().Hex());
    file.Attribute("/", layout::kSampleCount, int64_t{samples_->size()});
    file.Attribute("/", layout::kShardIndex, int64_t{shard});
    file.Attribute("/", layout::kHasFlags, int64_t{has_flags ? 1 : 0});
    const ShardRecord record = shard_->Commit(variants_.size());
    shard_.reset();
    if (shard < committed_.size()) {
      committed_[shard] = record;
    } else {
      committed_.push_back(record);
    }
  }
  void Finish() override {
    // Of text the shards are begun before it is known what of them is in the selection.
    if (RowsOfShards(committed_, static_cast<uint32_t>(committed_.size())) == 0) {
      if (fault_of_none_) throw fault_of_none_();
      throw Error(ErrorId::kNoVariantsLeft, "no variant of the input is in the selection")
          .Field("input")
          .Remedy("look at the input, and at the regions and variants chosen");
    }
    manifest_.shards = committed_;
    store_.Seal(manifest_);
  }

 private:
  // A multiple of the rows of a chunk of either dataset.
  static constexpr uint32_t kPiece = 256;

  static const uint8_t* FlagsOf(const DosageTile& tile, uint32_t begin) {
    return tile.calls.empty() ? nullptr : tile.CallRow(begin);
  }
  // The dataset of flags begins with the first piece that has one: most inputs have none. Before
  // the piece's dosages are appended, so that the order of chunks in the file stays that of pieces.
  void BeginFlags(const DosageTile& tile, uint32_t begin, uint32_t end) {
    const uint8_t* flags = FlagsOf(tile, begin);
    if (flags == nullptr) return;
    const size_t n = size_t{end - begin} * tile.n_samples;
    uint8_t bits = 0;  // not the member: bytes of `flags` might be it, one at a time then
    for (size_t i = 0; i < n; ++i) bits |= flags[i];
    flag_bits_ |= bits;
    if (calls_ || flag_bits_ == 0) return;
    calls_ = std::make_unique<DosageWriter>(shard_->file(), layout::kCalls, samples_->size(),
                                            DosageEncoding::ForUnits(1));
    calls_->AppendBytes(nullptr, variants_.size() + begin, tile.n_samples);
  }
  void OpenWriter(const DosageEncoding& encoding) {
    DosageEncoding kept = encoding;
    if (kept.layout == DosageEncoding::Layout::kTwoBit) kept.layout = DosageEncoding::Layout::kU8;
    dosages_ =
        std::make_unique<DosageWriter>(shard_->file(), layout::kDosage, samples_->size(), kept);
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
  std::string field_, build_;
  std::function<Error()> fault_of_none_;
  std::vector<ShardRecord> committed_;
  DosageEncoding encoding_;  // of the scan
  VariantTable variants_;
  std::unique_ptr<ArtifactStore::Shard> shard_;  // outlives the writers
  std::unique_ptr<DosageWriter> dosages_, calls_;
  uint8_t flag_bits_ = 0;  // of the shard
};

}  // namespace

std::unique_ptr<TileSink> DosageStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  return std::make_unique<DosageSink>(run, NewManifest(*this, keys), setup_);
}

}  // namespace kinflow
