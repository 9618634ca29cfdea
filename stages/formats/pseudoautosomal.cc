#include "stages/formats/pseudoautosomal.h"

namespace kinflow {
namespace {

class PseudoautosomalSource : public GenotypeSource {
 public:
  PseudoautosomalSource(std::unique_ptr<GenotypeSource> inner, Pseudoautosomal regions)
      : inner_(std::move(inner)), regions_(regions) {}

  const SampleTablePtr& samples() const override { return inner_->samples(); }
  const DosageEncoding& encoding() const override { return inner_->encoding(); }
  std::optional<uint64_t> variant_count() const override { return inner_->variant_count(); }
  uint64_t input_bytes() const override { return inner_->input_bytes(); }
  uint64_t bytes_read() const override { return inner_->bytes_read(); }
  void Shape(const ScanShape& shape) override { inner_->Shape(shape); }
  bool SelectRows(const std::vector<uint64_t>& rows) override { return inner_->SelectRows(rows); }
  void SelectWhere(VariantPredicate predicate) override {
    inner_->SelectWhere(std::move(predicate));
  }
  std::unique_ptr<RawBlock> NewRawBlock() const override { return inner_->NewRawBlock(); }
  bool Read(RawBlock& raw) override { return inner_->Read(raw); }
  void SkipShards(uint32_t n) override { inner_->SkipShards(n); }
  uint64_t RawBlockBytes(uint32_t records) const override { return inner_->RawBlockBytes(records); }

  void Decode(const RawBlock& raw, DosageTile& tile) const override {
    inner_->Decode(raw, tile);
    for (size_t r = 0; r < tile.variants.size(); ++r) {
      if (tile.variants.chrom_class(r) == ChromClass::kX && regions_.Contains(tile.variants.pos(r)))
        tile.variants.SetChrom(r, "XY");
    }
  }

 private:
  std::unique_ptr<GenotypeSource> inner_;
  Pseudoautosomal regions_;
};

}  // namespace

Pseudoautosomal Pseudoautosomal::Of(const std::string& build) {
  if (build == "GRCh37") return {60001, 2699520, 154931044, 155260560};
  if (build == "GRCh38") return {10001, 2781479, 155701383, 156030895};
  return {};
}

std::unique_ptr<GenotypeSource> NamePseudoautosomal(std::unique_ptr<GenotypeSource> inner,
                                                    const std::string& build) {
  const Pseudoautosomal regions = Pseudoautosomal::Of(build);
  if (regions.first_end == 0) return inner;
  return std::make_unique<PseudoautosomalSource>(std::move(inner), regions);
}

}  // namespace kinflow
