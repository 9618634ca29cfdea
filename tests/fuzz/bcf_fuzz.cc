// words<<<>>>bcf<<<>>>csi; both may be plain instead of BGZF, which the mutations of a fuzzer do
// not survive.

#include "tests/fuzz/genotype_fuzz.h"

using namespace kinflow;
using namespace kinflow::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const auto parts = Parts(data, size, 3);
  folder.Clear();
  const std::string bcf = folder.Write("x.bcf", parts[1]);
  if (!parts[2].empty()) folder.Write("x.bcf.csi", parts[2]);
  ReadGenotypes(GenotypeOptionsOf(parts[0], bcf), parts[2].empty());
  folder.RequireOnlyInputs();
  return 0;
}
