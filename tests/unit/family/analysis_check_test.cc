// What can be told of an analysis before anything is computed.
#include <gtest/gtest.h>

#include <cmath>

#include "stages/family/analysis.h"
#include "stages/family/owner_check.h"
#include "stages/family/shared_values.h"
#include "tests/unit/family/simulated_trios.h"

namespace kinflow::family::test {
namespace {

TEST(AnalysisCheck, StepsNameCovariatesAndMembersOnly) {
  PersonColumns persons;
  for (const char* name : {"scl", "age", "parity"}) persons.columns.Add(name, Table::Doubles{});
  const auto faults = [&](std::vector<std::vector<std::string>> steps) {
    AnalysisOptions options;
    options.id = "a";
    options.outcome = "scl";
    options.covariates = {"age"};
    options.members = {"mother", "child"};
    options.steps = std::move(steps);
    std::string values;
    for (const auto& e : CheckAnalysis(options, persons, {"adhd"})) {
      EXPECT_EQ(e.id(), ErrorId::kConfigReference);
      EXPECT_EQ(e.field(), "analyses.a.steps");
      values += e.value() + " ";
    }
    return values;
  };
  EXPECT_EQ(faults({{"age"}, {"pgs.mother", "pgs.child"}}), "");
  EXPECT_EQ(faults({{"age", "age:pgs.mother"}, {"adhd.child"}}), "");
  EXPECT_EQ(faults({{"age", "parity"}, {"pgs.mother"}}), "parity ");
  EXPECT_EQ(faults({{"age"}, {"parity:pgs.mother"}, {"pgs.father"}}),
            "parity:pgs.mother pgs.father ");
}

// A father's age is no score of his.
TEST(AnalysisCheck, KeysOfScoresNeedOne) {
  PersonColumns persons;
  for (const char* name : {"scl", "age"}) persons.columns.Add(name, Table::Doubles{});
  const auto faults = [&](const std::string& formula, const std::vector<std::string>& terms) {
    AnalysisOptions options;
    options.id = "a";
    options.formula = formula;
    options.negative_control = {"all"};
    options.family_tests = 50;
    options.family_given = true;
    options.family_across = "all";
    options.family_terms = terms;
    options.model_options.attenuation.reliability = 0.8;
    std::string keys;
    for (const auto& e : CheckAnalysis(options, persons, {"adhd"})) keys += e.field() + " ";
    return keys;
  };
  EXPECT_EQ(faults("scl ~ pgs.mother + pgs.child + age", {}), "");
  EXPECT_EQ(faults("scl ~ adhd.child + age.father", {}), "");
  EXPECT_EQ(faults("scl ~ pgs.mother + age", {}), "negative_control ");
  EXPECT_EQ(faults("scl ~ age + age.father", {}),
            "attenuation family family_across family_tests negative_control ");
  EXPECT_EQ(faults("scl ~ age + age.father", {"age"}), "attenuation negative_control ");
  EXPECT_EQ(faults("scl ~ pgs.child", {"age"}), "family_terms ");
}

TEST(AnalysisCheck, PathModelsTellTheKeyOfAMissingColumn) {
  PersonColumns persons;
  for (const char* name : {"x1", "x2", "x3", "y1", "y2", "y3"}) {
    persons.columns.Add(name, Table::Doubles{});
  }
  AnalysisOptions options;
  options.id = "a";
  options.model = "riclpm";
  options.cluster = ClusterBy::kNone;
  options.model_options.x = {"x1", "x2", "x3"};
  options.model_options.y = {"y1", "y2", "y4"};
  auto errors = CheckAnalysis(options, persons, {});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].field(), "analyses.a.y");
  EXPECT_EQ(errors[0].value(), "y4");
  options.model = "sem";
  options.model_options = {};
  options.model_options.paths = {"x2 ~ x1 + z1"};
  errors = CheckAnalysis(options, persons, {});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].field(), "analyses.a.paths");
}

TEST(AnalysisCheck, TextsThatAreMostlyNumbersServeAsFactorsOnly) {
  PersonColumns persons;
  persons.columns.Add("scl", Table::Doubles{});
  persons.columns.Add("age", Table::Strings{});
  persons.mixed.emplace("age", Error(ErrorId::kMalformed, "mixed").AtLine(7));
  const auto faults = [&](const std::string& formula) {
    AnalysisOptions options;
    options.id = "a";
    options.formula = formula;
    return CheckAnalysis(options, persons, {"adhd"});
  };
  EXPECT_TRUE(faults("scl ~ factor(age) + pgs.mother").empty());
  EXPECT_TRUE(faults("scl ~ pgs.mother").empty());
  for (const char* formula : {"scl ~ age + pgs.mother", "scl ~ pgs.mother + age.child",
                              "age ~ pgs.mother", "scl ~ factor(age) + age:pgs.mother"}) {
    const auto errors = faults(formula);
    ASSERT_EQ(errors.size(), 1u) << formula;
    EXPECT_EQ(errors[0].id(), ErrorId::kMalformed);
    EXPECT_EQ(errors[0].line(), 7u);
  }
}

