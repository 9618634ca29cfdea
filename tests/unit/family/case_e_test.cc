// Case E of tests/conformance against R: groups of women at two waves, predictors, mediation.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "stages/family/few_rows.h"
#include "stages/family/fit.h"
#include "stages/family/groups/one_way.h"
#include "stages/family/groups/share_tests.h"
#include "stages/family/tails.h"
#include "tests/unit/family/deviations.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

json Reference() {
  std::ifstream file(ConformanceFile("ref/e_pramd.json"));
  return json::parse(file);
}

// The data with indicators of the groups.
Tsv Data() {
  Tsv tsv = ReadTsv(ConformanceFile("data/e_pramd.tsv"));
  tsv.names.insert(tsv.names.end(), {"dep", "his"});
  for (auto& row : tsv.rows) {
    const std::string group = row[tsv.Column("group")];
    row.push_back(group == "depression" ? "1" : "0");
    row.push_back(group == "history" ? "1" : "0");
  }
  return tsv;
}

// A row a woman and wave, in that order.
Table LongData(bool low) {
  const Tsv wide = Data();
  Tsv tall;
  tall.names = {"id", "group", "wave", "ds"};
  for (size_t r = 0; r < wide.rows.size(); ++r) {
    for (const auto& [wave, column] : {std::pair{"w8", "ds_8w"}, std::pair{"m12", "ds_12m"}}) {
      std::string ds = wide.At(r, column);
      if (low && ds != "NA") ds = NumberOf(ds) <= 4 ? "1" : "0";
      tall.rows.push_back({wide.At(r, "id"), wide.At(r, "group"), wave, ds});
    }
  }
  return ToTable(tall);
}

FitResult Groups(const std::string& outcome) {
  FitOptions options;
  options.model = "groups";
  options.formula = outcome + " ~ group";
  options.model_options.low = 4;
  options.reference["group"] = "healthy";
  return FitColumns(ToTable(Data()), options);
}

class CaseE : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

double Find(const Table& table, const std::map<std::string, std::string>& where,
            const char* column) {
  const int64_t row = FindRow(table, where);
  EXPECT_GE(row, 0) << where.begin()->second << " " << column;
  return row < 0 ? std::nan("") : table.DoublesOf(column)[static_cast<size_t>(row)];
}

