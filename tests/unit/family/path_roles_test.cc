// Whose outcome a path leads to decides whether a score's effect on it is direct.
#include "stages/family/sem/path_roles.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "stages/family/fit.h"
#include "stages/family/reporting.h"
#include "stages/family/sem/path_syntax.h"
#include "stages/family/sem/riclpm_paths.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

// An analysis of mothers with columns of fathers and scores of all three.
ModelFrame Roles() {
  ModelFrame frame;
  frame.outcome_of = "mother";
  for (const std::string member : {"mother", "father", "child"}) {
    frame.info["pgs." + member] = {member, "s"};
  }
  for (const char* name : {"dep1", "dep2"}) frame.info[name].person = "mother";
  for (const char* name : {"dep1.father", "dep2.father"}) frame.info[name].person = "father";
  return frame;
}

std::map<std::string, std::string> Effects(const ModelFrame& frame,
                                           const std::vector<std::string>& statements,
                                           PathDefaults defaults = PathDefaults::kSem) {
  const PathModel model = ParsePaths(statements, defaults);
  std::map<std::string, std::string> out;
  for (const Path& path : model.paths) {
    if (RoleOf(model, path) != "covariate") continue;
    out[model.Text(path)] = EffectOf(frame, model, path, frame.InfoOf(model.Right(path)).role);
  }
  return out;
}

TEST(PathRoles, OfEachOutcomesOwnPerson) {
  const ModelFrame frame = Roles();
  const std::vector<std::string> statements{"dep1 ~ pgs.mother + pgs.father + pgs.child",
                                            "dep1.father ~ pgs.mother + pgs.father + pgs.child",
                                            "dep2.father ~ pgs.mother", "dep1 ~~ dep1.father"};
  auto effects = Effects(frame, statements);
  EXPECT_EQ(effects["dep1 ~ pgs.mother"], "direct");
  EXPECT_EQ(effects["dep1 ~ pgs.father"], "indirect");
  EXPECT_EQ(effects["dep1 ~ pgs.child"], "indirect");
  EXPECT_EQ(effects["dep1.father ~ pgs.mother"], "indirect");
  EXPECT_EQ(effects["dep1.father ~ pgs.father"], "direct");
  EXPECT_EQ(effects["dep1.father ~ pgs.child"], "indirect");
  EXPECT_EQ(effects["dep2.father ~ pgs.mother"], "total");
  // As a regression of the fathers' outcome has it.
  ModelFrame fathers = frame;
  fathers.outcome_of = "father";
  fathers.info["dep1"].person = "father";
  for (const auto& [outcome, analysis] :
       std::map<std::string, ModelFrame>{{"dep1", fathers}, {"dep1.father", frame}}) {
    const Formula formula = ParseFormula(outcome + " ~ pgs.mother + pgs.father + pgs.child");
    for (const std::string member : {"mother", "father", "child"}) {
      EXPECT_EQ(EffectOf(formula, analysis, member), effects["dep1.father ~ pgs." + member])
          << outcome << " " << member;
    }
  }
}

TEST(PathRoles, OfFactors) {
  const ModelFrame frame = Roles();
  const std::string scores = " ~ pgs.mother + pgs.father";
  auto effects = Effects(frame, {"his =~ dep1.father + dep2.father", "hers =~ dep1 + dep2",
                                 "his" + scores, "hers" + scores});
  EXPECT_EQ(effects["his ~ pgs.mother"], "indirect");
  EXPECT_EQ(effects["his ~ pgs.father"], "direct");
  EXPECT_EQ(effects["hers ~ pgs.mother"], "direct");
  EXPECT_EQ(effects["hers ~ pgs.father"], "indirect");
  // Factors of factors too; of both parents' outcomes it is neither's.
  for (const bool both : {false, true}) {
    effects = Effects(frame, {"his =~ dep1.father + dep2.father",
                              both ? "all =~ his + dep1 + dep2" : "all =~ his", "all" + scores});
    EXPECT_EQ(effects["all ~ pgs.mother"], both ? "NA" : "indirect");
    EXPECT_EQ(effects["all ~ pgs.father"], both ? "NA" : "direct");
  }
}

// Inheritance is no effect of a parent on the child.
TEST(PathRoles, OfScores) {
  auto effects = Effects(Roles(), {"pgs.child ~ pgs.mother + pgs.father", "dep1 ~ pgs.child"});
  EXPECT_EQ(effects["pgs.child ~ pgs.mother"], "NA");
  EXPECT_EQ(effects["pgs.child ~ pgs.father"], "NA");
  EXPECT_EQ(effects["dep1 ~ pgs.child"], "total");
}

TEST(PathRoles, OfACrossLaggedModelAndItsGroups) {
  RiclpmPaths paths;
  paths.series = {{"dep1", "dep2"}, {"dep1.father", "dep2.father"}};
  paths.z = {"pgs.mother", "pgs.father"};
  paths.random_intercepts = false;
  ModelFrame frame = Roles();
  Table::Strings sex;
  for (int i = 0; i < 8; ++i) sex.push_back(i % 2 == 0 ? "f" : "m");
  frame.columns.Add("sex", sex);
  for (const auto& names : {paths.series[0], paths.series[1], paths.z}) {
    for (const auto& name : names) frame.columns.Add(name, Table::Doubles{1, 2, 3, 4, 5, 6, 7, 8});
  }
  for (const bool grouped : {false, true}) {
    if (grouped) frame = SplitByGroup(frame, "sex", paths);
    const std::string of = grouped ? "@m" : "";
    for (const bool within : {false, true}) {
      paths.z_within = within;
      auto effects = Effects(frame, RiclpmStatements(paths), PathDefaults::kNone);
      const std::string hers = within ? "wx2" : "dep2", his = within ? "wy2" : "dep2.father";
      EXPECT_EQ(effects[hers + of + " ~ pgs.mother"], "direct") << hers << of;
      EXPECT_EQ(effects[hers + of + " ~ pgs.father"], "indirect") << hers << of;
      EXPECT_EQ(effects[his + of + " ~ pgs.mother"], "indirect") << his << of;
      EXPECT_EQ(effects[his + of + " ~ pgs.father"], "direct") << his << of;
    }
  }
}

// A table tells whose a column is by its name.
TEST(PathRoles, OfATable) {
  std::mt19937_64 random(3);
  const auto number = [&random] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  Table table;
  for (const char* name : {"dep", "dep.father", "pgs.mother", "pgs.father"}) {
    Table::Doubles values;
    for (int i = 0; i < 100; ++i) values.push_back(number());
    table.Add(name, values);
  }
  FitOptions options;
  options.model = "sem";
  options.outcome_of = "mother";
  options.model_options.paths = {"dep ~ pgs.mother + pgs.father",
                                 "dep.father ~ pgs.mother + pgs.father"};
  const FitResult fit = FitColumns(table, options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const Table& estimates = fit.tables.at("estimates");
  const auto effect = [&](const std::string& term) {
    const int64_t row = FindRow(estimates, {{"term", term}});
    return row < 0 ? "no row" : estimates.StringsOf("effect")[static_cast<size_t>(row)];
  };
  EXPECT_EQ(effect("dep ~ pgs.mother"), "direct");
  EXPECT_EQ(effect("dep ~ pgs.father"), "indirect");
  EXPECT_EQ(effect("dep.father ~ pgs.mother"), "indirect");
  EXPECT_EQ(effect("dep.father ~ pgs.father"), "direct");
}

}  // namespace
}  // namespace kinflow::family::test
