#pragma once

#include <map>
#include <optional>
#include <string>

namespace kinflow::kinship {

/// Least difference of birth years of parent and child.
inline constexpr int kLeastYears = 12;
/// Largest one of mother and child that is not asked about; older mothers may be grandmothers.
inline constexpr int kMostYearsOfMother = 55;

/// Years of birth by id, of whom they are known.
struct BirthYears {
  std::map<std::string, int> born;

  /// Years from the birth of `older` to that of `younger`; none if one is not known.
  std::optional<int> Between(const std::string& older, const std::string& younger) const;
  /// False if the birth years rule it out.
  bool MayBeParent(const std::string& parent, const std::string& child) const;
};

}  // namespace kinflow::kinship
