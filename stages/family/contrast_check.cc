#include "stages/family/contrast_check.h"

#include <algorithm>

namespace kinflow::family {

std::vector<Error> CheckContrasts(const std::vector<LinearCombination>& contrasts,
                                  const Formula& formula, const std::string& field) {
  std::vector<std::string> labels;
  for (const auto& variable : formula.variables) labels.push_back(variable.Label());
  std::vector<Error> errors;
  for (const auto& contrast : contrasts) {
    for (const auto& name : contrast.names) {
      const bool other = name.starts_with('(') || name.find('|') != std::string::npos;
      if (other || std::any_of(labels.begin(), labels.end(),
                               [&](const auto& label) { return name.starts_with(label); })) {
        continue;
      }
      errors.push_back(
          Error(ErrorId::kConfigReference, "a contrast names a coefficient the model lacks")
              .Field(field)
              .Value(name)
              .Remedy("add it to the formula, or take the contrast out"));
    }
  }
  return errors;
}

}  // namespace kinflow::family