TEST(AnalysisCheck, FindsEveryFaultWithoutData) {
  PersonColumns persons;
  persons.columns.Add("scl", Table::Doubles{});
  persons.columns.Add("age", Table::Doubles{});
  const auto first_fault = [&](auto change) -> std::string {
    AnalysisOptions options;
    options.id = "a";
    options.formula = "scl ~ age + pgs.mother + pgs.child";
    change(options);
    const auto errors = CheckAnalysis(options, persons, {"adhd"});
    if (errors.empty()) return "";
    EXPECT_EQ(errors[0].exit_code(), ExitCode::kConfig);
    EXPECT_FALSE(errors[0].field().empty());
    return errors[0].value().empty() ? errors[0].message() : errors[0].value();
  };
  using O = AnalysisOptions;
  EXPECT_EQ(first_fault([](O&) {}), "");
  EXPECT_EQ(first_fault([](O& o) { o.formula = "scl ~ agee + pgs.mother"; }), "agee");
  EXPECT_EQ(first_fault([](O& o) { o.formula = "scll ~ age"; }), "scll");
  EXPECT_EQ(first_fault([](O& o) { o.scores = {"adhdd"}; }), "adhdd");
  EXPECT_EQ(first_fault([](O& o) { o.steps = {{"age"}, {"pgs.father"}}; }), "pgs.father");
  EXPECT_EQ(first_fault([](O& o) { o.cluster = ClusterBy::kNone, o.vcov = {"CR1"}; }), "CR1");
  EXPECT_EQ(first_fault([](O& o) { o.family = {"nothing"}; }), "nothing");
  EXPECT_EQ(first_fault([](O& o) { o.outcome = "age"; }), "scl");
  EXPECT_EQ(first_fault([](O& o) { o.model = "magic"; }), "magic");
  EXPECT_EQ(first_fault([](O& o) { o.formula = "scl ~ age + (1 | m)"; }), "m");
  EXPECT_NE(first_fault([](O& o) { o.formula = "scl ~ age +"; }).find("column 12"),
            std::string::npos);
  EXPECT_NE(first_fault([](O& o) { o.contrasts = {"pgs.mother -"}; }).find("coefficient"),
            std::string::npos);
  EXPECT_NE(first_fault([](O& o) { o.formula = ""; }).find("outcome.variable"), std::string::npos);
  EXPECT_NE(first_fault([](O& o) { o.covariates = {"age"}; }).find("covariates"),
            std::string::npos);
}

TEST(AnalysisCheck, TellsAllFaultsAtOnce) {
  PersonColumns persons;
  persons.columns.Add("scl", Table::Doubles{});
  AnalysisOptions options;
  options.id = "a";
  options.outcome = "sscl";
  options.covariates = {"agge", "factor(btch)", "agge:pgs.mother"};
  options.scores = {"adhdd"};
  options.cluster = ClusterBy::kColumn;
  options.cluster_column = "clinic";
  options.family = {"nothing"};
  std::vector<std::string> values, fields;
  for (const auto& error : CheckAnalysis(options, persons, {"adhd"})) {
    values.push_back(error.value());
    fields.push_back(error.field());
  }
  EXPECT_EQ(values,
            (std::vector<std::string>{"adhdd", "sscl", "agge", "btch", "clinic", "nothing"}));
  ASSERT_EQ(fields.size(), 6u);
  EXPECT_EQ(fields[1], "analyses.a.outcome");
  EXPECT_EQ(fields[3], "analyses.a.covariates");
}

