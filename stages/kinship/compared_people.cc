#include "stages/kinship/compared_people.h"

#include "stages/qc/qc_artifacts.h"
#include "stages/qc/qc_tables.h"

namespace kinflow::kinship {

std::vector<uint8_t> ComparedPeople(const ArtifactStore& store, const Manifest& qc) {
  std::vector<uint8_t> compared = KeptSamples(store, qc);
  const Table samples = SamplesTable(store, qc);
  const auto& reasons = samples.StringsOf("REASON");
  for (size_t s = 0; s < compared.size(); ++s) {
    for (const char* reason : {"mendel", "sex", "control"}) {
      if (reasons[s] == reason) compared[s] = 1;
    }
  }
  return compared;
}

}  // namespace kinflow::kinship
