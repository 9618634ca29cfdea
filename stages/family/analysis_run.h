#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "stages/family/analysis.h"
#include "stages/family/analysis_scores.h"
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

/// Runs one analysis over every score it uses, several at a time. Faults of one model are rows of
/// `models`; a fault of the analysis itself (unknown column ...) is thrown. `relatives`: for
/// relatedness: genotypes. `rows_of`: rows that other analyses have too; none: its own.
FamilyResults RunAnalysis(const AnalysisOptions& options, const Cohort& cohort,
                          const PersonColumns& persons, const AnalysisScores& scores,
                          const std::vector<Relatives>& relatives = {},
                          const TrioRowsOf& rows_of = {});

}  // namespace kinflow::family
