#include "stages/kinship/compared_people.h"

#include "stages/qc/qc_artifacts.h"
#include "stages/qc/qc_tables.h"

namespace kinflow::kinship {

std::vector<uint8_t> GoodSamples(const ArtifactStore& store, const Manifest& qc) {
  std::vector<uint8_t> good = KeptSamples(store, qc);
  const Table samples = SamplesTable(store, qc);
  const auto& reasons = samples.StringsOf("REASON");
  for (size_t s = 0; s < good.size(); ++s) {
    if (reasons[s] == "mendel" || reasons[s] == "sex") good[s] = 1;
  }
  return good;
}

std::vector<uint8_t> ComparedPeople(const ArtifactStore& store, const Manifest& qc) {
  std::vector<uint8_t> compared = GoodSamples(store, qc);
  const Table samples = SamplesTable(store, qc);
  const auto& reasons = samples.StringsOf("REASON");
  const auto& values = samples.DoublesOf("REASON_VALUE");
  for (size_t s = 0; s < compared.size(); ++s) {
    const bool mixed = reasons[s] == "heterozygosity" && values[s] > 0;
    if (mixed || reasons[s] == "control") compared[s] = 1;
  }
  return compared;
}

}  // namespace kinflow::kinship
