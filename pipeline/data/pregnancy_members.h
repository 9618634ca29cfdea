#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "pipeline/data/pedigree.h"

namespace kinflow {

/// Whose each pregnancy of a pedigree is: its children's, and their mother's and father's. Refers
/// to the pedigree.
class PregnancyMembers {
 public:
  explicit PregnancyMembers(const Pedigree& pedigree);

  /// Pregnancies stand in the rows of children: those of people without parents are none.
  bool Knows(std::string_view pregnancy) const { return children_.contains(pregnancy); }
  /// Whether a pregnancy is the person's, as child or parent.
  bool HasAny(std::string_view person) const { return people_.contains(person); }
  /// True if the pedigree knows both and gives the pregnancy to others. Somebody who may be the
  /// parent that a child of it lacks contradicts nothing.
  bool Contradicts(const std::string& person, std::string_view pregnancy) const;

 private:
  const Pedigree& pedigree_;
  std::unordered_map<std::string_view, std::vector<const Person*>> children_;
  std::unordered_set<std::string_view> people_;
};

}  // namespace kinflow
