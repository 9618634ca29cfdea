#include "stages/family/reference_check.h"

#include <algorithm>

#include "pipeline/base/text.h"

namespace kinflow::family {

std::vector<Error> CheckReference(const std::map<std::string, std::string>& reference,
                                  const Formula& formula, bool by_paths, const std::string& field) {
  std::vector<std::string> columns;
  if (!by_paths) {
    for (const auto& variable : formula.variables) columns.push_back(variable.column);
  }
  std::vector<Error> errors;
  for (const auto& [column, level] : reference) {
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) continue;
    const std::string near = NearestWord(column, columns);
    errors.push_back(
        Error(ErrorId::kConfigReference, "a reference level of a column that no term has")
            .Field(field + "." + column)
            .Value(level)
            .Remedy(near.empty() ? "name a factor of the formula, or take the entry out"
                                 : "did you mean " + near + "?"));
  }
  return errors;
}

}  // namespace kinflow::family
