#include "stages/kinship/trio_dosages_stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "stages/kinship/compared_people.h"
#include "stages/kinship/trio_dosages_sink.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow::kinship {

std::vector<std::string> TrioDosagesStage::inputs() const {
  std::vector<std::string> inputs = setup_.inputs;
  if (!setup_.qc.empty()) inputs.push_back(setup_.qc);
  return inputs;
}

std::map<std::string, Digest> TrioDosagesStage::files() const {
  std::map<std::string, Digest> files = setup_.files;
  files["cohort"] = setup_.cohort->digest();
  return files;
}

std::unique_ptr<TileSink> TrioDosagesStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  const Cohort& cohort = *setup_.cohort;
  TrioDosagesSink::Setup sink;
  sink.samples = cohort.samples;
  sink.n_samples = cohort.samples->size();
  std::vector<uint8_t> people(sink.n_samples, 1);
  if (!setup_.qc.empty()) {
    const Manifest qc = InputManifest(run.store, kQcKind, keys, setup_.qc);
    people = GoodSamples(run.store, qc);
    sink.wanted = PassingRows(run.store, qc);
  }
  sink.trios = ControlledTrios(cohort, people);
  Manifest manifest = NewManifest(*this, keys);
  const auto listed = static_cast<size_t>(
      std::count_if(sink.trios.begin(), sink.trios.end(), [](const auto& t) { return t.listed; }));
  if (const size_t all = ChildrenWithParents(cohort, people); all > listed) {
    manifest.warnings.push_back(
        fmt::format("{} of {} children are not judged: no other family has the same parents "
                    "genotyped to compare with",
                    all - listed, all));
    run.log.Warn("{}: {}", id(), manifest.warnings.back());
  }
  return std::make_unique<TrioDosagesSink>(std::move(sink), run.store, std::move(manifest));
}

}  // namespace kinflow::kinship
