#include "stages/formats/pseudoautosomal.h"

#include "pipeline/graph/forwarding_source.h"

namespace kinflow {
namespace {

class PseudoautosomalSource : public ForwardingSource {
 public:
  PseudoautosomalSource(std::unique_ptr<GenotypeSource> inner, Pseudoautosomal regions)
      : ForwardingSource(std::move(inner)), regions_(regions) {}

  void Decode(const RawBlock& raw, DosageTile& tile) const override {
    inner_->Decode(raw, tile);
    for (size_t r = 0; r < tile.variants.size(); ++r) {
      if (tile.variants.chrom_class(r) == ChromClass::kX && regions_.Contains(tile.variants.pos(r)))
        tile.variants.SetChrom(r, "XY");
    }
  }

 private:
  Pseudoautosomal regions_;
};

}  // namespace

Pseudoautosomal Pseudoautosomal::Of(const std::string& build) {
  if (build == "GRCh37") return {60001, 2699520, 154931044, 155260560};
  if (build == "GRCh38") return {10001, 2781479, 155701383, 156030895};
  return {};
}

Pseudoautosomal Pseudoautosomal::OfY(const std::string& build) {
  if (build == "GRCh37") return {10001, 2649520, 59034050, 59363566};
  if (build == "GRCh38") return {10001, 2781479, 56887903, 57217415};
  return {};
}

std::unique_ptr<GenotypeSource> NamePseudoautosomal(std::unique_ptr<GenotypeSource> inner,
                                                    const std::string& build) {
  const Pseudoautosomal regions = Pseudoautosomal::Of(build);
  if (regions.first_end == 0) return inner;
  return std::make_unique<PseudoautosomalSource>(std::move(inner), regions);
}

}  // namespace kinflow
