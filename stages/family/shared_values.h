#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "stages/family/analysis.h"

namespace kinflow::family {

/// Parents whose values of an outcome count with several of their children, as its table does not
/// tell of which pregnancy they are. Refers to both.
class SharedValues {
 public:
  SharedValues(const Cohort& cohort, const PersonColumns& persons)
      : cohort_(cohort), persons_(persons) {}

  /// "mother" or "father": one with a value of an outcome of the analysis has children of several
  /// pregnancies in its rows, as far as the pedigree tells pregnancies. "" = nobody, or the
  /// analysis has a fault, which is told elsewhere.
  std::string Of(const AnalysisOptions& options);

 private:
  bool HasShared(const AnalysisOptions& options, const ColumnSource& outcome);
  /// Rows of the persons: those of parents with several pregnancies.
  const std::vector<int64_t>& Parents(const std::string& member, ChildRule children, bool by_wave);

  const Cohort& cohort_;
  const PersonColumns& persons_;
  std::map<std::tuple<std::string, ChildRule, bool>, std::vector<int64_t>> parents_;
};

}  // namespace kinflow::family
