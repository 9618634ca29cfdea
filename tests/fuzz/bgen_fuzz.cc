// words<<<>>>bgen<<<>>>sample; the second may be empty.

#include "tests/fuzz/genotype_fuzz.h"

using namespace kinflow;
using namespace kinflow::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const auto parts = Parts(data, size, 3);
  folder.Clear();
  const std::string bgen = folder.Write("x.bgen", parts[1]);
  if (!parts[2].empty()) folder.Write("x.sample", parts[2]);
  ReadGenotypes(GenotypeOptionsOf(parts[0], bgen));
  folder.RequireOnlyInputs();
  return 0;
}
