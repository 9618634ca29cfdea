#include "stages/scores/adjust/adjusted_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

namespace kinflow {

std::map<std::string, Digest> AdjustedStage::files() const {
  std::map<std::string, Digest> files;
  if (setup_.covariates != nullptr) files = setup_.covariates->Digests();
  if (setup_.places != nullptr) {
    for (const auto& [name, digest] : setup_.places->Digests()) files["ancestry " + name] = digest;
  }
  if (setup_.ancestry != nullptr && setup_.ancestry->panel) {
    files["reference panel"] = setup_.panel;
  }
  files["pedigree"] = setup_.cohort->pedigree.digest();
  return files;
}

std::vector<std::string> AdjustedStage::inputs() const {
  std::vector<std::string> inputs = {setup_.scores_stage};
  if (!setup_.components_stage.empty()) inputs.push_back(setup_.components_stage);
  return inputs;
}

void AdjustedStage::Run(RunContext& run, const StageKeys& keys) const {
  const family::ScoreColumns sums = setup_.read_scores(run, keys.inputs.at(setup_.scores_stage));
  AdjustInputs inputs{setup_.covariates, setup_.ancestry};
  if (!setup_.components_stage.empty()) {
    inputs = setup_.with_components(run, keys.inputs.at(setup_.components_stage));
  }
  const AdjustedScores adjusted =
      Adjust(setup_.options, inputs.covariates.get(), *setup_.cohort, sums, inputs.ancestry.get());
  for (const auto& warning : adjusted.warnings) run.log.Warn("adjusted: {}", warning);
  auto shard = run.store.BeginShard(kind(), keys.self, 0);
  WriteAdjusted(adjusted, setup_.cohort->samples->size(), shard->file());
  Manifest manifest = NewManifest(*this, keys);
  manifest.shards.push_back(shard->Commit(0));
  manifest.warnings = adjusted.warnings;
  run.store.Seal(manifest);
}

std::vector<Error> CheckAdjust(const AdjustOptions& options, const std::vector<std::string>& scores,
                               bool complete) {
  std::vector<Error> errors;
  const auto refuse = [&](const std::string& what, const std::string& value,
                          const std::string& remedy) {
    errors.push_back(Error(ErrorId::kConfigReference, what)
                         .Field("scores.adjust.composites")
                         .Value(value)
                         .Remedy(remedy));
  };
  std::set<std::string> taken(scores.begin(), scores.end());
  taken.insert("pgs");  // stands for the score of the model at hand
  for (const CompositeOptions& composite : options.composites) {
    if (!taken.insert(composite.name).second) {
      refuse("a composite has the name of another score", composite.name, "choose another name");
    }
    if (std::set(composite.of.begin(), composite.of.end()).size() != composite.of.size() ||
        composite.of.size() < 2) {
      refuse(fmt::format("composite {} needs two scores at least, each once", composite.name),
             fmt::format("{} names", composite.of.size()), "list the scores under of");
    }
    for (const auto& score : composite.of) {
      if (!complete || std::find(scores.begin(), scores.end(), score) != scores.end()) continue;
      const std::string near = NearestWord(score, scores);
      refuse(fmt::format("composite {} is made of a score that is not there", composite.name),
             score,
             near.empty() ? "score names are those of the score files, or of scores.names"
                          : "did you mean " + near + "?");
    }
  }
  return errors;
}

}  // namespace kinflow
