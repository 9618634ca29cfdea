#pragma once

#include <string>
#include <vector>

#include "stages/family/analysis.h"
#include "stages/family/analysis_scores.h"

namespace kinflow::family {

/// A row of an analysis in which a person stands, and what became of it.
struct PersonRow {
  std::string outcome, score;  // score "NA" = the models use none
  std::string child, role;     // whose row it is; what the person is in it: child, mother, father
  std::string wave;            // "" = holds for all waves
  std::string reason;          // why it is not among the rows of the full model; "" = it is

  bool operator==(const PersonRow&) const = default;
};

/// The rows of an analysis whose child, mother or father is `iid`, for each outcome and score,
/// those too of children who have no row in the frame. Reasons are those of the table `rows`.
/// Models that paths describe take rows with missing values: of these it is told whether the child
/// has a row.
std::vector<PersonRow> RowsOfPerson(const AnalysisOptions& options, const Cohort& cohort,
                                    const PersonColumns& persons, const AnalysisScores& scores,
                                    const std::string& iid);

}  // namespace kinflow::family
