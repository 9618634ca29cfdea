#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "stages/family/analysis.h"

namespace kinflow::family {

/// Whose values the columns of the phenotypes are: mothers', fathers' or children's of the cohort's
/// families. Refers to both.
class ColumnOwners {
 public:
  ColumnOwners(const Cohort& cohort, const PersonColumns& persons);

  /// Faults of an analysis that CheckAnalysis finds none in: columns of a member of whom nobody has
  /// a value, while other members have some (`outcome: {of: mother}` of a table of children).
  std::vector<Error> Check(const AnalysisOptions& options, const std::vector<std::string>& scores);

 private:
  /// Bits of the members with values, in the order of kMembers.
  uint8_t Of(const std::string& column);
  /// A column most of whose values are ids of such members, as where the columns of mothers' and
  /// fathers' ids were exchanged; "" = none.
  std::string IdColumnOf(size_t member) const;

  const PersonColumns& persons_;
  std::unordered_map<std::string, uint8_t> by_id_;
  std::vector<uint8_t> members_;          // of each row of the persons: what the person is
  std::map<std::string, uint8_t> known_;  // by column
};

}  // namespace kinflow::family
