#include "stages/family/outcome_values.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "stages/family/analysis.h"
#include "tests/unit/family/simulated_trios.h"

namespace kinflow::family::test {
namespace {

/// Ten times three families; of the third no child is genotyped. Who has a value of `of_all` that
/// is no 0 or 1 is not the mother; the mother of family 2 lacks her age, that of family 3 her
/// child's score.
class OutcomeValuesTest : public ::testing::Test {
 protected:
  static constexpr int kTimes = 10;

  OutcomeValuesTest() {
    std::vector<Person> people;
    std::vector<std::string> genotyped;
    for (int k = 0; k < kTimes; ++k) {
      for (const char* family : {"1", "2", "3"}) {
        const std::string of = std::string(family) + "_" + std::to_string(k);
        people.push_back({of, "M" + of, "", "", Sex::kFemale, ""});
        people.push_back({of, "C" + of, "", "M" + of, Sex::kUnknown, ""});
        genotyped.push_back("M" + of);
        if (*family != '3') genotyped.push_back("C" + of);
        persons_.iid.insert(persons_.iid.end(), {"M" + of, "C" + of});
      }
    }
    cohort_ = MakeCohort(people, genotyped);
    AddNumbers("of_all", {1, 2, 0, 2, 1, 2});
    AddNumbers("second", {1, 0, 2, 0, 0, 0});
    AddNumbers("third", {1, kNone, 0, kNone, 2, kNone});
    AddNumbers("pair", {1, kNone, 0, kNone, 1, kNone});
    AddNumbers("where_aged", {1, kNone, 0, kNone, 1, kNone});
    AddNumbers("age", {30, kNone, kNone, kNone, 32, kNone});
    AddNumbers("PC1", std::vector<double>(6, kNone));  // of the run
    Table::Strings text, site, own;
    for (size_t i = 0; i < persons_.iid.size(); ++i) {
      text.push_back(i % 2 == 0 ? "never" : "NA");
      site.push_back(i % 4 == 0 ? "A" : "B");
      own.push_back("g" + std::to_string(i));
    }
    persons_.columns.Add("text", text);
    persons_.columns.Add("site", site);
    persons_.columns.Add("own", own);
    persons_.columns.Add("same_site", Table::Strings(persons_.iid.size(), "A"));
  }

  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  void AddNumbers(const std::string& name, const std::vector<double>& values) {
    Table::Doubles column;
    for (int k = 0; k < kTimes; ++k) column.insert(column.end(), values.begin(), values.end());
    persons_.columns.Add(name, std::move(column));
  }

  std::vector<Error> FaultsOf(const AnalysisOptions& options) {
    return OutcomeValues(*cohort_, persons_).Check(options, {"adhd"});
  }

  /// The message; "" = no fault.
  std::string Fault(const std::string& model, const std::string& formula,
                    const std::string& whose = "mother", ErrorId id = ErrorId::kModelFailed) {
    AnalysisOptions options;
    options.id = "a";
    options.model = model;
    options.formula = formula;
    options.outcome_of = whose;
    const auto errors = FaultsOf(options);
    if (errors.empty()) return "";
    EXPECT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].id(), id);
    EXPECT_EQ(errors[0].field(), "analyses.a.formula");
    EXPECT_EQ(errors[0].value(), formula.substr(0, formula.find(' ')));
    EXPECT_FALSE(errors[0].remedy().empty());
    return errors[0].message();
  }

  CohortPtr cohort_;
  PersonColumns persons_;
};

