#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"
#include "stages/family/analysis.h"

namespace kinflow::family {
namespace {

std::vector<std::string> ModelNames() {
  std::vector<std::string> names;
  for (const auto& entry : ModelEntries()) names.emplace_back(entry.name);
  return names;
}

const char* Name(Standardise v) {
  return v == Standardise::kNone ? "none" : v == Standardise::kOwn ? "own" : "common_sd";
}
const char* Name(ChildRule v) {
  return v == ChildRule::kAll            ? "all"
         : v == ChildRule::kOnePerMother ? "one_per_mother"
                                         : "one_per_pregnancy";
}

ClusterBy ClusterOf(const std::string& text) {
  return text == "none"     ? ClusterBy::kNone
         : text == "family" ? ClusterBy::kFamily
         : text == "mother" ? ClusterBy::kMother
                            : ClusterBy::kColumn;
}
std::string ClusterText(const AnalysisOptions& options) {
  return options.cluster == ClusterBy::kNone     ? "none"
         : options.cluster == ClusterBy::kFamily ? "family"
         : options.cluster == ClusterBy::kMother ? "mother"
                                                 : options.cluster_column;
}
Standardise StandardiseOf(const std::string& text) {
  return text == "none"  ? Standardise::kNone
         : text == "own" ? Standardise::kOwn
                         : Standardise::kCommonSd;
}
ChildRule ChildRuleOf(const std::string& text) {
  return text == "all"              ? ChildRule::kAll
         : text == "one_per_mother" ? ChildRule::kOnePerMother
                                    : ChildRule::kOnePerPregnancy;
}

AnalysisOptions ReadAnalysis(const ConfigNode& node) {
  AnalysisOptions out;
  out.id = node.Text("id");
  out.model = node.Text("model");
  out.outcomes = node.TextList("outcome.variable");
  if (!out.outcomes.empty()) out.outcome = out.outcomes.front();
  out.outcome_of = node.Text("outcome.of");
  if (node.Has("formula")) out.formula = node.Text("formula");
  out.covariates = node.TextList("covariates");
  out.members = node.TextList("members");
  out.scores = node.TextList("scores");
  for (const auto& step : node.At("steps").items()) {
    std::vector<std::string> terms;
    for (const auto& term : step.items()) terms.push_back(term.Text(""));
    out.steps.push_back(std::move(terms));
  }
  out.contrasts = node.TextList("contrasts");
  out.negative_control = node.TextList("negative_control");
  out.vcov = node.TextList("vcov");
  out.family = node.TextList("family");
  out.family_given = node.At("family").is_given();
  out.family_terms = node.TextList("family_terms");
  if (node.Has("family_tests")) out.family_tests = node.Int("family_tests");
  if (node.Has("family_across")) out.family_across = node.Text("family_across");
  for (const auto& [name, level] : node.At("reference").members()) {
    out.reference[name] = level.Text("");
  }
  const char* usual = MakeModel(out.model)->ClustersByDefault() ? "mother" : "none";
  const std::string cluster = node.Has("cluster") ? node.Text("cluster") : usual;
  out.cluster = ClusterOf(cluster);
  if (out.cluster == ClusterBy::kColumn) out.cluster_column = cluster;
  out.standardise = StandardiseOf(node.Text("standardise"));
  out.children = ChildRuleOf(node.Text("children"));
  out.common_sample = node.Text("sample") == "common";
  out.normal_df = node.Text("df") == "normal";
  out.kenward_roger = node.Text("df") == "kr";
  out.refit = node.Bool("refit");
  out.fixed_196 = node.Text("ci") == "fixed196";
  out.reml = node.Text("method") == "reml";
  out.random_tests = node.Bool("random_tests");
  out.table_one = ReadTableOne(node.At("table1"));
  out.trajectories = ReadTrajectories(node.At("trajectories"));
  out.model_options = ReadModelOptions(node);
  out.conf_level = node.Number("conf_level");
  return out;
}

}  // namespace

SchemaNode AnalysesSchema() {
  namespace s = schema;
  SchemaNode vcov_item = s::Choice("", "covariance estimator", CovarianceNames());
  std::vector<SchemaNode> keys{
      s::Text("id", "name of the analysis, unique").Required(),
      s::Choice("model", "kind of regression", ModelNames()).Default("ols"),
      s::Map(
          "outcome", "what is explained",
          {s::TextList("variable",
                       "phenotype column, or several for the same models of each; empty: left side "
                       "of the formula")
               .OneOrMore(),
           s::Choice("of", "whose it is; plain covariates are this person's too",
                     {"mother", "father", "child"})
               .Default("mother")}),
      s::Text("formula",
              "y ~ pgs.mother + pgs.father + pgs.child + age + PC1.child; null: built from "
              "outcome, covariates and members")
          .Nullable(),
      s::TextList("covariates", "columns: age, PC1.father, factor(batch)").OneOrMore(),
      s::List("members", "whose score enters, if no formula is given",
              s::Choice("", "member", {"mother", "father", "child"}))
          .DefaultList({"mother", "father", "child"})
          .OneOrMore(),
      s::TextList("scores", "scores that `pgs` stands for in turn; empty: all").OneOrMore(),
      s::List("steps", "terms added at each step; empty: covariates, mother, the others",
              s::TextList("", "terms of one step").OneOrMore()),
      s::TextList("contrasts",
                  "sums of coefficients, \"pgs.mother - pgs.father\"; empty: M-F, F-C, F+C")
          .OneOrMore(),
      s::List("vcov",
              "standard errors; empty: those of the model: const, HC3, CR1S (ols), model, HC0, CR1 "
              "(logit, ordinal), robust (gee)",
              vcov_item)
          .OneOrMore(),
      s::TextList("family", "columns whose values define a family of tests")
          .DefaultList({"effect"})
          .OneOrMore(),
      s::TextList("family_terms",
                  "terms of the formula that count as tests; empty: scores of mother, father, "
                  "child")
          .OneOrMore(),
      s::TextList(
          "negative_control",
          "waves in pregnancy, outcomes measured then, or [all] of one outcome: the child's "
          "effect there is a negative control")
          .OneOrMore(),
      s::Int("family_tests",
             "how many tests each family has, those that are not here too (R's p.adjust(n = )); "
             "null: as many as have a p value")
          .Within(1, 1e9)
          .Nullable(),
      s::Text("family_across",
              "a name: families of all analyses with this one are adjusted together; null: each "
              "analysis by itself")
          .Nullable(),
      s::FreeMap("reference", "reference level by factor column", s::Text("", "level")),
      s::Text("cluster",
              "who shares errors: mother, family, none, or a column of the person whose outcome it "
              "is; null: mother, or none for models that take no clusters")
          .Nullable(),
      s::Choice("standardise", "scores: one mean and sd for all members, own, or none",
                {"common_sd", "own", "none"})
          .Default("common_sd"),
      s::Choice("children", "which children of one mother are used",
                {"one_per_pregnancy", "one_per_mother", "all"})
          .Default("one_per_pregnancy"),
      s::Choice("sample", "rows of the steps: those of the full model, or each its own",
                {"common", "varying"})
          .Default("common"),
      s::Choice("df",
                "degrees of freedom: by estimator (n-k, G-1, Satterthwaite), normal, or those of "
                "Kenward and Roger (lmm, small samples)",
                {"auto", "normal", "kr"})
          .Default("auto"),
      s::Choice("ci", "limits: quantile of the distribution, or 1.96", {"quantile", "fixed196"})
          .Default("quantile"),
      s::Choice("method", "mixed models: restricted or plain maximum likelihood", {"reml", "ml"})
          .Default("reml"),
      s::Bool("random_tests", "mixed models: test each random effect against the model without it")
          .Default("false"),
      s::Bool("refit",
              "leave private/refit_ID.R and its table: the same models by R's reference packages")
          .Default("false"),
      TableOneSchema(),
      TrajectorySchema(),
      s::Number("conf_level", "confidence level").Within(0.5, 0.9999).Default("0.95")};
  for (auto& key : ModelOptionKeys()) keys.push_back(std::move(key));
  return s::List("analyses", "family regressions, one entry each",
                 s::Map("", "one analysis", std::move(keys)));
}

std::vector<AnalysisOptions> ReadAnalyses(const ConfigNode& analyses) {
  std::vector<AnalysisOptions> out;
  for (const auto& node : analyses.items()) {
    out.push_back(ReadAnalysis(node));
    for (size_t i = 0; i + 1 < out.size(); ++i) {
      const AnalysisOptions &one = out[i], &other = out.back();
      if (!one.family_across.empty() && one.family_across == other.family_across &&
          one.family_tests != other.family_tests) {
        throw Error(ErrorId::kConfigReference, "analyses with families in common count tests apart")
            .Field("analyses." + other.id + ".family_tests")
            .Value(std::to_string(other.family_tests))
            .Remedy("give all analyses of family_across: " + one.family_across + " one number");
      }
      if (out[i].id != out.back().id) continue;
      throw Error(ErrorId::kConfigReference, "two analyses have the same id")
          .Field("analyses")
          .Value(out.back().id)
          .Remedy("give each analysis an id of its own");
    }
  }
  return out;
}

std::string AnalysisOptions::ToJson() const {
  const nlohmann::json json{
      {"id", id},
      {"model", model},
      {"outcome", outcome},
      {"outcomes", outcomes},
      {"outcome_of", outcome_of},
      {"formula", formula},
      {"covariates", covariates},
      {"members", members},
      {"scores", scores},
      {"steps", steps},
      {"contrasts", contrasts},
      {"vcov", vcov},
      {"family", family},
      {"family_tests", family_tests},
      {"family_terms", family_terms},
      {"adjusted_here", family_across.empty()},
      {"negative_control", negative_control},
      {"reference", reference},
      {"cluster", ClusterText(*this)},
      {"standardise", Name(standardise)},
      {"children", Name(children)},
      {"sample", common_sample ? "common" : "varying"},
      {"df", normal_df       ? "normal"
             : kenward_roger ? "kr"
                             : "auto"},
      {"refit", refit},
      {"ci", fixed_196 ? "fixed196" : "quantile"},
      {"method", reml ? "reml" : "ml"},
      {"random_tests", random_tests},
      {"table1", nlohmann::json::parse(table_one.ToJson())},
      {"trajectories", nlohmann::json::parse(trajectories.ToJson())},
      {"model_options", nlohmann::json::parse(ModelOptionsJson(model_options))},
      {"conf_level", conf_level}};
  return json.dump();
}

}  // namespace kinflow::family
