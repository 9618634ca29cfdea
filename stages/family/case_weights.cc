#include "stages/family/case_weights.h"

#include <fmt/format.h>

#include <algorithm>

namespace kinflow::family {

std::vector<double> CaseWeightsOf(const ModelFrame& frame, const ModelSpec& spec,
                                  const std::vector<uint32_t>& rows) {
  const std::string& column = spec.options.case_weights;
  if (column.empty()) return {};
  std::vector<double> weights = NumbersOf(frame, column, "case_weights", rows);
  // How many is not said: it may be few people.
  if (std::any_of(weights.begin(), weights.end(), [](double w) { return !(w > 0); })) {
    throw Error(ErrorId::kModelFailed, "some case weights are not above 0")
        .Field("case_weights")
        .Value(column)
        .Remedy("leave rows that do not count out of the table, or set their weight to NA");
  }
  return weights;
}

void RefuseWithWeights(const ModelSpec& spec, bool set, const char* key, const std::string& value,
                       const std::string& remedy, std::vector<Error>& errors) {
  if (!set || spec.options.case_weights.empty()) return;
  errors.push_back(Error(ErrorId::kConfigReference,
                         fmt::format("{} is not defined with case weights here", value))
                       .Field(key)
                       .Value(value)
                       .Remedy(remedy));
}

std::string WeightsArgument(const ModelSpec& spec) {
  const std::string& column = spec.options.case_weights;
  return column.empty() ? "" : ", weights = `" + column + "`";
}

}  // namespace kinflow::family
