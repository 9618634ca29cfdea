#include "stages/scores/families/family_score_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/base/error.h"
#include "stages/scores/families/family_sink.h"

namespace kinflow {

std::vector<std::string> FamilyScoreStage::inputs() const {
  std::vector<std::string> ids = {"match"};
  ids.insert(ids.end(), setup_.scan_stages.begin(), setup_.scan_stages.end());
  return ids;
}

std::map<std::string, Digest> FamilyScoreStage::files() const {
  auto files = setup_.input_files;
  files["people and pedigree"] = setup_.cohort->digest();
  return files;
}

MatchedScores ForFamilies(MatchedScores scores, std::vector<std::string>& warnings) {
  MatchedScores out;
  out.founders = scores.founders;
  std::vector<std::string> other;
  uint64_t unknown = 0;
  for (size_t s = 0; s < scores.names.size(); ++s) {
    auto& weights = scores.weights[s];
    if (std::any_of(weights.begin(), weights.end(),
                    [](const MatchedWeight& w) { return w.effect != EffectType::kAdditive; })) {
      other.push_back(scores.names[s]);
      continue;
    }
    unknown += static_cast<uint64_t>(
        std::count_if(weights.begin(), weights.end(),
                      [](const MatchedWeight& w) { return std::isnan(w.alt_freq); }));
    out.names.push_back(scores.names[s]);
    out.weights.push_back(std::move(weights));
  }
  if (!other.empty()) {
    warnings.push_back(fmt::format("{} scores are not additive and have no family scores: {}",
                                   other.size(), fmt::join(other, ", ")));
  }
  if (unknown > 0) {
    warnings.push_back(fmt::format(
        "{} weights lie on variants without any founder genotype: family scores take frequencies "
        "over all people there, where a genotype is missing",
        unknown));
  }
  return out;
}

namespace {

[[noreturn]] void ThrowNoFamilies(const Cohort& cohort, const std::vector<uint8_t>& kept,
                                  const FamilyScoreOptions& options) {
  size_t children = 0;  // who would have scores if parents were imputed
  if (!options.impute_parents) {
    for (const auto& f : ScoreFamilies(cohort, kept, true)) children += f.children.size();
  }
  if (children > 0) {
    throw Error(ErrorId::kNoSamplesLeft,
                fmt::format("family scores: no child is genotyped together with both parents; {} "
                            "with one parent, or with siblings",
                            children))
        .Field("scores.families")
        .Remedy("--impute-parents (scores.families.impute_parents: true) takes them in");
  }
  throw Error(ErrorId::kNoSamplesLeft,
              "family scores: no child is genotyped together with a parent or, without parents, "
              "with a sibling of another pregnancy")
      .Field("scores.families")
      .Remedy(
          "check that the pedigree names people as the genotypes do, and what QC removed, or leave "
          "family scores out");
}

[[noreturn]] void ThrowNoScores() {
  throw Error(ErrorId::kUnsupportedEffect,
              "family scores: no score is additive, and others have no family scores")
      .Field("scores.families")
      .Remedy(
          "leave them out (--transmitted, --impute-parents), or add a score of additive effects");
}

}  // namespace

std::unique_ptr<TileSink> FamilyScoreStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  const Digest& match_key = keys.inputs.at("match");
  const auto match = run.store.Find("match", match_key);
  if (!match) throw Error(ErrorId::kInternal, "family scores: the matched weights are not there");
  Manifest manifest = NewManifest(*this, keys);
  FamilySink::Setup setup;
  MatchedScores matched = ReadMatchedScores(run.store, *match);
  const size_t all = matched.names.size();
  setup.scores = ForFamilies(std::move(matched), manifest.warnings);
  if (all > 0 && setup.scores.names.empty()) ThrowNoScores();
  setup.families = ScoreFamilies(*setup_.cohort, setup_.read_kept(run, match_key),
                                 setup_.options.impute_parents);
  if (setup.families.empty()) {
    ThrowNoFamilies(*setup_.cohort, setup_.read_kept(run, match_key), setup_.options);
  }
  for (const auto& warning : manifest.warnings) run.log.Warn("family_scores: {}", warning);
  for (const Sex sex : setup_.cohort->sexes) setup.male.push_back(sex == Sex::kMale);
  setup.use_phase = setup_.options.use_phase;
  return std::make_unique<FamilySink>(run.store, run.log, std::move(manifest), std::move(setup));
}

}  // namespace kinflow
