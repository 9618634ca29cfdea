#include "stages/plates/effects_stage.h"

#include <fmt/format.h>

#include "stages/plates/effects_sink.h"
#include "stages/plates/left_by_qc.h"

namespace kinflow::plates {

std::vector<std::string> EffectsStage::inputs() const {
  std::vector<std::string> inputs = setup_.inputs;
  if (!setup_.qc.empty()) inputs.push_back(setup_.qc);
  if (!setup_.people.empty()) inputs.push_back(setup_.people);
  return inputs;
}

std::map<std::string, Digest> EffectsStage::files() const {
  std::map<std::string, Digest> files = setup_.files;
  files["cohort"] = setup_.cohort->digest();
  files["plates"] = setup_.layout_file;
  return files;
}

std::string EffectsStage::options() const {
  return fmt::format(R"({{"columns":{},"hard_call_threshold":{},"small_cell":{}}})",
                     setup_.layout_columns, setup_.hard_call_threshold, setup_.small_cell);
}

std::unique_ptr<TileSink> EffectsStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  EffectsSink::Setup sink;
  sink.hard_call_threshold = setup_.hard_call_threshold;
  const Cohort& cohort = *setup_.cohort;
  std::vector<uint8_t> kept(cohort.samples->size(), 1);
  if (!setup_.qc.empty()) {
    const LeftByQc left(run.store, keys, setup_.qc, setup_.people);
    kept = left.kept;
    sink.wanted = left.rows;
  }
  for (size_t s = 0; s < kept.size(); ++s) {
    const bool counts = kept[s] != 0 && cohort.founders[s] != 0;
    sink.stratum.push_back(counts ? static_cast<uint8_t>(cohort.sexes[s]) : EffectsSink::kOut);
  }
  for (const Factor& factor : setup_.layout->factors) {
    sink.factors.push_back(WithoutSmallCells(factor, sink.stratum, setup_.small_cell));
  }
  return std::make_unique<EffectsSink>(std::move(sink), run.store, NewManifest(*this, keys));
}

}  // namespace kinflow::plates
