// Groups over waves and indirect effects, case E of tests/conformance, against emmeans, car and R.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "stages/family/fit.h"
#include "stages/family/groups/mixed_anova.h"
#include "stages/family/groups/share_tests.h"
#include "stages/family/model.h"
#include "stages/family/refit.h"
#include "tests/unit/family/deviations.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

json Reference(const char* name) {
  std::ifstream file(ConformanceFile(std::string("ref/") + name));
  return json::parse(file);
}

Tsv Wide() { return ReadTsv(ConformanceFile("data/e_pramd.tsv")); }

// A row a woman and wave, in that order; the first ones may lack the first wave.
Table Long(size_t without_first = 0) {
  const Tsv wide = Wide();
  Tsv tall;
  tall.names = {"id", "group", "wave", "ds"};
  for (size_t r = 0; r < wide.rows.size(); ++r) {
    for (const auto& [wave, column] : {std::pair{"w8", "ds_8w"}, std::pair{"m12", "ds_12m"}}) {
      if (r < without_first && column == std::string("ds_8w")) continue;
      tall.rows.push_back({wide.At(r, "id"), wide.At(r, "group"), wave, wide.At(r, column)});
    }
  }
  return ToTable(tall);
}

FitOptions Options() {
  FitOptions options;
  options.model = "group_waves";
  options.formula = "ds ~ group * wave + (1 | id)";
  options.reference = {{"group", "healthy"}, {"wave", "w8"}};
  options.model_options.low = 4;
  return options;
}

size_t RowOf(const Table& table, const std::map<std::string, std::string>& where) {
  const int64_t row = FindRow(table, where);
  EXPECT_GE(row, 0) << where.begin()->second << " " << where.rbegin()->second;
  return row < 0 ? 0 : static_cast<size_t>(row);
}

TEST(GroupWaves, CellMeansAndContrastsEqualEmmeans) {
  const FitResult fit = FitColumns(Long(), Options());
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const Table& ours = fit.tables.at("contrasts");
  const json reference = Reference("e_group_waves.json")["lmm"];
  Deviations worst("case E emmeans");
  size_t compared = 0;
  const auto compare = [&](const std::string& type, const std::string& name,
                           const std::string& wave, const json& row, const char* estimate) {
    const size_t r = RowOf(ours, {{"se_type", type}, {"contrast", name}, {"wave", wave}});
    const std::string where = type + " " + name + " " + wave;
    worst.Absolute("estimate", where, ours.DoublesOf("estimate")[r], row[estimate], 1e-6);
    worst.Relative("std_error", where, ours.DoublesOf("std_error")[r], row["SE"], 1e-5);
    worst.Relative("df", where, ours.DoublesOf("df")[r], row["df"], 1e-3);
    worst.Absolute("conf_low", where, ours.DoublesOf("conf_low")[r], row["lower.CL"], 1e-5);
    worst.Absolute("conf_high", where, ours.DoublesOf("conf_high")[r], row["upper.CL"], 1e-5);
    worst.Relative("p", where, ours.DoublesOf("p_value")[r], row["p.value"], 1e-3);
    if (row.contains("p_holm")) {
      worst.Relative("p_holm", where, ours.DoublesOf("p_holm")[r], row["p_holm"], 1e-3);
    }
    ++compared;
  };
  for (const json& row : reference["means"]) {
    compare("mean", row["group"], row["wave"], row, "emmean");
  }
  for (const json& row : reference["pairs"]) {
    compare("pair", row["contrast"], row["wave"], row, "estimate");
  }
  for (const json& row : reference["change"]) {
    compare("change", row["group"].get<std::string>() + ": m12 - w8", "m12", row, "estimate");
  }
  for (const json& row : reference["interaction"]) {
    compare("interaction", row["group_revpairwise"].get<std::string>() + ": m12 - w8", "m12", row,
            "estimate");
  }
  EXPECT_EQ(compared, ours.rows());
}

