#include "stages/family/analysis.h"
#include "stages/family/fit.h"

namespace kinflow::family {

SchemaNode FitSchema() {
  namespace s = schema;
  std::vector<SchemaNode> keys = {
      s::Text("model", "kind of regression").Default("ols"),
      s::Text("formula", "y ~ a + b * c + factor(d); models told by paths have none").Nullable(),
      s::Text("cluster", "column whose values are the clusters").Nullable(),
      s::Text("relatives", "family_reml: file of pairs of relatives: ID1, ID2, relatedness")
          .Nullable(),
      s::Text(
          "person",
          "column of who a row is of: few people, not rows, are hidden in share/; ids of relatives")
          .Nullable(),
      s::Choice("data_format",
                "wide: a row a person, columns COLUMN_WAVE; long: a row a person and wave; made "
                "what the model needs",
                {"auto", "wide", "long"})
          .Default("auto"),
      s::Choice("outcome_of", "whose the outcome is: labels effects",
                {"mother", "father", "child", "nobody"})
          .Default("nobody"),
      s::Int("small_cell", "smaller counts are suppressed in share/").Within(0, 1000).Default("5")};
  const SchemaNode analyses = AnalysesSchema();
  for (const auto& key : analyses.children.front().children) {
    for (const char* name :
         {"steps", "contrasts", "vcov", "family", "family_terms", "family_tests", "reference",
          "sample", "df", "ci", "conf_level", "method", "random_tests", "refit", "table1",
          "trajectories", "negative_control"}) {
      if (key.name == name) keys.push_back(key);
    }
  }
  for (auto& key : ModelOptionKeys()) keys.push_back(std::move(key));
  return s::Map("", "kinflow fit", std::move(keys));
}

FitOptions FitOptionsFrom(const ConfigNode& node) {
  FitOptions out;
  out.model = node.Text("model");
  if (node.Has("formula")) out.formula = node.Text("formula");
  if (node.Has("cluster")) out.cluster = node.Text("cluster");
  if (node.Has("relatives")) out.relatives = node.Text("relatives");
  if (node.Has("person")) out.person = node.Text("person");
  if (node.Text("outcome_of") != "nobody") out.outcome_of = node.Text("outcome_of");
  for (const auto& step : node.At("steps").items()) out.steps.push_back(step.TextList(""));
  out.contrasts = node.TextList("contrasts");
  out.vcov = node.TextList("vcov");
  out.family = node.TextList("family");
  out.family_given = node.At("family").is_given();
  out.family_terms = node.TextList("family_terms");
  if (node.Has("family_tests")) out.family_tests = node.Int("family_tests");
  for (const auto& [name, level] : node.At("reference").members()) {
    out.reference[name] = level.Text("");
  }
  out.common_sample = node.Text("sample") == "common";
  out.normal_df = node.Text("df") == "normal";
  out.kenward_roger = node.Text("df") == "kr";
  out.refit = node.Bool("refit");
  out.fixed_196 = node.Text("ci") == "fixed196";
  out.reml = node.Text("method") == "reml";
  out.random_tests = node.Bool("random_tests");
  out.negative_control = node.TextList("negative_control");
  out.table_one = ReadTableOne(node.At("table1"));
  out.trajectories = ReadTrajectories(node.At("trajectories"));
  out.model_options = ReadModelOptions(node);
  out.data_format = node.Text("data_format");
  out.wave = out.model_options.wave;
  // Of the table then, and not a key of the model.
  if (out.data_format != "auto" && out.model != "ols_by_wave") out.model_options.wave.clear();
  if (out.data_format != "auto" && out.wave.empty()) out.wave = "wave";
  if (out.model == "ols_by_wave") out.model_options.wave = out.wave;
  out.conf_level = node.Number("conf_level");
  out.small_cell = node.Int("small_cell");
  return out;
}

}  // namespace kinflow::family
