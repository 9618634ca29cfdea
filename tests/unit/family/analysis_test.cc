// The config of an analysis, its checks, and whole analyses over several scores.
#include "stages/family/analysis.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/config/config_loader.h"
#include "stages/family/family_stage.h"
#include "stages/family/reporting.h"
#include "tests/unit/family/reference.h"
#include "tests/unit/family/simulated_trios.h"

namespace kinflow::family::test {
namespace {

ConfigResult Load(const std::string& yaml) {
  return LoadConfigText(yaml, "run.yaml", schema::Map("", "", {AnalysesSchema()}), {});
}

std::vector<AnalysisOptions> Read(const std::string& yaml) {
  const ConfigResult result = Load(yaml);
  for (const auto& error : result.errors) ADD_FAILURE() << error.Format();
  return ReadAnalyses(result.root.At("analyses"));
}

TEST(AnalysisConfig, FullEntry) {
  const auto list = Read(R"(
analyses:
  - id: joint
    model: ols
    outcome: {variable: scl, of: mother}
    formula: "scl ~ age + pgs.mother + pgs.father + pgs.child"
    steps: [[age], [pgs.mother], [pgs.father, pgs.child]]
    vcov: [const, HC3, CR1S]
    reference: {batch: B}
    sample: varying
  - id: second
    outcome: {variable: y, of: child}
    covariates: [age, PC1.mother, factor(batch)]
    members: [child]
    vcov: HC3
    cluster: none
)");
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].steps.size(), 3u);
  EXPECT_EQ(list[0].steps[2], (std::vector<std::string>{"pgs.father", "pgs.child"}));
  EXPECT_EQ(list[0].reference.at("batch"), "B");
  EXPECT_FALSE(list[0].common_sample);
  EXPECT_EQ(list[0].standardise, Standardise::kCommonSd);
  EXPECT_EQ(FormulaOf(list[1]).Text(), "y ~ age + PC1.mother + factor(batch) + pgs.child");
  EXPECT_EQ(list[1].vcov, (std::vector<std::string>{"HC3"}));
  EXPECT_EQ(list[1].outcome_of, "child");
  EXPECT_NE(list[0].ToJson(), list[1].ToJson());
  auto changed = list[0];
  changed.formula += " + PC1";
  EXPECT_NE(changed.ToJson(), list[0].ToJson());
}

TEST(AnalysisConfig, SeveralOutcomes) {
  const auto list = Read(R"(
analyses:
  - {id: built, outcome: {variable: [scl, y], of: child}, covariates: [age]}
  - {id: written, outcome: {variable: [y, scl]}, formula: "scl ~ age + pgs.mother"}
)");
  const auto formulas = [](const AnalysisOptions& options) {
    std::string out;
    for (const auto& one : ByOutcome(options)) out += FormulaOf(one).Text() + "; ";
    return out;
  };
  const std::string scores = " ~ age + pgs.mother + pgs.father + pgs.child; ";
  EXPECT_EQ(formulas(list[0]), "scl" + scores + "y" + scores);
  EXPECT_EQ(formulas(list[1]), "y ~ age + pgs.mother; scl ~ age + pgs.mother; ");
}

TEST(AnalysisCheck, SeveralOutcomes) {
  PersonColumns persons;
  for (const char* name : {"scl", "y", "age"}) persons.columns.Add(name, Table::Doubles{});
  persons.columns.Add("text", Table::Strings{});
  persons.mixed.emplace("text", Error(ErrorId::kMalformed, "mixed").Value("text"));
  const auto faults = [&](std::vector<std::string> outcomes, bool refit = false) {
    AnalysisOptions options;
    options.id = "a";
    options.outcome = outcomes.front();
    options.outcomes = std::move(outcomes);
    options.covariates = {"age"};
    options.refit = refit;
    std::string values;
    for (const auto& e : CheckAnalysis(options, persons, {"adhd"})) values += e.value() + " ";
    return values;
  };
  EXPECT_EQ(faults({"scl", "y"}), "");
  EXPECT_EQ(faults({"scl", "scl"}), "scl ");
  EXPECT_EQ(faults({"scl", "yy"}), "yy ");
  EXPECT_EQ(faults({"scl", "text"}), "text ");
  EXPECT_EQ(faults({"scl", "y"}, true), "true ");
  EXPECT_EQ(faults({"scl"}, true), "");
}

