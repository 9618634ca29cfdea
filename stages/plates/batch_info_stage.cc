#include "stages/plates/batch_info_stage.h"

#include "stages/plates/batch_info_sink.h"
#include "stages/plates/left_by_qc.h"

namespace kinflow::plates {

std::vector<std::string> BatchInfoStage::inputs() const {
  std::vector<std::string> inputs = setup_.inputs;
  if (!setup_.qc.empty()) inputs.push_back(setup_.qc);
  if (!setup_.people.empty()) inputs.push_back(setup_.people);
  return inputs;
}

std::map<std::string, Digest> BatchInfoStage::files() const {
  std::map<std::string, Digest> files = setup_.files;
  files["cohort"] = setup_.cohort->digest();
  files["batches"] = setup_.batch_digest;
  return files;
}

std::unique_ptr<TileSink> BatchInfoStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  BatchInfoSink::Setup sink;
  sink.batch = *setup_.batch;
  std::vector<uint8_t> counted = setup_.cohort->founders;
  if (!setup_.qc.empty()) {
    const LeftByQc left(run.store, keys, setup_.qc, setup_.people);
    for (size_t s = 0; s < left.kept.size(); ++s) counted[s] &= left.kept[s];
    sink.wanted = left.rows;
  }
  for (size_t s = 0; s < counted.size(); ++s) {
    if (counted[s] == 0) sink.batch.of[s] = Factor::kNone;
  }
  return std::make_unique<BatchInfoSink>(std::move(sink), run.store, NewManifest(*this, keys));
}

Table BatchInfoSummary(const ArtifactStore& store, const Manifest& info) {
  constexpr double kLow = 0.8;
  Table::Strings batch;
  Table::Ints variants, low;
  Table::Doubles mean;
  for (size_t i = 0; i < info.shards.size(); ++i) {
    const Table table = store.Open(info, i).ReadTable("/info");
    for (size_t c = 0; c < table.columns(); ++c) {
      const std::string& name = table.name(c);
      if (!name.starts_with("INFO_")) continue;
      if (i == 0) {
        batch.push_back(name.substr(5));
        variants.push_back(0);
        low.push_back(0);
        mean.push_back(0);
      }
      for (const double value : table.DoublesOf(name)) {
        if (value != value) continue;
        ++variants[c];
        mean[c] += value;
        low[c] += value < kLow ? 1 : 0;
      }
    }
  }
  for (size_t b = 0; b < batch.size(); ++b) mean[b] /= static_cast<double>(variants[b]);
  Table summary;
  summary.Add("BATCH", std::move(batch));
  summary.Add("VARIANTS", std::move(variants));
  summary.Add("MEAN_INFO", std::move(mean));
  summary.Add("INFO_BELOW_0.8", std::move(low));
  return summary;
}

}  // namespace kinflow::plates
