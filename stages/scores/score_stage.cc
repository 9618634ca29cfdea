#include "stages/scores/score_stage.h"

#include <fmt/format.h>

#include <cmath>

#include "pipeline/base/error.h"
#include "stages/scores/match_artifact.h"
#include "stages/scores/score_sink.h"

namespace kinflow {

ScoreStage::ScoreStage(Setup setup) : setup_(std::move(setup)) {}

std::vector<std::string> ScoreStage::inputs() const {
  std::vector<std::string> ids = {setup_.match_stage};
  ids.insert(ids.end(), setup_.scan_stages.begin(), setup_.scan_stages.end());
  return ids;
}

std::unique_ptr<TileSink> ScoreStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  const auto match = run.store.Find("match", keys.inputs.at(setup_.match_stage));
  if (!match) throw Error(ErrorId::kInternal, "scores: the matched weights are not there");
  MatchedScores scores = ReadMatchedScores(run.store, *match);
  Manifest manifest = NewManifest(*this, keys);
  if (setup_.options.mean_imputation) {
    uint64_t without = 0;
    for (const auto& weights : scores.weights) {
      for (const MatchedWeight& w : weights) without += std::isnan(w.alt_freq);
    }
    if (without > 0) {
      manifest.warnings.push_back(fmt::format(
          "{} weights lie on variants without any founder genotype: missing genotypes there add "
          "nothing",
          without));
      run.log.Warn("scores: {}", manifest.warnings.back());
    }
    if (scores.founders < 50) {
      manifest.warnings.push_back(fmt::format(
          "missing genotypes are imputed from {} founders; fewer than 50 give poor frequencies",
          scores.founders));
      run.log.Warn("scores: {}", manifest.warnings.back());
    }
  }
  return std::make_unique<ScoreSink>(run.store, std::move(manifest), std::move(scores),
                                     setup_.n_samples, setup_.options.mean_imputation);
}

}  // namespace kinflow
