#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "stages/family/trio_frame.h"

namespace kinflow::family {

/// Rows of a person table by person, by person and pregnancy, and each of these by wave. Keeps a
/// reference to the table.
class PersonIndex {
 public:
  /// Throws kDuplicateSamples: two rows of one person, pregnancy and wave.
  explicit PersonIndex(const PersonColumns& persons);
  /// Row or -1. A row without a pregnancy holds for all.
  int64_t Find(const std::string& iid, const std::string& pregnancy, const std::string& wave) const;
  /// True if a row of the person is of this pregnancy or of all, at any wave.
  bool Has(const std::string& iid, const std::string& pregnancy) const;
  /// True if the person has rows, whatever the pregnancy.
  bool HasAny(const std::string& iid) const { return people_.contains(iid); }
  /// In the order of the table; none for a person without.
  std::vector<std::string> Waves(const std::string& iid, const std::string& pregnancy) const;

 private:
  std::string Key(const std::string& iid, const std::string& pregnancy,
                  const std::string& wave) const;

  const PersonColumns& persons_;
  std::unordered_map<std::string, size_t> rows_;
  std::unordered_set<std::string_view> people_;
  std::unordered_map<std::string, std::vector<std::string>> waves_;
};

}  // namespace kinflow::family