TEST(AnalysisCheck, OutcomesDoNotExplainThemselves) {
  PersonColumns persons;
  for (const char* name : {"scl", "y", "age"}) persons.columns.Add(name, Table::Doubles{});
  AnalysisOptions options;
  options.id = "a";
  options.outcome = "scl";
  const auto faults = [&](std::vector<std::string> outcomes, std::vector<std::string> covariates,
                          const std::string& formula = "") {
    AnalysisOptions own = options;
    own.outcomes = std::move(outcomes);
    own.covariates = std::move(covariates);
    own.formula = formula;
    std::string text;
    for (const auto& e : CheckAnalysis(own, persons, {"adhd"})) {
      EXPECT_EQ(e.id(), ErrorId::kConfigReference);
      EXPECT_NE(e.remedy().find("on the right"), std::string::npos) << e.OneLine();
      text += e.field() + " " + e.value() + "; ";
    }
    return text;
  };
  EXPECT_EQ(faults({"scl", "y"}, {"age", "scl.father", "y.child"}), "");
  EXPECT_EQ(faults({}, {"scl"}), "analyses.a.covariates scl; ");
  EXPECT_EQ(faults({"scl", "y"}, {"age", "y"}), "analyses.a.covariates y; ");
  EXPECT_EQ(faults({"scl", "y"}, {"log(scl)", "y"}),
            "analyses.a.covariates scl; analyses.a.covariates y; ");
  EXPECT_EQ(faults({"scl", "y"}, {"y.mother"}), "analyses.a.covariates y.mother; ");
  EXPECT_EQ(faults({"scl", "y"}, {}, "scl ~ age:factor(y) + pgs.mother"), "analyses.a.formula y; ");
  options.outcomes = {"scl", "y"};
  options.covariates = {"y"};
  EXPECT_NO_THROW(FormulaOf(ByOutcome(options)[0]));
  EXPECT_THROW(FormulaOf(ByOutcome(options)[1]), Error);
}

TEST(AnalysisConfig, WrongValuesAreConfigErrors) {
  for (const char* yaml :
       {"analyses: [{id: a, model: olss}]", "analyses: [{model: ols}]",
        "analyses: [{id: a, outcome: {of: aunt}}]", "analyses: [{id: a, vcov: [HC7]}]",
        "analyses: [{id: a, conf_level: 2}]", "analyses: [{id: a, formla: x}]"}) {
    EXPECT_FALSE(Load(yaml).errors.empty()) << yaml;
  }
  const ConfigResult twice = Load("analyses: [{id: a, formula: y ~ x}, {id: a, formula: y ~ z}]");
  ASSERT_TRUE(twice.errors.empty());
  EXPECT_THROW(ReadAnalyses(twice.root.At("analyses")), Error);
}

// A grid of outcomes by scores is the analyses of each outcome, but that tests are adjusted
// together.
TEST(Analysis, SeveralOutcomesAreAnalysesOfEach) {
  const SimulatedTrios s = MakeTrios(150);
  AnalysisOptions options;
  options.id = "grid";
  options.outcome = "scl";
  options.outcomes = {"scl", "age"};
  const FamilyResults grid = RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
  const Table& estimates = grid.tables.at("estimates");
  size_t rows = 0;
  for (const std::string outcome : {"scl", "age"}) {
    options.outcome = outcome;
    options.outcomes = {outcome};
    const FamilyResults one = RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
    const Table& alone = one.tables.at("estimates");
    ASSERT_GE(estimates.rows(), rows + alone.rows());
    for (size_t r = 0; r < alone.rows(); ++r) {
      const size_t at = rows + r;
      EXPECT_EQ(estimates.StringsOf("outcome")[at], outcome);
      EXPECT_EQ(estimates.StringsOf("term")[at], alone.StringsOf("term")[r]);
      EXPECT_EQ(estimates.DoublesOf("estimate")[at], alone.DoublesOf("estimate")[r]);
      EXPECT_EQ(estimates.DoublesOf("std_error")[at], alone.DoublesOf("std_error")[r]);
      EXPECT_EQ(estimates.StringsOf("family")[at], alone.StringsOf("family")[r]);
    }
    rows += alone.rows();
    EXPECT_EQ(grid.tables.at("scaling").rows(), one.tables.at("scaling").rows());
  }
  EXPECT_EQ(rows, estimates.rows());
}

