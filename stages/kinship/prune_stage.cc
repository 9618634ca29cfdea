#include "stages/kinship/prune_stage.h"

#include <algorithm>

#include "stages/kinship/ld_pruner.h"
#include "stages/kinship/packed_calls.h"
#include "stages/kinship/variants_stage.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow::kinship {
namespace {

/// Rows are packed in parallel; the pruner takes them in order.
class PruneSink : public TileSink {
 public:
  PruneSink(RunContext& run, Manifest manifest, std::vector<uint64_t> wanted, const Cohort& cohort,
            const KinshipOptions& options)
      : run_(run),
        manifest_(std::move(manifest)),
        wanted_(std::move(wanted)),
        hard_call_threshold_(options.hard_call_threshold),
        row_bytes_(PackedBytes(cohort.samples->size())),
        pruner_(options.prune_window_kb * 1000, options.prune_r2, row_bytes_),
        others_(row_bytes_, 0xFF) {
    for (uint32_t s = 0; s < cohort.samples->size(); ++s) {
      if (cohort.founders[s] == 0) continue;
      others_[s / 4] = static_cast<uint8_t>(others_[s / 4] & ~(3u << 2 * (s % 4)));
    }
  }

  Partition partition() const override { return Partition::kByVariants; }
  uint8_t FlagsUsed() const override { return kCallHaploid; }
  const std::vector<uint64_t>* wanted_variants() const override { return &wanted_; }
  uint32_t CommittedShards() const override { return 0; }
  uint64_t CommittedVariants(uint32_t) const override { return 0; }
  uint64_t MemoryBytes() const override {
    constexpr uint64_t kWindow = 4096;  // variants of a dense window, about, and those of a tile
    return kWindow * row_bytes_ + 8 * wanted_.size();
  }
  void BeginShard(uint32_t) override {}
  void BeginTile(const DosageTile& tile) override {
    rows_.clear();
    auto next = std::lower_bound(wanted_.begin(), wanted_.end(), tile.first_variant);
    for (; next != wanted_.end() && *next < tile.first_variant + tile.rows(); ++next) {
      rows_.push_back(static_cast<uint32_t>(*next - tile.first_variant));
    }
    packed_.Resize(rows_.size() * row_bytes_);
  }
  void Consume(const DosageTile& tile, Range part) override {
    const auto begin = std::lower_bound(rows_.begin(), rows_.end(), part.begin);
    for (auto r = begin; r != rows_.end() && *r < part.end; ++r) {
      uint8_t* out = packed_.data() + static_cast<size_t>(r - rows_.begin()) * row_bytes_;
      PackRow(tile, *r, hard_call_threshold_, out);
      for (size_t i = 0; i < row_bytes_; ++i) out[i] = static_cast<uint8_t>(out[i] | others_[i]);
    }
  }
  void EndTile(const DosageTile& tile) override {
    for (size_t k = 0; k < rows_.size(); ++k) {
      pruner_.Add(tile.first_variant + rows_[k], tile.variants.chrom(rows_[k]),
                  tile.variants.pos(rows_[k]), packed_.data() + k * row_bytes_);
    }
  }
  void SealShard(uint32_t) override {}
  void Finish() override {
    pruner_.Finish();
    const auto out = run_.store.BeginShard(manifest_.kind, manifest_.key, 0);
    out->file().Write("/passing", std::span<const uint64_t>(pruner_.kept()));
    manifest_.shards.push_back(out->Commit(pruner_.kept().size()));
    run_.log.Info("{}: {} of {} variants stay", manifest_.stage, pruner_.kept().size(),
                  pruner_.seen());
    run_.store.Seal(manifest_);
  }

 private:
  RunContext& run_;
  Manifest manifest_;
  std::vector<uint64_t> wanted_;
  double hard_call_threshold_;
  size_t row_bytes_;
  LdPruner pruner_;
  std::vector<uint8_t> others_;  // missing for all but founders, to OR into a row
  std::vector<uint32_t> rows_;   // of the tile that are wanted
  AlignedBuffer packed_;
};

}  // namespace

std::vector<std::string> PruneStage::inputs() const {
  auto inputs = setup_.inputs;
  inputs.emplace_back("kinship_variants");
  return inputs;
}

std::map<std::string, Digest> PruneStage::files() const {
  auto files = setup_.files;
  files["cohort"] = setup_.cohort->digest();
  return files;
}

std::unique_ptr<TileSink> PruneStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  const Manifest variants = InputManifest(run.store, kVariantsKind, keys, "kinship_variants");
  return std::make_unique<PruneSink>(run, NewManifest(*this, keys),
                                     PassingRows(run.store, variants), *setup_.cohort,
                                     setup_.options);
}

}  // namespace kinflow::kinship
