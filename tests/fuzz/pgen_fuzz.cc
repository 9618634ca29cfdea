// words<<<>>>pgen<<<>>>pvar<<<>>>psam<<<>>>pgi; the last may be empty.

#include "stages/formats/psam.h"
#include "tests/fuzz/genotype_fuzz.h"

using namespace kinflow;
using namespace kinflow::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const auto parts = Parts(data, size, 5);
  folder.Clear();
  const std::string pgen = folder.Write("x.pgen", parts[1]);
  folder.Write("x.pvar", parts[2]);
  folder.Write("x.psam", parts[3]);
  if (!parts[4].empty()) folder.Write("x.pgen.pgi", parts[4]);
  Accepts([&] { PsamHasParents(folder.path() + "/x.psam"); });
  ReadGenotypes(GenotypeOptionsOf(parts[0], pgen));
  folder.RequireOnlyInputs();
  return 0;
}