TEST_P(CaseE, SharesOfTheLowCategory) {
  const std::string wave = GetParam().first, outcome = GetParam().second;
  const json expected = Reference()["E1_shares"][wave];
  const FitResult fit = Groups(outcome);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  Deviations worst(fmt::format("case E shares, {}", wave));
  const Table &groups = fit.tables.at("groups"), &tests = fit.tables.at("comparisons"),
              &pairs = fit.tables.at("contrasts");
  for (const std::string group : {"healthy", "depression", "history"}) {
    const auto row = static_cast<size_t>(FindRow(groups, {{"group", group}}));
    EXPECT_EQ(groups.IntsOf("n")[row], expected["n"][group]);
    EXPECT_EQ(groups.IntsOf("n_low")[row], expected["low"][group]);
    worst.Relative("share", group, groups.DoublesOf("share")[row], expected["share"][group], 1e-12);
    worst.Relative("Wilson", group, groups.DoublesOf("conf_low")[row], expected["wilson"][group][0],
                   1e-10);
    worst.Relative("Wilson", group, groups.DoublesOf("conf_high")[row],
                   expected["wilson"][group][1], 1e-10);
    worst.Relative("residual", group, groups.DoublesOf("adjusted_residual")[row],
                   expected["std_residuals_low"][group], 1e-10);
  }
  const auto test = [&](const char* name, const char* column) {
    return Find(tests, {{"test", name}}, column);
  };
  worst.Relative("Pearson", wave, test("Pearson", "statistic"), expected["chisq"], 1e-10);
  worst.Relative("Pearson p", wave, test("Pearson", "p"), expected["p"], 1e-9);
  worst.Relative("Cramer's V", wave, test("Pearson", "delta_r2"), expected["cramers_v"], 1e-10);
  worst.Relative("G2", wave, test("G2", "statistic"), expected["G2"], 1e-10);
  worst.Relative("Fisher", wave, test("Fisher", "p"), expected["fisher_freeman_halton_p"], 1e-6);
  for (size_t i = 0; i < 3; ++i) {
    const json& pair = expected["pairwise"][i];
    const std::string name = pair["a"].get<std::string>() + " - " + pair["b"].get<std::string>();
    const auto fisher = [&](const char* column) {
      return Find(pairs, {{"contrast", name}, {"se_type", "Fisher"}}, column);
    };
    const auto woolf = [&](const char* column) {
      return std::exp(Find(pairs, {{"contrast", name}, {"se_type", "Woolf"}}, column));
    };
    worst.Relative("pair p", name, fisher("p_value"), pair["fisher_p"], 1e-6);
    worst.Relative("pair Holm", name, fisher("p_holm"), expected["pairwise_holm"][i], 1e-6);
    worst.Relative("conditional OR", name, std::exp(fisher("estimate")), pair["fisher_or_cmle"],
                   1e-3);
    worst.Relative("its limits", name, std::exp(fisher("conf_low")), pair["fisher_ci"][0], 1e-3);
    worst.Relative("its limits", name, std::exp(fisher("conf_high")), pair["fisher_ci"][1], 1e-3);
    worst.Relative("Woolf OR", name, woolf("estimate"), pair["or_woolf"], 1e-10);
    worst.Relative("Woolf limits", name, woolf("conf_low"), pair["or_ci"][0], 1e-10);
    worst.Relative("Woolf limits", name, woolf("conf_high"), pair["or_ci"][1], 1e-10);
  }
}

TEST_P(CaseE, OneWayTests) {
  const std::string wave = GetParam().first, outcome = GetParam().second;
  const json expected = Reference()["E2_oneway"][wave];
  const FitResult fit = Groups(outcome);
  const Table &groups = fit.tables.at("groups"), &tests = fit.tables.at("comparisons"),
              &pairs = fit.tables.at("contrasts");
  Deviations worst(fmt::format("case E one-way, {}", wave));
  for (const std::string group : {"healthy", "depression", "history"}) {
    worst.Relative("mean", group, Find(groups, {{"group", group}}, "mean"),
                   expected["means"][group], 1e-12);
    worst.Relative("sd", group, Find(groups, {{"group", group}}, "sd"), expected["sds"][group],
                   1e-12);
  }
  const auto test = [&](const char* name, const char* column, const char* key) {
    worst.Relative(std::string(name) + " " + column, wave, Find(tests, {{"test", name}}, column),
                   expected[key], 1e-9);
  };
  test("F", "statistic", "F");
  test("F", "df1", "df1");
  test("F", "df2", "df2");
  test("F", "p", "p");
  test("F", "delta_r2", "eta2");
  test("Welch", "statistic", "welch_F");
  test("Welch", "df2", "welch_df2");
  test("Welch", "p", "welch_p");
  test("Kruskal-Wallis", "statistic", "kruskal");
  test("Kruskal-Wallis", "p", "kruskal_p");
  test("Levene", "p", "levene_median_p");
  for (const json& pair : expected["tukey"]) {
    std::string name = pair["pair"];
    name.replace(name.find('-'), 1, " - ");
    const auto value = [&](const char* column) {
      return Find(pairs, {{"contrast", name}, {"se_type", "Tukey"}}, column);
    };
    worst.Relative("Tukey difference", name, value("estimate"), pair["diff"], 1e-10);
    worst.Absolute("Tukey limits", name, value("conf_low"), pair["lwr"], 1e-6);
    worst.Absolute("Tukey limits", name, value("conf_high"), pair["upr"], 1e-6);
    worst.Absolute("Tukey -log10 p", name, value("neg_log10_p"),
                   -std::log10(pair["p.adj"].get<double>()), 1e-6);
  }
}