// In the alphabet m12 comes first, and so it does in the rows.
TEST(GroupWaves, ChangesRunInTimeWithoutAReference) {
  FitOptions options = Options();
  const FitResult named = FitColumns(Long(3), options);
  options.reference.erase("wave");
  const FitResult fit = FitColumns(Long(3), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  for (const char* name : {"contrasts", "comparisons", "groups"}) {
    const Table &ours = fit.tables.at(name), &expected = named.tables.at(name);
    ASSERT_EQ(ours.rows(), expected.rows()) << name;
    for (size_t r = 0; r < ours.rows(); ++r) {
      for (size_t c = 0; c < ours.columns(); ++c) {
        EXPECT_EQ(ours.Cell(r, c), expected.Cell(r, c)) << name << " " << ours.name(c);
      }
    }
  }
  RowOf(fit.tables.at("contrasts"), {{"se_type", "change"}, {"contrast", "healthy: m12 - w8"}});
}

TEST(GroupWaves, TestsOfTypeThreeEqualLmerTestAndCar) {
  const FitResult fit = FitColumns(Long(), Options());
  const Table& ours = fit.tables.at("comparisons");
  const json reference = Reference("e_pramd.json");
  Deviations worst("case E tests");
  for (const json& row : reference["E4_lmm"]["anova_satterthwaite"]) {
    const std::string term = row["term"];
    const size_t r = RowOf(ours, {{"test", "F-Satterthwaite"}, {"added", term}});
    worst.Relative("F", term, ours.DoublesOf("statistic")[r], row["F.value"], 1e-5);
    worst.Relative("df2", term, ours.DoublesOf("df2")[r], row["DenDF"], 1e-3);
    worst.Relative("p", term, ours.DoublesOf("p")[r], row["Pr..F."], 1e-4);
  }
  for (const json& row : reference["E3_mixed_anova"]["table"]) {
    const std::string term = row["term"];
    if (term == "(Intercept)") continue;
    const size_t r = RowOf(ours, {{"test", "F-ANOVA"}, {"added", term}});
    worst.Relative("ANOVA F", term, ours.DoublesOf("statistic")[r], row["F"], 1e-9);
    worst.Relative("ANOVA p", term, ours.DoublesOf("p")[r], row["p"], 1e-9);
    worst.Relative("partial eta2", term, ours.DoublesOf("partial_r2")[r], row["partial_eta2"],
                   1e-10);
    worst.Relative("generalised eta2", term, ours.DoublesOf("delta_r2")[r], row["generalized_eta2"],
                   1e-10);
    EXPECT_EQ(ours.IntsOf("n")[r], reference["E3_mixed_anova"]["n_complete"]);
  }
  const json change = reference["E1_shares"]["change"];
  const size_t r = RowOf(ours, {{"test", "McNemar"}});
  worst.Relative("McNemar", "", ours.DoublesOf("statistic")[r], change["mcnemar_chisq"], 1e-12);
  worst.Relative("McNemar p", "", ours.DoublesOf("p")[r], change["mcnemar_p"], 1e-9);
  worst.Relative("McNemar exact", "", ours.DoublesOf("p")[RowOf(ours, {{"test", "McNemar-exact"}})],
                 change["mcnemar_exact_p"], 1e-9);
  EXPECT_EQ(ours.IntsOf("n_level")[r], change["table_8w_by_12m"][0][1]) << "fewer changed so";
}

TEST(GroupWaves, SharesByWave) {
  const FitResult fit = FitColumns(Long(), Options());
  const Table& groups = fit.tables.at("groups");
  const json reference = Reference("e_pramd.json")["E1_shares"];
  for (const auto& [wave, key] : {std::pair{"w8", "w8"}, std::pair{"m12", "m12"}}) {
    for (const auto& [group, n] : reference[key]["n"].items()) {
      const size_t r = RowOf(groups, {{"group", group}, {"wave", wave}});
      EXPECT_EQ(groups.IntsOf("n")[r], n);
      EXPECT_EQ(groups.IntsOf("n_low")[r], reference[key]["low"][group]);
      EXPECT_NEAR(groups.DoublesOf("conf_high")[r], reference[key]["wilson"][group][1], 1e-12);
    }
  }
}

TEST(MixedAnova, ThreeWavesWithGreenhouseAndGeisser) {
  const Tsv wide = Wide();
  std::vector<std::vector<double>> scores;
  std::vector<size_t> group;
  const std::vector<std::string> groups{"healthy", "depression", "history"};
  for (size_t r = 0; r < wide.rows.size(); ++r) {
    const std::vector<double> own{NumberOf(wide.At(r, "ds_8w")), NumberOf(wide.At(r, "ds_12m")),
                                  NumberOf(wide.At(r, "epds_8w"))};
    if (std::isnan(own[0] + own[1] + own[2])) continue;
    scores.push_back(own);
    group.push_back(static_cast<size_t>(
        std::find(groups.begin(), groups.end(), wide.At(r, "group")) - groups.begin()));
  }
  const json reference = Reference("e_group_waves.json")["anova3"];
  const MixedAnova ours = AnalyseMixed(scores, group, 3);
  EXPECT_EQ(ours.people, reference["n"]);
  Deviations worst("ANOVA of three waves");
  const std::map<std::string, const AnovaEffect*> effects{
      {"group", &ours.group}, {"wave", &ours.wave}, {"group:wave", &ours.interaction}};
  for (const json& row : reference["table"]) {
    const auto effect = effects.find(row["term"]);
    if (effect == effects.end()) continue;
    const TestResult& f = effect->second->f;
    worst.Relative("F", effect->first, f.statistic, row["F"], 1e-10);
    worst.Relative("p", effect->first, f.p, row["p"], 1e-8);
    EXPECT_EQ(f.df1, row["df1"]);
    EXPECT_EQ(f.df2, row["df2"]);
  }
  for (const json& row : reference["gg"]) {
    const auto& effect = *effects.at(row["term"]);
    worst.Relative("epsilon", row["term"], ours.epsilon, row["epsilon"], 1e-10);
    worst.Relative("p of Greenhouse and Geisser", row["term"], effect.greenhouse_geisser.p,
                   row["p"], 1e-8);
  }
}

TEST(GroupWaves, ChangesOfNobodyAndOfOneSide) {
  EXPECT_TRUE(std::isnan(TestChange(0, 0).exact_p));
  EXPECT_NEAR(TestChange(6, 0).exact_p, 2.0 / 64, 1e-15);
  EXPECT_NEAR(TestChange(4, 4).exact_p, 1, 1e-15);
  EXPECT_NEAR(TestChange(6, 0).mcnemar.statistic, 6, 1e-15);
}

Table Small() {
  Table table;
  table.Add("y", Table::Doubles{1, 2, 3, 4, 2, 3, 5, 4, 1, 6, 2, 7});
  table.Add("group", Table::Strings{"a", "a", "a", "a", "a", "a", "b", "b", "b", "b", "b", "b"});
  table.Add("wave", Table::Doubles{1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2});
  table.Add("id", Table::Doubles{1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6});
  table.Add("twice", Table::Doubles{1, 1, 1, 1, 3, 3, 4, 4, 5, 5, 6, 6});
  table.Add("moves", Table::Doubles{1, 1, 2, 2, 3, 3, 3, 4, 5, 5, 6, 6});
  table.Add("one", Table::Strings(12, "x"));
  return table;
}

void ExpectFailure(const std::string& formula, const std::string& text) {
  FitOptions options = Options();
  options.reference.clear();
  options.formula = formula;
  const FitResult fit = FitColumns(Small(), options);
  ASSERT_EQ(fit.failures.size(), 1u) << formula;
  EXPECT_NE(fit.failures[0].message().find(text), std::string::npos) << fit.failures[0].message();
}

TEST(GroupWaves, WhatIsNotTestedIsTold) {
  FitOptions options = Options();
  options.reference.clear();
  options.formula = "y ~ group * wave + (1 | id)";
  const auto warned = [](const FitResult& fit, const std::string& text) {
    return std::any_of(fit.warnings.begin(), fit.warnings.end(),
                       [&](const auto& warning) { return warning.find(text) != warning.npos; });
  };
  const FitResult some = FitColumns(Small(), options);
  ASSERT_TRUE(some.failures.empty()) << some.failures[0].Format();
  EXPECT_FALSE(warned(some, "McNemar"));
  // R: mcnemar.test(matrix(c(3, 1, 2, 0), 2), correct = FALSE): 1 came, 2 left.
  const Table& tests = some.tables.at("comparisons");
  EXPECT_NEAR(tests.DoublesOf("statistic")[RowOf(tests, {{"test", "McNemar"}})], 1.0 / 3, 1e-12);
  EXPECT_FALSE(warned(some, "analysis of variance"));
  options.model_options.low = 100;  // always low
  const FitResult none = FitColumns(Small(), options);
  const Table& missing = none.tables.at("comparisons");
  for (const char* test : {"McNemar", "McNemar-exact"}) {
    EXPECT_TRUE(std::isnan(missing.DoublesOf("p")[RowOf(missing, {{"test", test}})])) << test;
  }
  EXPECT_TRUE(warned(none, "McNemar's tests are NA: nobody came into the low category or left it"));
}

TEST(GroupWaves, Faults) {
  ExpectFailure("y ~ one * wave + (1 | id)", "one has one level");
  ExpectFailure("y ~ group * wave + (1 | twice)", "has a second row at one wave");
  FitOptions options = Options();
  options.formula = "y ~ group + wave + (1 | id)";
  EXPECT_THROW(FitColumns(Small(), options), Error);
  options.formula = "y ~ group * wave";
  EXPECT_THROW(FitColumns(Small(), options), Error);
}

FitOptions Mediation() {
  FitOptions options;
  options.model = "mediation";
  options.formula = "ds_8w ~ group + nbas_social_6d + ses_difficulties";
  options.reference["group"] = "healthy";
  options.model_options.mediator = "nbas_social_6d";
  options.model_options.bootstrap = 20000;
  return options;
}

TEST(Mediation, SobelAroianDeltaAndBootstrap) {
  const FitResult fit = FitColumns(ToTable(Wide()), Mediation());
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const Table& ours = fit.tables.at("contrasts");
  const json reference = Reference("e_pramd.json")["E6_mediation"];
  const json boot = Reference("e_group_waves.json")["bootstrap"];
  Deviations worst("case E mediation by OLS");
  for (const auto& [key, group, path] :
       {std::tuple{"dep", "groupdepression", "ind1"}, std::tuple{"his", "grouphistory", "ind2"}}) {
    const json& expected = reference["ols_sobel"][key];
    const std::string indirect = std::string("indirect ") + group;
    const auto row = [&](const std::string& contrast, const char* type) {
      return RowOf(ours, {{"contrast", contrast}, {"se_type", type}});
    };
    const auto value = [&](const char* type, const char* column) {
      return ours.DoublesOf(column)[row(indirect, type)];
    };
    worst.Relative("indirect", key, value("Sobel", "estimate"), expected["indirect"], 1e-10);
    worst.Relative("Sobel", key, value("Sobel", "std_error"), expected["sobel_se"], 1e-10);
    worst.Relative("Aroian", key, value("Aroian", "std_error"), expected["aroian_se"], 1e-10);
    const double total = ours.DoublesOf("estimate")[row(std::string("total ") + group, "const")];
    const double direct = ours.DoublesOf("estimate")[row(std::string("direct ") + group, "const")];
    worst.Relative("total", key, total, expected["total"], 1e-10);
    EXPECT_NEAR(direct + value("Sobel", "estimate"), total, 1e-12);
    for (const json& sem : reference["sem_complete"]["est"]) {
      if (sem["label"] != path) continue;
      worst.Relative("delta", key, value("delta", "std_error"), sem["se"], 1e-5);
    }
    // Both bootstraps have Monte Carlo errors: of a standard error s / sqrt(2 B), of a limit about
    // s 2.7 / sqrt(B).
    const double s = boot[key]["se"], b = 20000;
    EXPECT_NEAR(value("bootstrap", "std_error"), s, 3 * s / std::sqrt(b));
    EXPECT_NEAR(value("bootstrap", "conf_low"), boot[key]["low"], 3 * 2.7 * s * std::sqrt(2 / b));
    EXPECT_NEAR(value("bootstrap", "conf_high"), boot[key]["high"], 3 * 2.7 * s * std::sqrt(2 / b));
  }
}

TEST(Mediation, ClustersAreDrawnWhole) {
  // Every row twice: rows drawn singly would halve the variance.
  Tsv twice = Wide();
  const auto rows = twice.rows;
  twice.rows.insert(twice.rows.end(), rows.begin(), rows.end());
  FitOptions options = Mediation();
  options.model_options.bootstrap = 2000;
  const auto error = [](const FitResult& fit) {
    return fit.tables.at("contrasts")
        .DoublesOf("std_error")[RowOf(
            fit.tables.at("contrasts"),
            {{"contrast", "indirect groupdepression"}, {"se_type", "bootstrap"}})];
  };
  const double single = error(FitColumns(ToTable(Wide()), options));
  const double apart = error(FitColumns(ToTable(twice), options));
  options.cluster = "id";
  const double whole = error(FitColumns(ToTable(twice), options));
  EXPECT_NEAR(whole, single, 0.1 * single);
  EXPECT_NEAR(apart, single / std::sqrt(2.0), 0.1 * single);
}

TEST(Mediation, KeysAndFaults) {
  FitOptions options = Mediation();
  options.model_options.mediator = "";
  EXPECT_THROW(FitColumns(ToTable(Wide()), options), Error);
  options.model_options.mediator = "epds_8w";  // not in the formula
  EXPECT_THROW(FitColumns(ToTable(Wide()), options), Error);
  options.model_options.mediator = "nbas_social_6d";
  options.formula = "ds_8w ~ nbas_social_6d + group";  // no exposure before it
  EXPECT_THROW(FitColumns(ToTable(Wide()), options), Error);
  options.formula = "ds_8w ~ group * nbas_social_6d";
  EXPECT_THROW(FitColumns(ToTable(Wide()), options), Error);
  options.reference.clear();
  options.formula = "ds_8w ~ epds_8w + nbas_social_6d";
  options.model_options.bootstrap = 0;
  const FitResult fit = FitColumns(ToTable(Wide()), options);
  EXPECT_TRUE(fit.failures.empty());
  EXPECT_EQ(FindRow(fit.tables.at("contrasts"), {{"se_type", "bootstrap"}}), -1);
}

TEST(Mediation, AnExposureOfOneValueFails) {
  Table table = ToTable(Wide());
  table.Add("one", Table::Strings(table.rows(), "k"));
  FitOptions options = Mediation();
  options.reference.clear();
  options.formula = "ds_8w ~ one + nbas_social_6d";
  const FitResult fit = FitColumns(table, options);
  ASSERT_EQ(fit.failures.size(), 1u);
  EXPECT_EQ(fit.failures[0].id(), ErrorId::kNoEstimableTerm);
  EXPECT_EQ(fit.failures[0].field(), "one");
  EXPECT_EQ(fit.tables.at("contrasts").rows(), 0u);
}

// Rows of steps may vary; these kinds use the complete rows, and so do their scripts for R.
TEST(RefitRows, CompleteRowsOfKindsWithoutSteps) {
  ModelFrame frame;
  frame.columns.Add("y", Table::Doubles{1, 2, std::nan(""), 4, 5});
  frame.columns.Add("g", Table::Strings{"a", "b", "a", "b", "a"});
  ModelSpec spec;
  spec.formula = ParseFormula("y ~ g");
  for (const bool common : {true, false}) {
    spec.common_sample = common;
    for (const char* kind : {"groups", "group_waves", "mediation", "spatial"}) {
      EXPECT_EQ(RefitFrame(frame, spec, kind).rows(), 4u) << kind;
    }
    EXPECT_EQ(RefitFrame(frame, spec, "ols").rows(), common ? 4u : 5u);
    EXPECT_EQ(RefitFrame(frame, spec, "sem").rows(), 5u);
  }
}

}  // namespace
}  // namespace kinflow::family::test