TEST(AnalysisCheck, ContrastsAndCovariatesThatCannotBe) {
  PersonColumns persons;
  for (const char* name : {"scl", "age", "batch"}) persons.columns.Add(name, Table::Doubles{});
  const auto values = [&](std::vector<std::string> covariates, std::vector<std::string> contrasts) {
    AnalysisOptions options;
    options.id = "a";
    options.outcome = "scl";
    options.members = {"mother", "child"};
    options.covariates = std::move(covariates);
    options.contrasts = std::move(contrasts);
    std::string text;
    for (const auto& e : CheckAnalysis(options, persons, {"adhd"})) {
      text += e.field() + " " + e.value() + ": " + e.remedy() + "; ";
    }
    return text;
  };
  EXPECT_EQ(values({"age", "factor(batch)"},
                   {"pgs.mother - pgs.child", "`factor(batch)2` - age", "`(Intercept)`"}),
            "");
  EXPECT_EQ(values({"age"}, {"pgs.mother - pgs.father"}),
            "analyses.a.contrasts pgs.father: add it to the formula, or take the contrast out; ");
  EXPECT_EQ(values({"age, batch"}, {}),
            "analyses.a.covariates age, batch: write a list: covariates: [age, batch]; ");
}

/// `dep`, `time` and `wave` are of a long table, `scl` and `age` of wide ones.
TEST(AnalysisCheck, OutcomesOfAllWavesAreNotRepeated) {
  PersonColumns persons;
  for (const char* name : {"scl", "age", "dep", "time", "wave"}) {
    persons.columns.Add(name, Table::Doubles{});
  }
  persons.by_wave = {"dep", "time", "wave"};
  persons.wave = {"1", "2", ""};
  const auto refused = [&](const std::string& model, const std::vector<std::string>& outcomes,
                           const std::string& formula, const std::string& wave) {
    AnalysisOptions options;
    options.id = "a";
    options.model = model;
    options.outcome = outcomes.front();
    options.outcomes = outcomes;
    options.formula = formula;
    options.model_options.wave = wave;
    std::string values;
    for (const auto& e : CheckAnalysis(options, persons, {"adhd"})) {
      EXPECT_EQ(e.id(), ErrorId::kConfigReference);
      EXPECT_EQ(e.field(), "analyses.a.outcome");
      EXPECT_NE(e.remedy().find(wave.empty() ? "take time out" : "take wave out"),
                std::string::npos);
      values += e.value() + " ";
    }
    return values;
  };
  EXPECT_EQ(refused("lmm", {"dep"}, "dep ~ time + age + pgs.child + (1 | mother)", ""), "");
  EXPECT_EQ(refused("lmm", {"dep", "scl"}, "dep ~ time + pgs.child + (1 | mother)", ""), "scl ");
  EXPECT_EQ(refused("lmm", {"scl"}, "scl ~ time + pgs.child + (1 | mother)", ""), "scl ");
  EXPECT_EQ(refused("ols", {"scl", "dep"}, "scl ~ age + pgs.mother", ""), "");  // rows of its own
  EXPECT_EQ(refused("ols", {"scl"}, "scl ~ factor(time) + pgs.mother", ""), "scl ");
  EXPECT_EQ(refused("ols_by_wave", {"dep"}, "dep ~ age + pgs.mother", "wave"), "");
  EXPECT_EQ(refused("ols_by_wave", {"dep", "scl"}, "dep ~ pgs.mother", "wave"), "scl ");
  EXPECT_EQ(refused("ols_by_wave", {"scl"}, "scl ~ dep + pgs.mother", "wave"), "");
  persons.wave = {"1", "1", ""};  // nothing to repeat
  EXPECT_EQ(refused("lmm", {"scl"}, "scl ~ time + pgs.child + (1 | mother)", ""), "");
}

/// `dep` and `time` are of a long table, `scl` and `site` of wide ones.
TEST(AnalysisCheck, ClustersByWaveNeedRowsWithWaves) {
  PersonColumns persons;
  for (const char* name : {"scl", "site", "dep", "time"}) {
    persons.columns.Add(name, Table::Doubles{});
  }
  persons.by_wave = {"dep", "time"};
  persons.wave = {"1", "2", ""};
  const auto refused = [&](const std::string& outcome, const std::string& cluster) {
    AnalysisOptions options;
    options.id = "a";
    options.outcome = outcome;
    options.cluster = ClusterBy::kColumn;
    options.cluster_column = cluster;
    std::string faults;
    for (const auto& e : CheckAnalysis(options, persons, {"adhd"})) {
      EXPECT_EQ(e.id(), ErrorId::kConfigReference);
      EXPECT_FALSE(e.remedy().empty());
      faults += e.field() + " " + e.value() + ";";
    }
    return faults;
  };
  EXPECT_EQ(refused("dep", "time"), "");
  EXPECT_EQ(refused("dep", "site"), "");
  EXPECT_EQ(refused("scl", "site"), "");
  EXPECT_EQ(refused("scl", "time"), "analyses.a.cluster time;");
  EXPECT_EQ(refused("scl", "tiem"), "analyses.a.cluster tiem;");
}