INSTANTIATE_TEST_SUITE_P(Waves, CaseE,
                         ::testing::Values(std::pair{"w8", "ds_8w"}, std::pair{"m12", "ds_12m"}));

// Every coefficient of a model of the case's table, by R's names.
void Compare(const std::string& model, const std::string& se_type, const std::string& ours_type,
             const Table& ours, double tolerance, Deviations& worst) {
  const Tsv reference = ReadTsv(ConformanceFile("ref/e_pramd_coef.tsv"));
  size_t compared = 0;
  for (size_t r = 0; r < reference.rows.size(); ++r) {
    if (reference.At(r, "model") != model || reference.At(r, "se_type") != se_type) continue;
    const std::string term = reference.At(r, "term");
    for (const char* column : {"estimate", "std_error", "df"}) {
      const double expected = NumberOf(reference.At(r, column));
      const std::string kind = std::string(column) == "df" ? "df" : "value";
      worst.Relative(model + " " + kind, term,
                     Find(ours, {{"term", term}, {"se_type", ours_type}}, column), expected,
                     kind == "df" ? 1e-3 : tolerance);
    }
    ++compared;
  }
  EXPECT_GT(compared, 5u) << model;
}

TEST(CaseE, PredictorsMixedModelAndEstimatingEquations) {
  Deviations worst("case E");
  FitOptions options;
  options.reference["group"] = "healthy";
  options.formula = "ds_8w ~ group + nbas_social_6d + ses_difficulties + epds_8w";
  options.vcov = {"const", "HC3"};
  const Table wide = ToTable(Data());
  const FitResult five = FitColumns(wide, options);
  Compare("E5_ols", "const", "const", five.tables.at("estimates"), 1e-10, worst);
  Compare("E5_ols", "HC3", "HC3", five.tables.at("estimates"), 1e-10, worst);
  options.formula = "ds_12m ~ group + ds_8w + nbas_social_6d + ses_difficulties + epds_8w";
  Compare("E5b_ancova12m", "const", "const", FitColumns(wide, options).tables.at("estimates"),
          1e-10, worst);
  options.vcov = {};
  options.reference["wave"] = "w8";
  options.model = "lmm";
  options.formula = "ds ~ group * wave + (1 | id)";
  Compare("E4_lmm", "Satterthwaite", "model",
          FitColumns(LongData(false), options).tables.at("estimates"), 1e-5, worst);
  options.kenward_roger = true;
  Compare("E4_lmm", "Kenward-Roger", "kenward-roger",
          FitColumns(LongData(false), options).tables.at("estimates"), 1e-5, worst);
  options.kenward_roger = false;
  options.model = "gee";
  options.formula = "ds ~ group * wave";
  options.cluster = "id";
  options.model_options.distribution = "binomial";
  Compare("E7_gee_low", "robust", "robust",
          FitColumns(LongData(true), options).tables.at("estimates"), 1e-8, worst);
}

// The interaction's F with Kenward and Roger's degrees of freedom (lmerTest, pbkrtest).
TEST(CaseE, KenwardRogerF) {
  FitOptions options;
  options.model = "lmm";
  options.formula = "ds ~ group * wave + (1 | id)";
  options.steps = {{"group", "wave"}, {"group:wave"}};
  options.reference["wave"] = "w8";
  options.kenward_roger = true;
  const auto fit = FitColumns(LongData(false), options);
  const Table& tests = fit.tables.at("comparisons");
  const int64_t row = FindRow(tests, {{"test", "F-Kenward-Roger"}});
  ASSERT_GE(row, 0);
  const auto r = static_cast<size_t>(row);
  EXPECT_NEAR(tests.DoublesOf("statistic")[r], 0.815740455568434, 1e-5);
  EXPECT_NEAR(tests.DoublesOf("df2")[r], 119.953752814627, 1e-2);
  EXPECT_NEAR(tests.DoublesOf("p")[r], 0.444750050362935, 1e-5);
}

