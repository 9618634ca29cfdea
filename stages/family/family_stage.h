#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/family/analysis.h"
#include "stages/family/refit.h"
#include "stages/family/results.h"
#include "stages/family/trio_frame.h"

namespace kinflow::family {

/// All tables of one analysis: estimates, models, comparisons, contrasts, varcomp, rows, fit,
/// groups, scaling, effective_tests,
/// table1 if asked for, and what the model adds.
struct FamilyResults {
  std::map<std::string, Table> tables;
  std::map<std::string, Table> individual;  // for OUT/private
  std::optional<Refit> refit;               // if asked for
  std::vector<std::string> warnings;
  std::vector<Error> failures;  // models that failed; the others are in the tables
};

/// Runs one analysis over every score it uses. Faults of one model are rows of `models`; a fault of
/// the analysis itself (unknown column ...) is thrown. `relatives`: for relatedness: genotypes.
FamilyResults RunAnalysis(const AnalysisOptions& options, const Cohort& cohort,
                          const PersonColumns& persons, const ScoreColumns& scores,
                          const std::vector<Relatives>& relatives = {});

struct FamilyInputs {
  CohortPtr cohort;
  std::shared_ptr<const PersonColumns> persons;
  std::map<std::string, Digest> files;  // label -> digest of phenotype and pedigree files
  std::string scores_stage = "scores";  // id of the stage that made the scores
  /// Reads the scores artifact under its key, rows in cohort sample order.
  std::function<ScoreColumns(RunContext&, const Digest& key)> read_scores;
  /// Stage whose components are among the columns, and what gives the columns with their values;
  /// "" = none are.
  std::string components_stage = {};
  std::function<PersonColumns(RunContext&, const Digest& key)> with_components = {};
  /// Stage with scores by parent of origin and of imputed parents, and what adds them; "" = none.
  std::string family_scores_stage = {};
  std::function<void(RunContext&, const Digest& key, ScoreColumns&)> add_family_scores = {};
  /// Stage with the kinship of genotyped people, and what reads it; "" = not asked for.
  std::string kinship_stage = {};
  std::function<std::vector<Relatives>(RunContext&, const Digest& key)> read_relatives = {};
};

/// Table-level stage "family:<analysis id>". Artifact: one shard with a group a table.
class FamilyStage : public Stage {
 public:
  FamilyStage(AnalysisOptions options, FamilyInputs inputs);

  std::string id() const override { return "family:" + options_.id; }
  std::string_view kind() const override { return "family"; }
  uint32_t version() const override { return 11; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override { return inputs_.files; }
  std::string options() const override { return options_.ToJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

  const AnalysisOptions& analysis() const { return options_; }

 private:
  AnalysisOptions options_;
  FamilyInputs inputs_;
};

/// Names of the tables that every family artifact holds ("/estimates", ...).
std::vector<std::string> FamilyTableNames();
/// Number of failed models in a `models` table.
size_t CountFailed(const Table& models);

}  // namespace kinflow::family