TEST(Analysis, WarningsNameTheOutcomeWhereThereAreSeveral) {
  SimulatedTrios s = MakeTrios(150);
  s.persons.columns.Add("one", Table::Doubles(s.persons.iid.size(), 1.0));
  AnalysisOptions options;
  options.id = "grid";
  options.outcome = "scl";
  options.covariates = {"one"};
  options.members = {"mother"};
  options.scores = {"s1"};
  const auto warning = [&] {
    const auto results = RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
    EXPECT_EQ(results.warnings.size(), 1u);  // those of all models are told once
    return results.warnings.empty() ? "" : results.warnings[0];
  };
  EXPECT_TRUE(warning().starts_with("grid/mother/s1: [")) << warning();
  options.outcomes = {"scl", "age"};
  EXPECT_TRUE(warning().starts_with("grid/mother/age/s1: [")) << warning();
}

// exp(pgs.mother) is no more her score's effect than I(pgs.mother^2) is.
TEST(Analysis, FunctionsOfAScoreAreNotItsEffect) {
  ModelFrame frame;
  frame.info["pgs.mother"] = {"mother", "s1"};
  const Formula formula = ParseFormula(
      "y ~ age + pgs.mother + exp(pgs.mother) + sqrt(pgs.mother) + I(pgs.mother^2) + log(age)");
  std::vector<std::string> roles;
  for (const auto& term : formula.terms) roles.push_back(TermInfo(formula, term, frame).role);
  ASSERT_EQ(roles.size(), 6u);
  EXPECT_EQ(roles[1], "mother");
  for (const size_t t : {2u, 3u, 4u}) EXPECT_EQ(roles[t], "interaction") << t;
  EXPECT_EQ(roles[5], roles[0]);
  // But she is in the model beside her child.
  frame.info["pgs.child"] = {"child", "s1"};
  frame.outcome_of = "mother";
  for (const char* hers : {"poly(pgs.mother, 2)", "factor(sex):pgs.mother", "exp(pgs.mother)"}) {
    const Formula both = ParseFormula(std::string("y ~ pgs.child + ") + hers);
    EXPECT_EQ(EffectOf(both, frame, "child"), "indirect") << hers;
    EXPECT_EQ(EffectOf(formula, frame, "mother"), "total");
  }
  // Products with a function join their margin, the column itself.
  const StepPlan plan =
      PlanSteps(ParseFormula("y ~ age + z + log(age):z"), frame, {{"z"}, {"age"}});
  ASSERT_EQ(plan.models.size(), 2u);
  EXPECT_EQ(plan.models[0].keep, (std::vector<uint8_t>{0, 1, 0}));
}

