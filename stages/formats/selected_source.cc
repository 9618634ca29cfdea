#include "stages/formats/selected_source.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "pipeline/base/hash.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

class SelectedSource : public GenotypeSource {
 public:
  SelectedSource(std::unique_ptr<GenotypeSource> inner, std::shared_ptr<const IdSet> ids)
      : inner_(std::move(inner)), ids_(std::move(ids)) {}

  const SampleTablePtr& samples() const override { return inner_->samples(); }
  const DosageEncoding& encoding() const override { return inner_->encoding(); }
  std::optional<uint64_t> variant_count() const override { return std::nullopt; }
  uint64_t input_bytes() const override { return inner_->input_bytes(); }
  uint64_t bytes_read() const override { return inner_->bytes_read(); }
  void Shape(const ScanShape& shape) override { inner_->Shape(shape); }
  std::unique_ptr<RawBlock> NewRawBlock() const override { return inner_->NewRawBlock(); }
  bool Read(RawBlock& raw) override { return inner_->Read(raw); }
  void SkipShards(uint32_t n) override { inner_->SkipShards(n); }
  uint64_t RawBlockBytes(uint32_t records) const override { return inner_->RawBlockBytes(records); }

  void Decode(const RawBlock& raw, DosageTile& tile) const override {
    inner_->Decode(raw, tile);
    VariantTable kept;
    size_t out = 0;
    for (size_t r = 0; r < tile.rows(); ++r) {
      if (!ids_->contains(std::string(tile.variants.id(r)))) continue;
      if (out != r) {
        std::memcpy(tile.Row(out), tile.Row(r), tile.stride_bytes);
        if (!tile.calls.empty()) {
          std::memcpy(tile.calls.data() + out * tile.n_samples,
                      tile.calls.data() + r * tile.n_samples, tile.n_samples);
        }
      }
      kept.Append(tile.variants, r);
      ++out;
    }
    tile.variants = std::move(kept);
  }

 private:
  std::unique_ptr<GenotypeSource> inner_;
  std::shared_ptr<const IdSet> ids_;
};

}  // namespace

IdSet ReadIdList(const std::string& path) {
  IdSet ids;
  LineReader reader(path);
  std::string_view line;
  while (reader.Next(line)) {
    const auto fields = SplitBlanks(line);
    if (!fields.empty()) ids.emplace(fields[0]);
  }
  return ids;
}

std::string CanonicalIds(const IdSet& ids) {
  std::vector<std::string_view> sorted(ids.begin(), ids.end());
  std::sort(sorted.begin(), sorted.end());
  Hasher hasher;
  for (const auto id : sorted) hasher.AddField(id);
  return hasher.Finish().Hex();
}

std::unique_ptr<GenotypeSource> SelectIds(std::unique_ptr<GenotypeSource> inner,
                                          std::shared_ptr<const IdSet> ids) {
  if (!ids) return inner;
  return std::make_unique<SelectedSource>(std::move(inner), std::move(ids));
}

}  // namespace kinflow