TEST(ColumnOwners, ColumnsOfAnotherMember) {
  const CohortPtr cohort = MakeCohort({{"F", "M", "", "", Sex::kFemale, ""},
                                       {"F", "P", "", "", Sex::kMale, ""},
                                       {"F", "C", "P", "M", Sex::kUnknown, ""}},
                                      {"M", "P", "C"});
  PersonColumns persons;
  persons.iid = {"M", "P", "C", "stranger"};
  const double none = std::nan("");
  persons.columns.Add("of_child", Table::Doubles{none, none, 1, 2});
  persons.columns.Add("of_parents", Table::Doubles{1, 2, none, none});
  persons.columns.Add("batch", Table::Strings{"NA", "A", "NA", "B"});
  persons.columns.Add("of_nobody", Table::Doubles{none, none, none, 5});
  ColumnOwners owners(*cohort, persons);
  const auto faults = [&](const std::string& formula, const std::string& whose) {
    AnalysisOptions options;
    options.id = "a";
    options.formula = formula;
    options.outcome_of = whose;
    std::string text;
    for (const auto& error : owners.Check(options, {})) {
      EXPECT_EQ(error.id(), ErrorId::kAllMissing);
      text += error.field() + " " + error.value() + ": " + error.message() + "; ";
    }
    return text;
  };
  EXPECT_EQ(faults("of_parents ~ pgs.mother + of_child.child + (1 | family)", "mother"), "");
  EXPECT_EQ(faults("of_child ~ of_parents.mother + factor(batch.father)", "child"), "");
  EXPECT_EQ(faults("of_nobody ~ pgs.mother", "mother"), "");  // a fault of the data
  EXPECT_EQ(faults("of_child ~ pgs.mother", "mother"),
            "analyses.a.outcome of_child: no mother has a value of this column, children have; ");
  EXPECT_EQ(faults("of_child ~ of_parents + batch.mother", "child"),
            "analyses.a.formula of_parents: no child has a value of this column, mothers and "
            "fathers have; analyses.a.formula batch.mother: no mother has a value of this column, "
            "fathers have; ");
  const auto remedy = [&] {
    AnalysisOptions options;
    options.id = "a";
    options.formula = "of_child ~ pgs.mother";
    options.outcome_of = "mother";
    return ColumnOwners(*cohort, persons).Check(options, {}).front().remedy();
  };
  EXPECT_EQ(remedy().find("write outcome: {of: child}, or name in phenotypes[].id"), 0u);
  persons.columns.Add("f_id", Table::Strings{"P", "P", "P", "NA"});
  persons.columns.Add("m_id", Table::Strings{"NA", "M", "M", "stranger"});
  EXPECT_EQ(remedy().find("name in phenotypes[].id the column m_id, which holds ids of mothers"),
            0u);
  EXPECT_NE(remedy().find("or write outcome: {of: child}"), std::string::npos);
}

/// Mothers M of two children and N of twins; father P of M's first child and of the twins. Nobody
/// tells of which pregnancy a value is.
TEST(SharedValues, OfTheParentWhoHasThem) {
  const CohortPtr cohort = MakeCohort({{"1", "M", "", "", Sex::kFemale, ""},
                                       {"1", "N", "", "", Sex::kFemale, ""},
                                       {"1", "P", "", "", Sex::kMale, ""},
                                       {"1", "a", "P", "M", Sex::kUnknown, ""},
                                       {"1", "b", "", "M", Sex::kUnknown, ""},
                                       {"1", "c", "P", "N", Sex::kUnknown, "twins"},
                                       {"1", "d", "P", "N", Sex::kUnknown, "twins"}},
                                      {"M", "N", "P", "a", "b", "c", "d"});
  PersonColumns persons;
  persons.iid = {"M", "N", "P", "a"};
  const double none = std::nan("");
  persons.columns.Add("of_all", Table::Doubles{1, 2, 3, 4});
  persons.columns.Add("of_n", Table::Doubles{none, 2, none, none});
  persons.columns.Add("of_p", Table::Doubles{none, none, 3, none});
  const auto whose = [&](const std::string& outcome, const std::string& of, ChildRule children) {
    AnalysisOptions options;
    options.id = "a";
    options.outcome = outcome;
    options.outcome_of = of;
    options.children = children;
    return SharedValues(*cohort, persons).Of(options);
  };
  for (const ChildRule rule : {ChildRule::kOnePerPregnancy, ChildRule::kAll}) {
    EXPECT_EQ(whose("of_all", "mother", rule), "mother");
    EXPECT_EQ(whose("of_n", "mother", rule), "");  // twins are one pregnancy
    EXPECT_EQ(whose("of_p", "mother", rule), "");
    EXPECT_EQ(whose("of_all", "father", rule), "father");
    EXPECT_EQ(whose("of_p", "father", rule), "father");
    EXPECT_EQ(whose("of_n", "father", rule), "");
    EXPECT_EQ(whose("of_p.father", "mother", rule), "father");
    EXPECT_EQ(whose("of_all", "child", rule), "");
    EXPECT_EQ(whose("no_such", "mother", rule), "");  // another fault
  }
  EXPECT_EQ(whose("of_all", "mother", ChildRule::kOnePerMother), "");
  EXPECT_EQ(whose("of_all", "father", ChildRule::kOnePerMother), "father");  // of two mothers
  AnalysisOptions options;
  options.id = "a";
  options.outcomes = {"of_n", "of_all"};
  EXPECT_EQ(SharedValues(*cohort, persons).Of(options), "mother");
}