TEST_F(OutcomeValuesTest, OnlyRowsThatTheModelUsesCount) {
  const auto fault = [&](const std::string& formula, const std::string& whose) {
    const std::string text = Fault("logit", formula, whose);
    return text.empty() ? text : text.substr(text.find("neither in "));
  };
  EXPECT_EQ(fault("of_all ~ pgs.mother", "mother"), "");
  EXPECT_EQ(fault("of_all ~ pgs.mother", "child"), "neither in 30 of the 30 rows used");
  EXPECT_EQ(fault("of_all.child ~ pgs.child", "mother"), "neither in 20 of the 20 rows used");
  EXPECT_EQ(fault("second ~ pgs.mother + PC1", "mother"), "neither in 10 of the 30 rows used");
  EXPECT_EQ(fault("second ~ pgs.mother + age", "mother"), "");
  EXPECT_EQ(fault("third ~ pgs.mother", "mother"), "neither in 10 of the 30 rows used");
  EXPECT_EQ(fault("third ~ pgs.mother + adhd.child", "mother"), "");
  EXPECT_EQ(fault("third ~ pgs.mother + pgs.father", "mother"), "");  // no row: another fault
}

TEST_F(OutcomeValuesTest, BinaryGeeToo) {
  AnalysisOptions options;
  options.model = "gee";
  options.outcome = "third";
  options.members = {"mother"};
  EXPECT_TRUE(FaultsOf(options).empty());
  options.model_options.distribution = "binomial";
  ASSERT_EQ(FaultsOf(options).size(), 1u);
  EXPECT_NE(FaultsOf(options)[0].message().find("must be 0 or 1"), std::string::npos);
}

TEST_F(OutcomeValuesTest, TooFewCategories) {
  const auto constant = ErrorId::kConstantOutcome;
  for (const char* model : {"ols", "logit", "ordinal", "gee", "groups"}) {
    const std::string same = Fault(model, "where_aged ~ site + age", "mother", constant);
    EXPECT_NE(same.find("the same value in all 20 rows"), std::string::npos) << model << same;
  }
  EXPECT_EQ(Fault("ols", "where_aged ~ site"), "");
  EXPECT_EQ(Fault("logit", "pair ~ site"), "");
  EXPECT_NE(Fault("ordinal", "pair ~ site").find("it has 2 in the 30 rows"), std::string::npos);
  EXPECT_EQ(Fault("ordinal", "third ~ site"), "");
  // The rows without genotypes may have the third: not all that is scored is told here.
  EXPECT_EQ(Fault("ordinal", "third ~ adhd.child"), "");
}

TEST_F(OutcomeValuesTest, Texts) {
  for (const char* model : {"ols", "logit", "ordinal", "gee", "groups"}) {
    EXPECT_EQ(Fault(model, "text ~ site"), "the outcome holds texts, the model needs numbers");
  }
  EXPECT_EQ(Fault("ols", "third ~ text"), "");  // a factor
  AnalysisOptions options;
  options.id = "a";
  options.model = "sem";
  options.model_options.paths = {"third ~ text"};
  const auto faults = FaultsOf(options);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].value(), "text");
}

TEST_F(OutcomeValuesTest, EachOutcomeIsLookedAt) {
  AnalysisOptions options;
  options.id = "a";
  options.model = "ordinal";
  options.outcome = "pair";
  options.outcomes = {"pair", "third", "text"};
  options.members = {"mother"};
  const auto faults = FaultsOf(options);
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].value(), "pair");
  EXPECT_EQ(faults[1].value(), "text");
  EXPECT_EQ(faults[1].field(), "analyses.a.outcome");
}

TEST_F(OutcomeValuesTest, LevelsOfRandomTerms) {
  EXPECT_EQ(Fault("lmm", "third ~ pgs.mother + (1 | site)"), "");
  EXPECT_NE(Fault("lmm", "third ~ pgs.mother + (1 | own)")
                .find("every level of grouping factor own has one row in the 30 rows"),
            std::string::npos);
  EXPECT_NE(Fault("lmm", "third ~ pgs.mother + (1 | mother)").find("has one row"),
            std::string::npos);
  EXPECT_NE(Fault("lmm", "third ~ pgs.mother + (1 | same_site)").find("has one level"),
            std::string::npos);
}

}  // namespace
}  // namespace kinflow::family::test
