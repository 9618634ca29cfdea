// Parents whose values count with several of their children.
#include "stages/family/shared_values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/unit/family/simulated_trios.h"

namespace kinflow::family::test {
namespace {

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
