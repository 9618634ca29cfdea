#include "stages/kinship/generations.h"

namespace kinflow::kinship {

std::optional<int> BirthYears::Between(const std::string& older, const std::string& younger) const {
  const auto a = born.find(older), b = born.find(younger);
  if (a == born.end() || b == born.end()) return std::nullopt;
  return b->second - a->second;
}

bool BirthYears::MayBeParent(const std::string& parent, const std::string& child) const {
  return Between(parent, child).value_or(kLeastYears) >= kLeastYears;
}

}  // namespace kinflow::kinship
