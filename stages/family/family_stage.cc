#include "stages/family/family_stage.h"

#include <fmt/format.h>

#include <utility>

#include "stages/family/failed_models.h"
#include "stages/family/told_once.h"

namespace kinflow::family {

FamilyStage::FamilyStage(AnalysisOptions options, FamilyInputs inputs)
    : options_(std::move(options)), inputs_(std::move(inputs)) {}

std::vector<std::string> FamilyStage::inputs() const {
  std::vector<std::string> ids;
  if (!inputs_.scores_stage.empty()) ids.push_back(inputs_.scores_stage);
  if (!inputs_.family_scores_stage.empty()) ids.push_back(inputs_.family_scores_stage);
  if (!inputs_.components_stage.empty()) ids.push_back(inputs_.components_stage);
  if (!inputs_.kinship_stage.empty()) ids.push_back(inputs_.kinship_stage);
  return ids;
}

std::shared_ptr<const PersonColumns> FamilyStage::Persons(RunContext& run,
                                                          const StageKeys& keys) const {
  if (inputs_.components_stage.empty()) return inputs_.persons;
  return std::make_shared<const PersonColumns>(
      inputs_.with_components(run, keys.inputs.at(inputs_.components_stage)));
}

std::vector<PersonRow> FamilyStage::RowsOf(RunContext& run, const StageKeys& keys,
                                           const std::string& iid) const {
  const auto scores = inputs_.read_scores(run, keys);
  return RowsOfPerson(options_, *inputs_.cohort, *Persons(run, keys), *scores, iid);
}

void FamilyStage::Run(RunContext& run, const StageKeys& keys) const {
  const auto scores = inputs_.read_scores(run, keys);
  const std::shared_ptr<const PersonColumns> persons = Persons(run, keys);
  std::vector<Relatives> relatives;
  if (!inputs_.kinship_stage.empty()) {
    relatives = inputs_.read_relatives(run, keys.inputs.at(inputs_.kinship_stage));
  }
  const auto rows_of = [&](const TrioRowsSpec& rows) {
    return scores->Rows(inputs_.cohort, persons, rows);
  };
  const FamilyResults results =
      RunAnalysis(options_, *inputs_.cohort, *persons, *scores, relatives, rows_of);
  for (const auto& warning : results.warnings) run.log.Warn("family: {}", warning);
  std::vector<std::string> failures;
  for (const auto& failure : results.failures) {
    failures.push_back(fmt::format("[{}]: {}", ErrorName(failure.id()), failure.OneLine()));
  }
  for (const auto& failed : TellFailedModels(results.tables.at("models"), failures)) {
    run.log.Error("family:{}: model failed {}{}{}", options_.id, failures[failed.first],
                  CountText(failed.count), failed.outcomes);
  }
  auto shard = run.store.BeginShard(kind(), keys.self, 0);
  for (const auto& [name, table] : results.tables) shard->file().WriteRecords("/" + name, table);
  for (const auto& [name, table] : results.individual) {
    shard->file().WriteTable("/individual/" + name, table);
  }
  if (results.refit) {
    shard->file().WriteTable("/refit/frame", results.refit->frame);
    Table script;
    script.Add("script", Table::Strings{results.refit->script});
    shard->file().WriteTable("/refit/script", script);
  }
  Manifest manifest = NewManifest(*this, keys);
  manifest.shards.push_back(shard->Commit(0));
  manifest.warnings = results.warnings;
  run.store.Seal(manifest);
}

std::vector<std::string> FamilyTableNames() {
  return {"estimates", "models", "comparisons", "contrasts", "varcomp",
          "rows",      "fit",    "groups",      "scaling",   "effective_tests"};
}

size_t CountFailed(const Table& models) {
  size_t failed = 0;
  for (const auto& status : models.StringsOf("status")) failed += status == "failed";
  return failed;
}

}  // namespace kinflow::family
