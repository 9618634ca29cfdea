#include "stages/family/trajectory_options.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/base/text.h"

namespace kinflow::family {

std::string TrajectoryOptions::ToJson() const {
  return nlohmann::json{{"at", at}, {"wave", wave}, {"group", group}}.dump();
}

SchemaNode TrajectorySchema() {
  namespace s = schema;
  return s::Map(
      "trajectories", "ols, ols_by_wave, lmm: the predicted outcome, in share/trajectories.tsv",
      {s::List("at", "SDs of each score from its mean, as [-1, 0, 1]; without scores write [0]",
               s::Number("", "SDs").Within(-10, 10))
           .OneOrMore(),
       s::Text("wave", "column of the formula: at each of its values").Nullable(),
       s::Text("group", "column of the formula: in each of its groups").Nullable()});
}

TrajectoryOptions ReadTrajectories(const ConfigNode& node) {
  TrajectoryOptions out;
  for (const auto& item : node.At("at").items()) out.at.push_back(item.Number(""));
  if (node.Has("wave")) out.wave = node.Text("wave");
  if (node.Has("group")) out.group = node.Text("group");
  return out;
}

std::vector<Error> CheckTrajectories(const TrajectoryOptions& options, const std::string& model,
                                     const std::vector<std::string>& columns) {
  const auto fault = [](const char* what, const std::string& key, const std::string& value,
                        const std::string& remedy) {
    return Error(ErrorId::kConfigReference, what).Field(key).Value(value).Remedy(remedy);
  };
  if (!options.asked_for()) {
    if (options.wave.empty() && options.group.empty()) return {};
    return {fault("trajectories have columns but no `at`", "trajectories.at", "",
                  "write at: [-1, 0, 1], or at: [0] without scores")};
  }
  if (model != "ols" && model != "ols_by_wave" && model != "lmm") {
    return {fault("trajectories are of models ols, ols_by_wave, lmm only", "trajectories", model,
                  "take the key out; model group_waves has means of its cells in contrasts")};
  }
  std::vector<Error> errors;
  for (const auto& [key, name] : {std::pair{"trajectories.wave", options.wave},
                                  std::pair{"trajectories.group", options.group}}) {
    const std::string near = NearestWord(name, columns);
    const bool known = std::find(columns.begin(), columns.end(), name) != columns.end();
    if (name.empty() || known) continue;
    errors.push_back(
        fault("the formula has no such column", key, name,
              near.empty() ? "name a column of the formula" : "did you mean " + near + "?"));
  }
  return errors;
}

}  // namespace kinflow::family
