#include "stages/formats/selected_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "pipeline/base/error.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/text.h"
#include "pipeline/graph/forwarding_source.h"

namespace kinflow {
namespace {

class SelectedSource : public ForwardingSource {
 public:
  SelectedSource(std::unique_ptr<GenotypeSource> inner, VariantSelection selection)
      : ForwardingSource(std::move(inner)), selection_(std::move(selection)) {
    inner_->SelectWhere([this](const VariantTable& variants, size_t row) {
      return selection_.Keeps(variants, row);
    });
  }

  // Rows are numbered after the selection: the inner source knows neither how many there are nor
  // which ones are meant.
  std::optional<uint64_t> variant_count() const override { return std::nullopt; }
  bool SelectRows(const std::vector<uint64_t>&) override { return false; }
  void SelectWhere(VariantPredicate) override {}

  void SkipShards(uint32_t n) override {
    skipped_ = skipped_ || n > 0;
    inner_->SkipShards(n);
  }
  bool Read(RawBlock& raw) override {
    if (inner_->Read(raw)) return true;
    if (selection_.excluded && !skipped_) selection_.excluded->ReadToTheEnd();
    return false;
  }

  void Decode(const RawBlock& raw, DosageTile& tile) const override {
    inner_->Decode(raw, tile);
    size_t out = 0;
    while (out < tile.rows() && selection_.Keeps(tile.variants, out)) ++out;
    if (out == tile.rows()) return;
    VariantTable kept;
    for (size_t r = 0; r < out; ++r) kept.Append(tile.variants, r);
    for (size_t r = out; r < tile.rows(); ++r) {
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
  VariantSelection selection_;
  bool skipped_ = false;
};

std::string DigestOfIds(const std::unordered_set<std::string>& ids) {
  Hasher hasher;
  std::vector<std::string> sorted(ids.begin(), ids.end());
  std::sort(sorted.begin(), sorted.end());
  for (const auto& id : sorted) hasher.AddField(id);
  return hasher.Finish().Hex();
}

}  // namespace

bool VariantSelection::Keeps(const VariantTable& variants, size_t row) const {
  if (by_id && !ids.contains(std::string(variants.id(row)))) return false;
  if (regions && !regions->Contains(variants.chrom(row), variants.pos(row))) return false;
  return !excluded || !excluded->Excludes(std::string(variants.id(row)));
}

std::string VariantSelection::Canonical() const {
  std::string text = by_id ? "ids " + DigestOfIds(ids) : "";
  if (regions) text += " regions" + regions->Canonical();
  if (excluded) text += " without ids " + DigestOfIds(excluded->ids());
  return text;
}

std::unordered_set<std::string> ReadIdList(const std::string& path) {
  std::unordered_set<std::string> ids;
  LineReader reader(path);
  std::string_view line;
  while (reader.Next(line)) {
    const auto fields = SplitBlanks(line);
    if (fields.empty() || fields[0].front() == '#') continue;
    if (fields.size() > 1) {
      throw Error(ErrorId::kMalformed, fmt::format("{} columns in a list of ids", fields.size()))
          .InFile(path)
          .AtLine(reader.line_number())
          .Remedy("give one variant id a line");
    }
    ids.emplace(fields[0]);
  }
  return ids;
}

std::unique_ptr<GenotypeSource> SelectVariants(std::unique_ptr<GenotypeSource> inner,
                                               VariantSelection selection) {
  if (selection.empty()) return inner;
  return std::make_unique<SelectedSource>(std::move(inner), std::move(selection));
}

}  // namespace kinflow
