// words<<<>>>bgen<<<>>>sample<<<>>>bgi; the last two may be empty.

#include <algorithm>
#include <cstdio>

#include "stages/formats/bgen_index.h"
#include "tests/fuzz/genotype_fuzz.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

// The other allele as REF: of two alleles the copies add up to the ploidy, to a unit of rounding.
void CheckOtherRef(GenotypeOptions options, const Genotypes& first) {
  options.bgen.ref_last = true;
  options.choice.regions = nullptr;
  const auto last = ReadGenotypes(options, false);
  const auto multi = [](const Genotypes& g) {
    const auto& flags = g.variants.multiallelic_flags();
    return std::any_of(flags.begin(), flags.end(), [](uint8_t flag) { return flag != 0; });
  };
  Require(last.has_value() || multi(first), "refused with the last allele as REF");
  if (!last || multi(first) || !(last->encoding == first.encoding)) return;
  const uint32_t missing = first.encoding.missing(), units = first.encoding.units_per_copy;
  for (size_t r = 0; r < first.values.size(); ++r) {
    Require(first.variants.ref(r) == last->variants.alt(r), "alleles that do not change places");
    for (size_t s = 0; s < first.values[r].size(); ++s) {
      const uint32_t a = first.values[r][s], b = last->values[r][s];
      Require((a == missing) == (b == missing), "missing by the choice of REF");
      const uint32_t copies = (first.calls[r][s] & kCallHaploid) != 0 ? 1 : 2;
      Require(a == missing || (a + b + 1 >= copies * units && a + b <= copies * units + 1),
              "copies of both alleles that do not add up");
    }
  }
}

// An index built of an accepted file changes nothing.
void CheckOwnIndex(const GenotypeOptions& options, const Genotypes& without) {
  const std::string& bgen = options.files[0];
  BuildBgenIndex(bgen, options.max_allele);
  const auto with = ReadGenotypes(options);
  std::remove((bgen + ".bgi").c_str());
  Require(with && with->values == without.values, "other genotypes with an index");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const auto parts = Parts(data, size, 4);
  folder.Clear();
  const std::string bgen = folder.Write("x.bgen", parts[1]);
  if (!parts[2].empty()) folder.Write("x.sample", parts[2]);
  if (!parts[3].empty()) folder.Write("x.bgen.bgi", parts[3]);
  const GenotypeOptions options = GenotypeOptionsOf(parts[0], bgen);
  const auto genotypes = ReadGenotypes(options, parts[3].empty());
  if (genotypes && genotypes->plan.files[0].format == GenotypeFormat::kBgen) {
    if (!WordOf(parts[0], "last").empty()) CheckOtherRef(options, *genotypes);
    if (!WordOf(parts[0], "index").empty() && parts[3].empty()) CheckOwnIndex(options, *genotypes);
  }
  folder.RequireOnlyInputs();
  return 0;
}