TEST(Analysis, DefaultStepsOfATrio) {
  const SimulatedTrios s = MakeTrios(150);
  AnalysisOptions options;
  options.id = "joint";
  options.outcome = "scl";
  options.covariates = {"age"};
  options.scores = {"s1"};
  const FamilyResults results =
      RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
  EXPECT_EQ(results.tables.at("models").StringsOf("model_id"),
            (Table::Strings{"covariates", "mother", "father", "father_child", "trio"}));
  const Table& tests = results.tables.at("comparisons");
  std::string pairs;
  for (size_t r = 0; r < tests.rows(); ++r) {
    if (tests.StringsOf("test")[r] != "F") continue;
    pairs += tests.StringsOf("reduced")[r] + "<" + tests.StringsOf("full")[r] + ":" +
             tests.StringsOf("added")[r] + " ";
  }
  EXPECT_EQ(pairs,
            "covariates<mother:pgs.mother mother<trio:pgs.father + pgs.child "
            "covariates<trio:pgs.mother + pgs.father + pgs.child "
            "father<trio:pgs.mother + pgs.child father_child<trio:pgs.mother ");
  // delta R2 along a path adds up.
  std::vector<double> delta;
  for (size_t r = 0; r < tests.rows(); ++r) {
    if (tests.StringsOf("test")[r] == "F") delta.push_back(tests.DoublesOf("delta_r2")[r]);
  }
  EXPECT_NEAR(delta[0] + delta[1], delta[2], 1e-14);
  EXPECT_EQ(results.tables.at("contrasts").rows(), 9u);  // three contrasts, three SE types
  // All steps on the rows of the full model.
  for (const int64_t n : results.tables.at("models").IntsOf("n")) {
    EXPECT_EQ(n, results.tables.at("models").IntsOf("n")[0]);
  }
  const Table& estimates = results.tables.at("estimates");
  const auto effect = [&](const std::string& model, const std::string& term) {
    return estimates.StringsOf("effect")[static_cast<size_t>(
        FindRow(estimates, {{"model_id", model}, {"term", term}, {"se_type", "HC3"}}))];
  };
  EXPECT_EQ(effect("mother", "pgs.mother"), "total");
  EXPECT_EQ(effect("trio", "pgs.mother"), "direct");  // the outcome is the mother's
  EXPECT_EQ(effect("trio", "pgs.child"), "indirect");
  EXPECT_EQ(effect("trio", "age"), "NA");
}

TEST(Analysis, ColumnsOfTheTables) {
  const SimulatedTrios s = MakeTrios(100);
  AnalysisOptions options;
  options.id = "joint";
  options.outcome = "scl";
  const FamilyResults results =
      RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
  const auto names = [&](const std::string& table) {
    std::string out;
    for (size_t c = 0; c < results.tables.at(table).columns(); ++c) {
      out += results.tables.at(table).name(c) + " ";
    }
    return out;
  };
  EXPECT_EQ(
      names("estimates")
          .find("analysis_id model_id outcome wave pgs predictor role effect term estimate "
                "std_error se_type statistic stat df p_value neg_log10_p conf_low conf_high "
                "conf_level std_estimate std_type exp_estimate n n_clusters p_bh p_bonf p_meff "
                "family "),
      0u);
  EXPECT_NE(names("models").find(
                " n n_clusters k df_resid logLik criterion REML AIC BIC sigma r2 adj_r2 "
                "r2_marginal r2_conditional icc deviance mcfadden nagelkerke tjur auc converged "
                "iterations singular seconds call "),
            std::string::npos);
  EXPECT_NE(names("comparisons")
                .find(" reduced full added test statistic df1 df2 p delta_r2 partial_r2 "),
            std::string::npos);
  for (const auto& name : FamilyTableNames()) EXPECT_EQ(results.tables.count(name), 1u) << name;
}

TEST(Analysis, RowAccountAddsUp) {
  const SimulatedTrios s = MakeTrios(300);
  AnalysisOptions options;
  options.id = "joint";
  options.formula = "scl ~ half.child + pgs.mother + pgs.father + pgs.child";
  options.scores = {"s1"};
  const FamilyResults results =
      RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
  const Table& rows = results.tables.at("rows");
  int64_t input = 0, used = 0, dropped = 0;
  size_t reasons = 0;
  for (size_t r = 0; r < rows.rows(); ++r) {
    if (rows.StringsOf("model_id")[r] != "trio") continue;
    const auto& quantity = rows.StringsOf("quantity")[r];
    const int64_t count = rows.IntsOf("count")[r];
    if (quantity == "n_input") input = count;
    if (quantity == "n_used") used = count;
    if (quantity != "n_dropped") continue;
    dropped += count;
    ++reasons;
    EXPECT_NE(rows.StringsOf("reason")[r], "NA");
  }
  EXPECT_EQ(input, static_cast<int64_t>(s.cohort->trios.size()));
  EXPECT_EQ(input, used + dropped);
  EXPECT_GE(reasons, 4u);
}

