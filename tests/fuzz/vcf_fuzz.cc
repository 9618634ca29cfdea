// words<<<>>>vcf

#include <algorithm>
#include <cmath>

#include "tests/fuzz/genotype_fuzz.h"
#include "tests/fuzz/vcf_reference.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

void CheckDosages(std::string_view text, const Genotypes& genotypes) {
  const auto rows = ReadVcfSlowly(text, genotypes.plan.dosage.field);
  Require(rows.size() == genotypes.values.size(), "another number of variants");
  const double units = genotypes.encoding.units_per_copy;
  for (size_t r = 0; r < rows.size(); ++r) {
    Require(rows[r].size() == genotypes.values[r].size(), "another number of samples");
    for (size_t s = 0; s < rows[r].size(); ++s) {
      const uint32_t value = genotypes.values[r][s];
      const bool missing = value == genotypes.encoding.missing();
      Require(missing == std::isnan(rows[r][s]), "missing in one reading only");
      // Values a hair outside of [0, 2] are taken as the border.
      const double expected = std::clamp(rows[r][s], 0.0, 2.0) * units;
      Require(missing || std::fabs(expected - value) <= 0.5 + 3e-6 * units, "another dosage");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const auto parts = Parts(data, size, 3);
  folder.Clear();
  const auto options = GenotypeOptionsOf(parts[0], folder.Write("x.vcf", parts[1]));
  if (!parts[2].empty()) folder.Write("x.vcf.tbi", parts[2]);
  const auto genotypes = ReadGenotypes(options, parts[2].empty());
  if (genotypes && options.choice.keep.empty() && parts[1].starts_with("##fileformat=VCF")) {
    CheckDosages(parts[1], *genotypes);
  }
  folder.RequireOnlyInputs();
  return 0;
}
