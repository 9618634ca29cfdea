// words<<<>>>pgen<<<>>>pvar<<<>>>psam

#include "tests/fuzz/genotype_fuzz.h"

using namespace kinflow;
using namespace kinflow::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const auto parts = Parts(data, size, 4);
  const std::string pgen = folder.Write("x.pgen", parts[1]);
  folder.Write("x.pvar", parts[2]);
  folder.Write("x.psam", parts[3]);
  ReadGenotypes(GenotypeOptionsOf(parts[0], pgen));
  folder.RequireOnlyInputs();
  return 0;
}