TEST(Analysis, OneFailedScoreLeavesTheOthers) {
  SimulatedTrios s = MakeTrios(150);
  s.scores.names = {"s1", "flat", "void", "s2"};
  s.scores.values = {s.scores.values[0], std::vector<double>(s.scores.values[0].size(), 2.0),
                     std::vector<double>(s.scores.values[0].size(), std::nan("")),
                     s.scores.values[1]};
  AnalysisOptions options;
  options.id = "joint";
  options.outcome = "scl";
  options.covariates = {"age"};
  options.standardise = Standardise::kNone;
  const FamilyResults results =
      RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
  const Table& models = results.tables.at("models");
  const auto status = [&](const std::string& pgs, const std::string& model) {
    const int64_t r = FindRow(models, {{"pgs", pgs}, {"model_id", model}});
    return r < 0 ? "absent"
                 : models.StringsOf("status")[static_cast<size_t>(r)] + " " +
                       models.StringsOf("error_id")[static_cast<size_t>(r)];
  };
  EXPECT_EQ(status("s1", "trio"), "ok NA");
  EXPECT_EQ(status("s2", "trio"), "ok NA");
  EXPECT_EQ(status("flat", "trio"), "failed E0441");
  EXPECT_EQ(status("flat", "covariates"), "ok NA");
  EXPECT_EQ(status("void", "trio"), "failed E0443");
  EXPECT_GT(CountFailed(models), 0u);
  EXPECT_EQ(CountFailed(models), results.failures.size());
  const Table& estimates = results.tables.at("estimates");
  EXPECT_GE(FindRow(estimates, {{"pgs", "s2"}, {"model_id", "trio"}}), 0);
  // Two scores were tested: Bonferroni doubles.
  const auto row = static_cast<size_t>(
      FindRow(estimates,
              {{"pgs", "s1"}, {"term", "pgs.father"}, {"model_id", "trio"}, {"se_type", "CR1S"}}));
  EXPECT_DOUBLE_EQ(estimates.DoublesOf("p_bonf")[row],
                   std::min(1.0, 2 * estimates.DoublesOf("p_value")[row]));
  EXPECT_EQ(estimates.StringsOf("family")[row], "indirect-father");
}

TEST(Analysis, AScoreByNameGivesOneModelOverAllScores) {
  const SimulatedTrios s = MakeTrios(200);
  AnalysisOptions options;
  options.id = "all";
  options.formula = "scl ~ age + s1.mother + s2.mother + s1.child + s2.child";
  const FamilyResults results =
      RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
  const Table& estimates = results.tables.at("estimates");
  const auto row =
      static_cast<size_t>(FindRow(estimates, {{"term", "s2.child"}, {"model_id", "mother_child"}}));
  EXPECT_EQ(estimates.StringsOf("pgs")[row], "s2");
  EXPECT_EQ(estimates.StringsOf("role")[row], "child");
  EXPECT_EQ(results.tables.at("models").StringsOf("pgs")[0], "NA");
}

TEST(Analysis, InteractionsFollowTheirMargins) {
  const SimulatedTrios s = MakeTrios(200);
  AnalysisOptions options;
  options.id = "moderated";
  options.formula = "scl ~ age * pgs.mother + pgs.father";
  options.scores = {"s1"};
  options.steps = {{"age"}, {"pgs.mother"}, {"pgs.father"}};
  const FamilyResults results =
      RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
  const auto& formulas = results.tables.at("models").StringsOf("formula");
  EXPECT_EQ(formulas, (Table::Strings{"scl ~ age", "scl ~ age + pgs.mother + age:pgs.mother",
                                      "scl ~ age + pgs.mother + pgs.father + age:pgs.mother"}));
  const Table& estimates = results.tables.at("estimates");
  const auto row = static_cast<size_t>(FindRow(estimates, {{"term", "age:pgs.mother"}}));
  EXPECT_EQ(estimates.StringsOf("role")[row], "interaction");
}

}  // namespace
}  // namespace kinflow::family::test