TEST(CaseE, Mediation) {
  FitOptions options;
  options.model = "sem";
  options.model_options.paths = {"nbas_social_6d ~ a1*dep + a2*his + ses_difficulties",
                                 "ds_8w ~ b*nbas_social_6d + c1*dep + c2*his + ses_difficulties",
                                 "ind1 := a1*b",
                                 "ind2 := a2*b",
                                 "tot1 := c1 + a1*b",
                                 "tot2 := c2 + a2*b"};
  Tsv all = Data();
  Tsv complete = all;
  complete.rows.clear();
  for (size_t r = 0; r < all.rows.size(); ++r) {
    if (all.At(r, "nbas_social_6d") == "NA" || all.At(r, "ds_8w") == "NA") continue;
    complete.rows.push_back(all.rows[r]);
  }
  const std::map<std::string, std::string> paths{{"a1", "nbas_social_6d ~ dep"},
                                                 {"a2", "nbas_social_6d ~ his"},
                                                 {"b", "ds_8w ~ nbas_social_6d"},
                                                 {"c1", "ds_8w ~ dep"},
                                                 {"c2", "ds_8w ~ his"}};
  Deviations worst("case E mediation");
  for (const auto& [name, data] :
       {std::pair{"sem_complete", &complete}, std::pair{"sem_fiml", &all}}) {
    const FitResult fit = FitColumns(ToTable(*data), options);
    ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
    const json expected = Reference()["E6_mediation"][name];
    worst.Absolute("logLik", name, fit.tables.at("fit").DoublesOf("logLik")[0], expected["logl"],
                   1e-6);
    EXPECT_EQ(fit.tables.at("fit").IntsOf("n")[0], expected["n"]);
    size_t defined = 0;
    for (const json& row : expected["est"]) {
      const std::string label = row["label"];
      const auto path = paths.find(label);
      const bool is_path = path != paths.end() || label.find('~') != std::string::npos;
      defined += !is_path;
      const Table& ours = fit.tables.at(is_path ? "estimates" : "contrasts");
      const std::string term = path != paths.end() ? path->second : label;
      const std::map<std::string, std::string> where{{is_path ? "term" : "contrast", term}};
      worst.Absolute("estimate", label, Find(ours, where, "estimate"), row["est"], 1e-5);
      worst.Relative("std_error", label, Find(ours, where, "std_error"), row["se"], 1e-4);
    }
    EXPECT_EQ(defined, 4u);
  }
}

// Known values: R's ptukey(3.5, 3, 20) tables give 3.578 for the .95 quantile.
TEST(GroupTests, StudentisedRangeOfTheTables) {
  EXPECT_NEAR(StudentisedRangeQuantile(0.95, 3, 20), 3.578, 5e-4);
  EXPECT_NEAR(StudentisedRangeQuantile(0.95, 5, 10), 4.654, 5e-4);
  EXPECT_NEAR(StudentisedRangeQuantile(0.99, 4, 120), 4.497, 1e-3);
}

// The range of two is their difference: Tukey's p is that of t. Far beyond 1e-16 as well.
TEST(GroupTests, StudentisedRangeOfTwoIsT) {
  for (const double df : {1.0, 4.0, 30.0, 400.0, 20000.0}) {
    for (const double t : {0.1, 2.0, 9.0, 30.0}) {
      const double expected = TwoSidedT(t, df).p;
      const double p = StudentisedRangeTail(t * std::sqrt(2.0), 2, df);
      EXPECT_NEAR(p / expected, 1, 1e-6) << t << " " << df;
    }
  }
  EXPECT_TRUE(std::isnan(StudentisedRangeTail(std::nan(""), 3, 10)));
}

