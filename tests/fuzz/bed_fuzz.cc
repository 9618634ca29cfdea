// words<<<>>>bed<<<>>>bim<<<>>>fam

#include <array>

#include "tests/fuzz/genotype_fuzz.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

// The .bed read once more, a genotype at a time.
void CheckCopies(std::string_view bed, const Genotypes& genotypes) {
  constexpr std::array<uint32_t, 4> kCopies = {2, 3, 1, 0};
  const size_t samples = genotypes.samples->size(), row_bytes = (samples + 3) / 4;
  Require(bed.size() == 3 + genotypes.values.size() * row_bytes, "rows that the .bed has not");
  for (size_t v = 0; v < genotypes.values.size(); ++v) {
    for (size_t s = 0; s < samples; ++s) {
      const auto byte = static_cast<uint8_t>(bed[3 + v * row_bytes + s / 4]);
      Require(genotypes.values[v][s] == kCopies[(byte >> (2 * (s % 4))) & 3], "another genotype");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const auto parts = Parts(data, size, 4);
  const std::string bed = folder.Write("x.bed", parts[1]);
  folder.Write("x.bim", parts[2]);
  folder.Write("x.fam", parts[3]);
  const auto options = GenotypeOptionsOf(parts[0], bed);
  const auto genotypes = ReadGenotypes(options);
  if (genotypes && options.choice.keep.empty() && !genotypes->values.empty() &&
      genotypes->plan.files[0].format == GenotypeFormat::kBed) {
    CheckCopies(parts[1], *genotypes);
  }
  folder.RequireOnlyInputs();
  return 0;
}
