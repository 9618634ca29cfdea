#include "stages/kinship/calls_stage.h"

#include "stages/kinship/calls_sink.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow::kinship {

std::vector<std::string> CallsStage::inputs() const {
  auto inputs = setup_.inputs;
  inputs.push_back(setup_.variants_from);
  return inputs;
}

std::unique_ptr<TileSink> CallsStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  const Manifest variants =
      InputManifest(run.store, setup_.variants_from, keys, setup_.variants_from);
  CallsSink::Setup setup;
  setup.n_samples = setup_.n_samples;
  setup.wanted = PassingRows(run.store, variants);
  setup.hard_call_threshold = setup_.options.hard_call_threshold;
  return std::make_unique<CallsSink>(std::move(setup), run.store, NewManifest(*this, keys));
}

}  // namespace kinflow::kinship
