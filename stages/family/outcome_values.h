#pragma once

#include <string>
#include <vector>

#include "stages/family/analysis.h"

namespace kinflow::family {

/// Outcomes of a logit model that are neither 0 nor 1 in rows that the model uses, as tables and
/// pedigree tell before anything is computed: rows complete in the columns of the formula that have
/// values by now, where those whose scores it uses are genotyped. Parents who are to be imputed
/// count as missing; whom quality control will remove is not known.
std::vector<Error> CheckOutcomeValues(const AnalysisOptions& options, const Cohort& cohort,
                                      const PersonColumns& persons,
                                      const std::vector<std::string>& scores);

}  // namespace kinflow::family