/// Her areas, of a table without pregnancies, stand in the rows of both, as MergePhenotypes spreads
/// them: they are shared, what was asked in each pregnancy is not.
TEST(SharedValues, BesideATableOfPregnancies) {
  const CohortPtr cohort = MakeCohort({{"1", "M", "", "", Sex::kFemale, ""},
                                       {"1", "a", "", "M", Sex::kUnknown, "p1"},
                                       {"1", "b", "", "M", Sex::kUnknown, "p2"}},
                                      {"M", "a", "b"});
  PersonColumns persons;
  persons.iid = {"M", "M", "M"};
  persons.pregnancy = {"p1", "p2", ""};
  persons.wave = {"", "", "1"};
  const double none = std::nan("");
  persons.columns.Add("dep", Table::Doubles{1, 2, none});
  persons.columns.Add("area", Table::Doubles{3, 3, none});
  persons.columns.Add("of_wave", Table::Doubles{none, none, 4});
  persons.by_pregnancy = {"dep"};
  persons.by_wave = {"of_wave"};
  const auto whose = [&](AnalysisOptions options) {
    options.id = "a";
    return SharedValues(*cohort, persons).Of(options);
  };
  AnalysisOptions options;
  options.formula = "dep ~ pgs.mother + area";
  EXPECT_EQ(whose(options), "");
  options.formula = "area ~ pgs.mother + dep";
  EXPECT_EQ(whose(options), "mother");
  options.formula = "of_wave ~ pgs.mother";
  EXPECT_EQ(whose(options), "mother");
  options.children = ChildRule::kOnePerMother;
  EXPECT_EQ(whose(options), "");
  // Of a path model what it explains.
  AnalysisOptions paths;
  paths.model = "sem";
  paths.model_options.paths = {"dep ~ area + s1.child", "s1.child ~ s1.mother"};
  paths.scores = {"s1"};
  EXPECT_EQ(whose(paths), "");
  paths.model_options.paths.push_back("area ~ s1.mother");
  EXPECT_EQ(whose(paths), "mother");
  AnalysisOptions panel;
  panel.model = "riclpm";
  panel.model_options.x = panel.model_options.y = {"dep", "dep"};
  panel.model_options.predictors = {"area"};
  EXPECT_EQ(whose(panel), "");
  panel.model_options.y = {"dep", "area"};
  EXPECT_EQ(whose(panel), "mother");
}

TEST(SharedValues, ByWave) {
  const CohortPtr cohort = MakeCohort({{"1", "M", "", "", Sex::kFemale, ""},
                                       {"1", "a", "", "M", Sex::kUnknown, ""},
                                       {"1", "b", "", "M", Sex::kUnknown, ""}},
                                      {"M", "a", "b"});
  PersonColumns persons;
  persons.iid = {"M", "M"};
  persons.wave = {"1", "2"};
  persons.by_wave = {"dep", "of_nobody"};
  persons.columns.Add("dep", Table::Doubles{std::nan(""), 2});
  persons.columns.Add("of_nobody", Table::Doubles{std::nan(""), std::nan("")});
  AnalysisOptions options;
  options.id = "a";
  options.outcome = "dep";
  EXPECT_EQ(SharedValues(*cohort, persons).Of(options), "mother");
  options.outcome = "of_nobody";
  EXPECT_EQ(SharedValues(*cohort, persons).Of(options), "");
}

}  // namespace
}  // namespace kinflow::family::test
