#include "stages/formats/selected_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "pipeline/base/error.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

class SelectedSource : public GenotypeSource {
 public:
  SelectedSource(std::unique_ptr<GenotypeSource> inner, VariantSelection selection)
      : inner_(std::move(inner)), selection_(std::move(selection)) {
    inner_->SelectWhere([this](const VariantTable& variants, size_t row) {
      return selection_.Keeps(variants, row);
    });
  }

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
      if (!selection_.Keeps(tile.variants, r)) continue;
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
  VariantSelection selection_;
};

[[noreturn]] void BadRegion(std::string_view part) {
  throw Error(ErrorId::kConfigRange, "not a region")
      .Field("input.regions")
      .Value(part)
      .Remedy("write 1:1000-2000, or X for a whole chromosome; separate several with commas");
}

}  // namespace

bool VariantSelection::Keeps(const VariantTable& variants, size_t row) const {
  if (by_id && !ids.contains(std::string(variants.id(row)))) return false;
  if (regions.empty()) return true;
  return std::any_of(regions.begin(), regions.end(), [&](const Region& r) {
    return variants.chrom(row) == r.chrom && variants.pos(row) >= r.begin &&
           variants.pos(row) <= r.end;
  });
}

std::string VariantSelection::Canonical() const {
  Hasher hasher;
  std::vector<std::string> sorted(ids.begin(), ids.end());
  std::sort(sorted.begin(), sorted.end());
  for (const auto& id : sorted) hasher.AddField(id);
  std::string text = by_id ? "ids " + hasher.Finish().Hex() : "";
  for (const Region& r : regions) text += fmt::format(" {}:{}-{}", r.chrom, r.begin, r.end);
  return text;
}

std::vector<VariantSelection::Region> ParseRegions(std::string_view text) {
  std::vector<VariantSelection::Region> regions;
  for (std::string_view part : Split(text, ',')) {
    part = Trim(part);
    if (part.empty()) continue;
    VariantSelection::Region region;
    const size_t colon = part.find(':');
    region.chrom = NormaliseChrom(part.substr(0, colon));
    if (region.chrom.empty()) BadRegion(part);
    if (colon != std::string_view::npos) {
      const auto ends = Split(part.substr(colon + 1), '-');
      const auto begin = ParseUint(ends[0]);
      const auto end = ends.size() == 2 ? ParseUint(ends[1]) : begin;
      if (ends.size() > 2 || !begin || !end || *begin < 1 || *end < *begin || *end > UINT32_MAX) {
        BadRegion(part);
      }
      region.begin = static_cast<uint32_t>(*begin);
      region.end = static_cast<uint32_t>(*end);
    }
    regions.push_back(std::move(region));
  }
  return regions;
}

std::unordered_set<std::string> ReadIdList(const std::string& path) {
  std::unordered_set<std::string> ids;
  LineReader reader(path);
  std::string_view line;
  while (reader.Next(line)) {
    const auto fields = SplitBlanks(line);
    if (!fields.empty()) ids.emplace(fields[0]);
  }
  return ids;
}

std::unique_ptr<GenotypeSource> SelectVariants(std::unique_ptr<GenotypeSource> inner,
                                               VariantSelection selection) {
  if (selection.empty()) return inner;
  return std::make_unique<SelectedSource>(std::move(inner), std::move(selection));
}

}  // namespace kinflow
