#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stages/family/analysis.h"
#include "stages/family/trio_rows.h"

namespace kinflow::family {

/// Faults of outcomes that tables and pedigree tell before anything is computed: texts; values
/// other than 0 and 1 of a binary model; fewer categories than a model needs; random terms whose
/// levels have one row each. Rows are those complete in the columns of the formula that have values
/// by now. Parents who are to be imputed count as missing; whom quality control will remove is not
/// known. Refers to cohort and persons.
class OutcomeValues {
 public:
  OutcomeValues(const Cohort& cohort, const PersonColumns& persons);

  /// Those of an analysis that CheckAnalysis finds none in, one an outcome.
  std::vector<Error> Check(const AnalysisOptions& options, const std::vector<std::string>& scores);

 private:
  std::optional<Error> FaultOfRows(const AnalysisOptions& options, const Formula& formula,
                                   const std::vector<std::string>& scores);
  std::shared_ptr<const TrioRows> Rows(const TrioRowsSpec& spec);

  const Cohort& cohort_;
  const PersonColumns& persons_;
  std::map<TrioRowsSpec, std::shared_ptr<const TrioRows>> rows_;
};

}  // namespace kinflow::family
