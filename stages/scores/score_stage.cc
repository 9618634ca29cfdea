#include "stages/scores/score_stage.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

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

namespace {

/// What the options make of the effect types in the files.
void SetEffects(const ScoreOptions& options, MatchedScores& scores) {
  for (size_t s = 0; s < scores.weights.size(); ++s) {
    for (MatchedWeight& w : scores.weights[s]) {
      if (options.effect && w.effect >= EffectType::kNonAdditive) {
        throw Error(ErrorId::kUnsupportedEffect,
                    "a line with weights for 0, 1 and 2 copies has no other effect type")
            .Field("scores.effects")
            .Value(scores.names[s])
            .Remedy("scores.effects: as_written");
      }
      if (options.effect) w.effect = *options.effect;
      if (options.genotypes == ScoreOptions::Genotypes::kAsIs ||
          w.effect == EffectType::kAdditive) {
        continue;
      }
      throw Error(
          ErrorId::kUnsupportedEffect,
          "dominant, recessive and non-additive effects are not defined on centred genotypes")
          .Field("scores.genotypes")
          .Value(scores.names[s])
          .Remedy("scores.genotypes: as_is, or scores.effects: additive");
    }
  }
}

/// A nameless score with all variants, each once and with no weight: it counts alleles.
void AddUnion(MatchedScores& scores) {
  std::map<uint64_t, double> rows;
  for (const auto& weights : scores.weights) {
    for (const MatchedWeight& w : weights) rows.emplace(w.row, w.alt_freq);
  }
  std::vector<MatchedWeight> all;
  all.reserve(rows.size());
  for (const auto& [row, freq] : rows) all.push_back({row, 0, freq});
  scores.names.emplace_back();
  scores.weights.push_back(std::move(all));
}

}  // namespace

std::map<std::string, Digest> ScoreStage::files() const {
  auto files = setup_.input_files;
  files["males on X"] =
      HashBytes({reinterpret_cast<const char*>(setup_.male.data()), setup_.male.size()});
  return files;
}

std::unique_ptr<TileSink> ScoreStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  const auto match = run.store.Find("match", keys.inputs.at(setup_.match_stage));
  if (!match) throw Error(ErrorId::kInternal, "scores: the matched weights are not there");
  MatchedScores scores = ReadMatchedScores(run.store, *match);
  SetEffects(setup_.options, scores);
  Manifest manifest = NewManifest(*this, keys);
  if (setup_.options.mean_imputation ||
      setup_.options.genotypes != ScoreOptions::Genotypes::kAsIs) {
    uint64_t without = 0;
    for (const auto& weights : scores.weights) {
      for (const MatchedWeight& w : weights)
        without += std::isnan(w.alt_freq) && CountsGenotypes(w.effect);
    }
    if (without > 0) {
      manifest.warnings.push_back(fmt::format(
          "{} weights lie on variants without any founder genotype: {} add nothing", without,
          setup_.options.genotypes == ScoreOptions::Genotypes::kAsIs ? "missing genotypes there"
                                                                     : "they"));
      run.log.Warn("scores: {}", manifest.warnings.back());
    }
    if (scores.founders < 50) {
      manifest.warnings.push_back(fmt::format(
          "missing genotypes are imputed from {} founders; fewer than 50 give poor frequencies",
          scores.founders));
      run.log.Warn("scores: {}", manifest.warnings.back());
    }
  }
  if (setup_.options.sscore) AddUnion(scores);
  return std::make_unique<ScoreSink>(run.store, std::move(manifest), std::move(scores),
                                     setup_.n_samples, setup_.options.mean_imputation,
                                     setup_.options.genotypes,
                                     MalesOnX{setup_.male, setup_.options.x_males_once});
}

}  // namespace kinflow