TEST(GroupTests, NoVarianceWithinGroupsIsNa) {
  Table table;
  table.Add("y", Table::Doubles{1, 1, 2, 2, 2});
  table.Add("g", Table::Strings{"a", "a", "b", "b", "b"});
  FitOptions options;
  options.model = "groups";
  options.formula = "y ~ g";
  const FitResult fit = FitColumns(table, options);
  const Table& tests = fit.tables.at("comparisons");
  EXPECT_TRUE(std::isnan(Find(tests, {{"test", "F"}}, "statistic")));
  EXPECT_TRUE(std::isnan(Find(tests, {{"test", "F"}}, "p")));
  EXPECT_TRUE(std::isnan(Find(fit.tables.at("contrasts"), {{"se_type", "Tukey"}}, "p_value")));
  ASSERT_EQ(fit.warnings.size(), 2u);
  EXPECT_NE(fit.warnings[0].find("does not vary within groups"), std::string::npos);
}

TEST(GroupTests, EmptyCells) {
  const OddsRatio none = CompareShares(0, 10, 5, 10, 0.95);
  EXPECT_EQ(none.conditional, 0);
  EXPECT_EQ(none.conditional_interval.low, 0);
  EXPECT_FALSE(std::isfinite(none.woolf_error));
  EXPECT_NEAR(none.fisher_p, 0.0325077, 1e-6);  // 2 C(10,5) / C(20,5)
  const OddsRatio both = CompareShares(0, 10, 0, 12, 0.95);
  EXPECT_TRUE(std::isnan(both.conditional));
  EXPECT_TRUE(std::isnan(both.conditional_interval.high));
  EXPECT_TRUE(std::isnan(TestShares({{0, 0}, {10, 10}}).pearson.p));
}

void ExpectFailure(const std::string& formula, ErrorId id, const std::string& text) {
  Table table;
  table.Add("y", Table::Doubles{1, 2, 3, 4, 5, 6});
  table.Add("flat", Table::Doubles(6, 2.0));
  table.Add("g", Table::Strings{"a", "a", "b", "b", "b", "b"});
  table.Add("one", Table::Strings(6, "a"));
  table.Add("rare", Table::Strings{"a", "b", "b", "b", "b", "b"});
  FitOptions options;
  options.model = "groups";
  options.formula = formula;
  const FitResult fit = FitColumns(table, options);
  ASSERT_EQ(fit.failures.size(), 1u) << formula;
  EXPECT_EQ(fit.failures[0].id(), id);
  EXPECT_NE(fit.failures[0].OneLine().find(text), std::string::npos) << fit.failures[0].OneLine();
}

TEST(GroupTests, Faults) {
  ExpectFailure("y ~ one", ErrorId::kNoEstimableTerm, "one has one level in the rows used");
  ExpectFailure("y ~ rare", ErrorId::kTooFewRows, "a level of rare has fewer than two rows");
  ExpectFailure("flat ~ g", ErrorId::kConstantOutcome, "the same value in all rows used");
}

TEST(GroupTests, KeysItDoesNotKnowAreRefused) {
  Table table;
  table.Add("y", Table::Doubles{1, 2, 3, 4, 5, 6});
  table.Add("g", Table::Strings{"a", "a", "b", "b", "b", "b"});
  FitOptions plain;
  plain.model = "groups";
  plain.formula = "y ~ g";
  EXPECT_EQ(FitColumns(table, plain).tables.at("groups").rows(), 2u);
  const auto expect = [&](const FitOptions& options, const std::string& key) {
    try {
      FitColumns(table, options);
      ADD_FAILURE() << key;
    } catch (const Error& error) {
      EXPECT_EQ(error.id(), ErrorId::kConfigReference);
      EXPECT_EQ(error.field(), key);
      EXPECT_FALSE(error.Advice().empty());
    }
  };
  FitOptions options = plain;
  options.cluster = "g";
  expect(options, "cluster");
  options = plain;
  options.steps = {{"g"}};
  expect(options, "steps");
  options = plain;
  options.contrasts = {"gb"};
  expect(options, "contrasts");
}

}  // namespace
}  // namespace kinflow::family::test
