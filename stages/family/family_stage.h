#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/family/analysis_run.h"
#include "stages/family/person_rows.h"

namespace kinflow::family {

struct FamilyInputs {
  CohortPtr cohort;
  std::shared_ptr<const PersonColumns> persons;
  std::map<std::string, Digest> files;  // label -> digest of phenotype and pedigree files
  std::string scores_stage = "scores";  // id of the stage that made the scores; "" = none
  /// Stage with scores by parent of origin and of imputed parents; "" = none.
  std::string family_scores_stage = {};
  /// Scores under the keys of these stages, in the order of the cohort's samples.
  std::function<std::shared_ptr<const AnalysisScores>(RunContext&, const StageKeys&)> read_scores;
  /// Stage whose components are among the columns, and what gives the columns with their values;
  /// "" = none are.
  std::string components_stage = {};
  std::function<PersonColumns(RunContext&, const Digest& key)> with_components = {};
  /// Stage with the kinship of genotyped people, and what reads it; "" = not asked for.
  std::string kinship_stage = {};
  std::function<std::vector<Relatives>(RunContext&, const Digest& key)> read_relatives = {};
};

/// Table-level stage "family:<analysis id>". Artifact: one shard with a dataset of
/// records a table (groups below /individual and /refit, and where a record would be too long).
class FamilyStage : public Stage {
 public:
  FamilyStage(AnalysisOptions options, FamilyInputs inputs);

  std::string id() const override { return "family:" + options_.id; }
  std::string_view kind() const override { return "family"; }
  uint32_t version() const override { return 30; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override { return inputs_.files; }
  std::string options() const override { return options_.ToJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

  const AnalysisOptions& analysis() const { return options_; }
  /// What became of the rows of a person when the artifact of `keys` was made.
  std::vector<PersonRow> RowsOf(RunContext& run, const StageKeys& keys,
                                const std::string& iid) const;

 private:
  std::shared_ptr<const PersonColumns> Persons(RunContext& run, const StageKeys& keys) const;

  AnalysisOptions options_;
  FamilyInputs inputs_;
};

/// Names of the tables that every family artifact holds ("/estimates", ...).
std::vector<std::string> FamilyTableNames();
/// Number of failed models in a `models` table.
size_t CountFailed(const Table& models);

}  // namespace kinflow::family
