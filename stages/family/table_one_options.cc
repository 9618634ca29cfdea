#include "stages/family/table_one_options.h"

#include <nlohmann/json.hpp>

namespace kinflow::family {

std::vector<std::string> TableOneOptions::Columns() const {
  if (!asked_for()) return {};
  std::vector<std::string> out = by;
  out.insert(out.end(), columns.begin(), columns.end());
  return out;
}

std::string TableOneOptions::ToJson() const {
  return nlohmann::json{{"sample", sample}, {"by", by}, {"columns", columns}}.dump();
}

SchemaNode TableOneSchema() {
  namespace s = schema;
  return s::Map(
      "table1", "describes the people of the analysis in share/table1.tsv",
      {s::Choice("sample",
                 "whom: rows of the full model, or all, with the numbers of missing values",
                 {"none", "used", "all"})
           .Default("none"),
       s::TextList("by", "columns whose values are strata: a wave, a group, both").OneOrMore(),
       s::TextList("columns", "columns to describe beside those of the formula").OneOrMore()});
}

TableOneOptions ReadTableOne(const ConfigNode& node) {
  return {node.Text("sample"), node.TextList("by"), node.TextList("columns")};
}

std::vector<Error> CheckTableOne(const TableOneOptions& options, bool path_model) {
  const auto fault = [](const char* what, const char* key, const std::string& value,
                        const char* remedy) {
    return Error(ErrorId::kConfigReference, what).Field(key).Value(value).Remedy(remedy);
  };
  if (!options.asked_for() && !(options.by.empty() && options.columns.empty())) {
    return {fault("table1 has columns but no sample", "table1", "none",
                  "set table1.sample to used or all")};
  }
  if (options.sample == "used" && path_model) {
    return {fault("path models use incomplete rows too", "table1.sample", "used",
                  "set table1.sample to all")};
  }
  return {};
}

}  // namespace kinflow::family
