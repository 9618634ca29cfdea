#include "stages/scores/score_stage.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <numeric>

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

/// What the options make of the effect types in a file.
void SetEffects(const ScoreOptions& options, const std::string& score,
                std::vector<MatchedWeight>& weights) {
  if (!options.effect && options.genotypes == ScoreOptions::Genotypes::kAsIs) return;
  for (MatchedWeight& w : weights) {
    if (options.effect && w.effect >= EffectType::kNonAdditive) {
      throw Error(ErrorId::kUnsupportedEffect,
                  "a line with weights for 0, 1 and 2 copies has no other effect type")
          .Field("scores.effects")
          .Value(score)
          .Remedy("scores.effects: as_written");
    }
    if (options.effect) w.effect = *options.effect;
    if (options.genotypes == ScoreOptions::Genotypes::kAsIs || w.effect == EffectType::kAdditive) {
      continue;
    }
    throw Error(ErrorId::kUnsupportedEffect,
                "dominant, recessive and non-additive effects are not defined on centred genotypes")
        .Field("scores.genotypes")
        .Value(score)
        .Remedy("scores.genotypes: as_is, or scores.effects: additive");
  }
}

/// Weights whose variants have no founder's genotype; none of a score on centred genotypes may.
uint64_t WithoutFrequency(std::span<const MatchedScore> group, const WeightingRules& rules) {
  std::vector<uint64_t> without(group.size(), 0);
  oneapi::tbb::parallel_for(size_t{0}, group.size(), [&](size_t i) {
    for (const MatchedWeight& w : group[i].weights) {
      without[i] += std::isnan(w.alt_freq) && CountsGenotypes(w.effect);
    }
  });
  const auto first = std::find_if(without.begin(), without.end(), [](uint64_t n) { return n > 0; });
  if (rules.centred() && first != without.end()) {
    throw Error(ErrorId::kUnsupportedEffect,
                fmt::format("{} weights lie on variants that no founder has a genotype of: their "
                            "genotypes have no mean to centre by",
                            *first))
        .Field("scores.genotypes")
        .Value(group[static_cast<size_t>(first - without.begin())].name)
        .Remedy(
            "leave them out (qc.variant.call_rate, input.exclude), give frequencies "
            "(scores.frequencies, --freq), or choose as_is");
  }
  return std::accumulate(without.begin(), without.end(), uint64_t{0});
}

/// The variance of a genotype depends on the number of copies, which differs there.
void RequireAutosomes(std::span<const MatchedScore> group) {
  for (const MatchedScore& score : group) {
    const auto n = std::count_if(score.weights.begin(), score.weights.end(),
                                 [](const MatchedWeight& w) { return w.by_ploidy; });
    if (n == 0) continue;
    throw Error(
        ErrorId::kUnsupportedEffect,
        fmt::format("{} weights lie on X, Y or MT, where genotypes have no common variance", n))
        .Field("scores.genotypes")
        .Value(score.name)
        .Remedy("standardise autosomes alone (--regions), or choose centre or as_is");
  }
}

bool AnyOnX(std::span<const MatchedScore> group) {
  return std::any_of(group.begin(), group.end(), [](const MatchedScore& score) {
    return std::any_of(score.weights.begin(), score.weights.end(),
                       [](const MatchedWeight& w) { return w.on_x; });
  });
}

bool AnyMale(const std::vector<Sex>& sexes) {
  return std::find(sexes.begin(), sexes.end(), Sex::kMale) != sexes.end();
}

/// What stands in the log and the manifest of frequencies that means are taken from.
std::vector<std::string> WarningsOf(const WeightingRules& rules, uint64_t without,
                                    uint64_t founders) {
  std::vector<std::string> warnings;
  if (!rules.imputes()) return warnings;
  if (without > 0) {
    warnings.push_back(fmt::format(
        "{} weights lie on variants without any founder genotype: missing genotypes there add "
        "nothing",
        without));
  }
  if (founders < 50) {
    warnings.push_back(fmt::format(
        "missing genotypes are imputed from frequencies among {} people; fewer than 50 give poor "
        "ones",
        founders));
  }
  return warnings;
}

}  // namespace

std::map<std::string, Digest> ScoreStage::files() const {
  auto files = setup_.input_files;
  // Of all people in their order: other people have another list too.
  files["people and sexes"] =
      HashBytes({reinterpret_cast<const char*>(setup_.sex.data()), setup_.sex.size()});
  return files;
}

std::unique_ptr<TileSink> ScoreStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  const auto match = run.store.Find("match", keys.inputs.at(setup_.match_stage));
  if (!match) throw Error(ErrorId::kInternal, "scores: the matched weights are not there");
  const ScoreOptions& options = setup_.options;
  const WeightingRules rules{options.mean_imputation, options.refuse_missing, options.genotypes,
                             options.plink2_compat};
  ScoreWeights scores(rules);
  uint64_t without = 0;
  bool on_x = false;
  const uint64_t founders =
      ForEachMatchedGroup(run.store, *match, [&](std::span<MatchedScore> group) {
        for (MatchedScore& score : group) SetEffects(options, score.name, score.weights);
        if (rules.standardised()) RequireAutosomes(group);
        without += WithoutFrequency(group, rules);
        on_x = on_x || (options.sscore && AnyOnX(group));
        scores.Add(group);
      });
  if (options.sscore) scores.AddUnion();
  scores.Finish();
  Manifest manifest = NewManifest(*this, keys);
  manifest.warnings = WarningsOf(rules, without, founders);
  if (const uint64_t n = scores.CountVanishing(); n > 0) {
    manifest.warnings.push_back(fmt::format(
        "up to {} weights are less than half a step of their score's sums (2^-47 of its largest "
        "weight, more where many are summed): they add nothing",
        n));
  }
  if (on_x && options.x_males_once && AnyMale(setup_.sex)) {
    manifest.warnings.push_back(
        "scores.sscore: scores have variants on X, of which males count one copy: their ALLELE_CT, "
        "DENOM and sums are not plink2's; --x-males twice (scores.x_males) gives plink2's numbers");
  }
  for (const std::string& warning : manifest.warnings) run.log.Warn("scores: {}", warning);
  std::vector<uint8_t> kept;
  if (rules.standardised() && setup_.read_kept) {
    kept = setup_.read_kept(run, keys.inputs.at(setup_.match_stage));
  }
  return std::make_unique<ScoreSink>(
      run.store, std::move(manifest), std::move(scores),
      ScoreSink::Setup{.n_samples = setup_.n_samples,
                       .people = {setup_.sex, options.x_males_once},
                       .checkpoint_genotypes = run.shard_genotypes > 0
                                                   ? run.shard_genotypes
                                                   : ScoreSink::Setup().checkpoint_genotypes,
                       .log = &run.log,
                       .kept = std::move(kept)});
}

}  // namespace kinflow
