#include "stages/plates/findings.h"

#include <initializer_list>

#include "pipeline/base/error.h"
#include "stages/plates/batch_info_stage.h"
#include "stages/plates/effects_stage.h"

namespace kinflow::plates {
namespace {

/// Where the values of a shard of tests stand: a column, if the table has it, and its fact.
struct Place {
  const char* column;
  double VariantFacts::*fact;
};

/// Variants that were not tested keep NaN. Shards of both follow the same scan; those behind the
/// last variant that was tested are not there.
void Set(const H5Reader& file, const char* path, std::initializer_list<Place> places,
         const std::vector<uint64_t>& rows, std::vector<VariantFacts>& facts) {
  const std::vector<uint64_t> tested = file.ReadU64("/rows");
  const Table table = file.ReadTable(path);
  for (const Place& place : places) {
    if (table.Find(place.column) < 0) continue;
    const auto& values = table.DoublesOf(place.column);
    size_t next = 0;
    for (size_t i = 0; i < rows.size() && next < tested.size(); ++i) {
      if (rows[i] == tested[next]) facts[i].*place.fact = values[next++];
    }
    if (next != tested.size()) {
      throw Error(ErrorId::kInternal, "variants were tested that are not in the shard");
    }
  }
}

Manifest TestsOf(const ArtifactStore& store, std::string_view kind, const Digest& key) {
  if (auto tests = store.Find(kind, key)) return *std::move(tests);
  throw Error(ErrorId::kInternal, "tests of variants are not there");
}

}  // namespace

VariantFindings FindingsOfEffects() {
  return {"plate_effects", [](const ArtifactStore& store, const Digest& key, size_t shard,
                              const std::vector<uint64_t>& rows, std::vector<VariantFacts>& facts) {
            const Manifest tests = TestsOf(store, kEffectsKind, key);
            if (shard >= tests.shards.size()) return;
            Set(store.Open(tests, shard), "/effects",
                {{"PLATE_P", &VariantFacts::plate_p}, {"BATCH_P", &VariantFacts::batch_p}}, rows,
                facts);
          }};
}

VariantFindings FindingsOfBatchInfo() {
  return {
      "batch_info", [](const ArtifactStore& store, const Digest& key, size_t shard,
                       const std::vector<uint64_t>& rows, std::vector<VariantFacts>& facts) {
        const Manifest tests = TestsOf(store, kBatchInfoKind, key);
        if (shard >= tests.shards.size()) return;
        Set(store.Open(tests, shard), "/info", {{"P", &VariantFacts::batch_info_p}}, rows, facts);
      }};
}

}  // namespace kinflow::plates
