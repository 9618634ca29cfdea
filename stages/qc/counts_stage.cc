#include "stages/qc/counts_stage.h"

#include "stages/qc/counts_sink.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow {

std::vector<std::string> CountsStage::inputs() const {
  std::vector<std::string> ids = setup_.inputs;
  if (!setup_.variants_from.empty()) ids.push_back(setup_.variants_from);
  if (!setup_.samples_from.empty()) ids.push_back(setup_.samples_from);
  return ids;
}

std::map<std::string, Digest> CountsStage::files() const {
  auto files = setup_.files;
  files["cohort"] = setup_.cohort->digest();
  return files;
}

std::unique_ptr<TileSink> CountsStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  CountsSink::Setup setup;
  setup.cohort = setup_.cohort;
  setup.hard_call_threshold = setup_.options.hard_call_threshold;
  setup.mendel_duos = setup_.options.mendel_duos;
  setup.kept.assign(setup_.cohort->samples->size(), 1);
  if (!setup_.samples_from.empty()) {
    const Manifest m = InputManifest(run.store, kQcSamplesKind, keys, setup_.samples_from);
    setup.kept = KeptSamples(run.store, m);
  }
  if (!setup_.variants_from.empty()) {
    const Manifest m = InputManifest(run.store, kQcVariantsKind, keys, setup_.variants_from);
    setup.wanted = PassingRows(run.store, m);
    setup.write_variants = false;
  }
  return std::make_unique<CountsSink>(std::move(setup), run.store, NewManifest(*this, keys));
}

}  // namespace kinflow
