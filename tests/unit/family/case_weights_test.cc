// Case weights against R's lm and sandwich; waves with gaps against geepack.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "stages/family/fit.h"
#include "tests/unit/family/deviations.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

json Reference() {
  std::ifstream file(ConformanceFile("ref/a_weights.json"));
  return json::parse(file);
}

/// A conformance table with the weights of a_weights.R, which go round by the number of the row.
Table WithWeights(const std::string& name) {
  Tsv tsv = ReadTsv(ConformanceFile("data/" + name));
  tsv.names.emplace_back("w");
  for (size_t r = 0; r < tsv.rows.size(); ++r) {
    tsv.rows[r].push_back(fmt::format("{}", 1 + static_cast<double>((r + 1) % 5) / 4));
  }
  return ToTable(tsv);
}

FitOptions Options() {
  FitOptions options;
  options.formula = "scl_dep ~ pgs_m + pgs_f + pgs_c";
  options.cluster = "m_id";
  options.vcov = {"const", "HC0", "HC3", "CR1S"};
  options.steps = {{"pgs_m"}, {"pgs_f", "pgs_c"}};
  options.model_options.case_weights = "w";
  return options;
}

TEST(CaseWeights, EqualLmAndSandwich) {
  const FitResult fit = FitColumns(WithWeights("a_trio.tsv"), Options());
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const json expected = Reference()["weights"];
  Deviations worst("weighted case A");
  const Table& ours = fit.tables.at("estimates");
  for (const std::string se : {"const", "HC0", "HC3", "CR1S"}) {
    for (const auto& [term, error] : expected[se].items()) {
      const int64_t row = FindRow(ours, {{"model_id", "full"}, {"term", term}, {"se_type", se}});
      ASSERT_GE(row, 0) << term;
      const auto r = static_cast<size_t>(row);
      worst.Relative("estimate", term, ours.DoublesOf("estimate")[r], expected["estimate"][term],
                     1e-10);
      worst.Relative(se, term, ours.DoublesOf("std_error")[r], error, 1e-10);
    }
  }
  const Table& models = fit.tables.at("models");
  const auto full = static_cast<size_t>(FindRow(models, {{"model_id", "full"}}));
  for (const auto& [column, key] :
       {std::pair{"r2", "r2"}, std::pair{"adj_r2", "adj_r2"}, std::pair{"sigma", "sigma"},
        std::pair{"logLik", "logLik"}, std::pair{"AIC", "AIC"}}) {
    worst.Relative(key, "", models.DoublesOf(column)[full], expected[key], 1e-10);
  }
  EXPECT_EQ(models.IntsOf("n")[full], expected["n"]);
  const Table& tests = fit.tables.at("comparisons");
  const auto f = static_cast<size_t>(FindRow(tests, {{"test", "F"}, {"added", "pgs_f + pgs_c"}}));
  worst.Relative("F", "", tests.DoublesOf("statistic")[f], expected["F"], 1e-9);
  worst.Relative("p of F", "", tests.DoublesOf("p")[f], expected["p"], 1e-8);
}

void ExpectAsInR(const FitResult& fit, const json& expected, const std::string& what,
                 const std::vector<std::string>& errors, double tolerance, double error_tolerance) {
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  Deviations worst(what);
  const Table& ours = fit.tables.at("estimates");
  for (const auto& se : errors) {
    for (const auto& [term, error] : expected[se].items()) {
      const auto r = FindRow(ours, {{"model_id", "full"}, {"term", term}, {"se_type", se}});
      ASSERT_GE(r, 0) << what << term << se;
      const auto row = static_cast<size_t>(r);
      worst.Relative("estimate", term, ours.DoublesOf("estimate")[row], expected["estimate"][term],
                     tolerance);
      worst.Relative(se, term, ours.DoublesOf("std_error")[row], error, error_tolerance);
    }
  }
  const Table& models = fit.tables.at("models");
  const auto full = static_cast<size_t>(FindRow(models, {{"model_id", "full"}}));
  EXPECT_EQ(models.IntsOf("n")[full], expected["n"]);
  worst.Relative("logLik", "", models.DoublesOf("logLik")[full], expected["logLik"], 1e-9);
}

TEST(CaseWeights, EqualGlm) {
  FitOptions options = Options();
  options.model = "logit";
  options.formula = "high_dep ~ pgs_m + pgs_f + pgs_c + age";
  options.vcov = {"model", "HC0", "CR1"};
  ExpectAsInR(FitColumns(WithWeights("c_logit.tsv"), options), Reference()["logit"],
              "weighted case C", options.vcov, 1e-9, 1e-8);
}

TEST(CaseWeights, EqualPolr) {
  FitOptions options = Options();
  options.model = "ordinal";
  options.formula = "dep_cat ~ pgs_m + pgs_f + pgs_c";
  options.vcov = {"model", "CR1"};
  ExpectAsInR(FitColumns(WithWeights("f_ordinal.tsv"), options), Reference()["ordinal"],
              "weighted case F", options.vcov, 1e-6, 1e-5);
}

TEST(CaseWeights, EqualLmer) {
  const json reference = Reference();
  ASSERT_EQ(reference["mixed"].size(), 3u);
  for (const auto& expected : reference["mixed"]) {
    FitOptions options;
    options.model = "lmm";
    options.formula = expected["formula"];
    options.reml = expected["reml"];
    options.model_options.case_weights = "w";
    const FitResult fit = FitColumns(WithWeights("b_waves.tsv"), options);
    ExpectAsInR(fit, expected, "weighted case B, " + options.formula, {"model"}, 1e-5, 1e-5);
    ASSERT_FALSE(fit.warnings.empty());  // errors that are not robust
    EXPECT_NE(fit.warnings[0].find("case weights count as precisions"), std::string::npos);
    const auto& variances = fit.tables.at("varcomp").DoublesOf("variance");
    ASSERT_EQ(variances.size(), expected["variances"].size());
    for (size_t i = 0; i < variances.size(); ++i) {
      EXPECT_LE(RelativeError(variances[i], expected["variances"][i]), 1e-4) << i;
    }
  }
}

// A weight that is a whole number stands for so many rows of one cluster.
TEST(CaseWeights, WholeNumbersAreRepeatedRows) {
  for (const auto& [model, file, formula] :
       {std::tuple{"logit", "c_logit.tsv", "high_dep ~ pgs_m + pgs_c"},
        std::tuple{"ordinal", "f_ordinal.tsv", "dep_cat ~ pgs_m + pgs_c"}}) {
    Tsv once = ReadTsv(ConformanceFile(std::string("data/") + file)), often = once;
    once.names.emplace_back("w");
    often.rows.clear();
    for (size_t r = 0; r < once.rows.size(); ++r) {
      for (size_t i = 0; i < 1 + r % 3; ++i) often.rows.push_back(once.rows[r]);
      once.rows[r].push_back(std::to_string(1 + r % 3));
    }
    FitOptions options = Options();
    options.model = model;
    options.formula = formula;
    options.steps = {{"pgs_m"}, {"pgs_c"}};
    options.vcov = {"model", "CR0"};
    const FitResult weighted = FitColumns(ToTable(once), options);
    options.model_options.case_weights = "";
    const FitResult repeated = FitColumns(ToTable(often), options);
    const auto equal = [&](const char* table, const char* column) {
      const auto &a = weighted.tables.at(table).DoublesOf(column),
                 &b = repeated.tables.at(table).DoublesOf(column);
      ASSERT_EQ(a.size(), b.size());
      for (size_t i = 0; i < a.size(); ++i) {
        if (std::isnan(b[i])) continue;
        EXPECT_LE(RelativeError(a[i], b[i]), 1e-8) << options.model << column << i;
      }
    };
    equal("estimates", "estimate");
    equal("estimates", "std_error");
    equal("models", "logLik");
    equal("models", "mcfadden");
    equal("models", "tjur");
    equal("models", "auc");
    equal("comparisons", "statistic");
  }
}

// Weights that count a population are as good as their shares.
TEST(CaseWeights, TheirUnitChangesNothing) {
  for (const auto& [model, file, formula] :
       {std::tuple{"logit", "c_logit.tsv", "high_dep ~ pgs_m + pgs_c"},
        std::tuple{"lmm", "b_waves.tsv", "scl_dep ~ pgs_m + pgs_c + (1 | m_id)"}}) {
    Table data = WithWeights(file);
    Table::Doubles many = data.DoublesOf("w");
    for (double& w : many) w *= 1e6;
    data.Add("many", many);
    FitOptions options = Options();
    options.model = model;
    options.formula = formula;
    options.steps = {{"pgs_m"}, {"pgs_c"}};
    options.vcov = {"model"};
    options.cluster.clear();
    options.model_options.case_weights = "w";
    const FitResult few = FitColumns(data, options);
    options.model_options.case_weights = "many";
    const FitResult lots = FitColumns(data, options);
    ASSERT_TRUE(lots.failures.empty()) << model;
    const auto equal = [&](const char* table, const char* column) {
      const auto &a = few.tables.at(table).DoublesOf(column),
                 &b = lots.tables.at(table).DoublesOf(column);
      for (size_t i = 0; i < a.size(); ++i) {
        EXPECT_LE(RelativeError(a[i], b[i]), 1e-5) << options.model << column << i;
      }
    };
    equal("estimates", "estimate");
    if (std::string(model) != "lmm") continue;
    equal("models", "icc");
    equal("models", "r2_marginal");
    equal("models", "r2_conditional");
    equal("varcomp", "vpc");
  }
}

TEST(CaseWeights, EqualWeightsChangeNothing) {
  FitOptions options = Options();
  Table data = WithWeights("a_trio.tsv");
  data.Add("three", Table::Doubles(data.rows(), 3.0));
  options.model_options.case_weights = "three";
  const Table weighted = FitColumns(data, options).tables.at("estimates");
  options.model_options.case_weights = "";
  const Table plain = FitColumns(data, options).tables.at("estimates");
  for (const char* column : {"estimate", "std_error", "std_estimate", "vif"}) {
    for (size_t r = 0; r < plain.rows(); ++r) {
      EXPECT_LE(RelativeError(weighted.DoublesOf(column)[r], plain.DoublesOf(column)[r]), 1e-10);
    }
  }
}

TEST(CaseWeights, Faults) {
  Table data = WithWeights("a_trio.tsv");
  Table::Doubles zero(data.rows(), 1.0);
  zero[3] = 0;
  data.Add("zero", zero);
  data.Add("text", Table::Strings(data.rows(), "x"));
  FitOptions options = Options();
  options.model_options.case_weights = "zero";
  const FitResult fit = FitColumns(data, options);
  ASSERT_FALSE(fit.failures.empty());
  EXPECT_NE(fit.failures[0].message().find("are not above 0"), std::string::npos);
  options.model_options.case_weights = "text";
  EXPECT_FALSE(FitColumns(data, options).failures.empty());
  options.model_options.case_weights = "nowhere";
  EXPECT_THROW(FitColumns(data, options), Error);
  options.model_options.case_weights = "w";
  options.vcov = {"CR2"};
  EXPECT_THROW(FitColumns(data, options), Error);
  options.model = "groups";
  options.vcov = {};
  EXPECT_THROW(FitColumns(data, options), Error);
  options = FitOptions{};
  options.model_options.case_weights = "w";
  options.model = "lmm";
  options.formula = "scl_dep ~ pgs_m + (1 | m_id)";
  options.model_options.blups = true;
  EXPECT_THROW(FitColumns(data, options), Error);
  options.model_options.blups = false;
  options.kenward_roger = true;
  EXPECT_THROW(FitColumns(data, options), Error);
}

// Waves by number, rows from last to first, so that only the column tells the order.
Table Waves(bool gaps) {
  Tsv tsv = ReadTsv(ConformanceFile("data/b_waves.tsv"));
  std::set<double> times;
  std::map<std::string, size_t> cluster;
  for (size_t r = 0; r < tsv.rows.size(); ++r) times.insert(NumberOf(tsv.At(r, "time")));
  Tsv out;
  out.names = tsv.names;
  out.names.emplace_back("number");
  for (size_t r = 0; r < tsv.rows.size(); ++r) {
    const std::vector<std::string> needed{"scl_dep", "time", "pgs_m", "m_id", "preg_id"};
    if (std::any_of(needed.begin(), needed.end(),
                    [&](const auto& name) { return tsv.At(r, name) == "NA"; })) {
      continue;
    }
    const auto at = times.find(NumberOf(tsv.At(r, "time")));
    const auto number = static_cast<size_t>(std::distance(times.begin(), at)) + 1;
    const size_t c = cluster.emplace(tsv.At(r, "preg_id"), cluster.size() + 1).first->second;
    if (gaps && (c * 7 + number * 3) % 5 == 0) continue;
    auto row = tsv.rows[r];
    row.push_back(std::to_string(number));
    out.rows.push_back(std::move(row));
  }
  std::reverse(out.rows.begin(), out.rows.end());
  return ToTable(out);
}

FitOptions Ar1() {
  FitOptions options;
  options.model = "gee";
  options.formula = "scl_dep ~ time + pgs_m";
  options.cluster = "preg_id";
  options.model_options.correlation = "ar1";
  options.model_options.time = "number";
  return options;
}

TEST(GeeWaves, GapsAreDistancesAsInGeepack) {
  Deviations worst("case B, ar1 by waves");
  for (const bool gaps : {false, true}) {
    const json expected = Reference()[gaps ? "ar1_gaps" : "ar1"];
    const FitResult fit = FitColumns(Waves(gaps), Ar1());
    ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
    const Table& ours = fit.tables.at("estimates");
    EXPECT_EQ(ours.IntsOf("n")[0], expected["n"]);
    for (const auto& [term, estimate] : expected["estimate"].items()) {
      const auto r = static_cast<size_t>(FindRow(ours, {{"term", term}}));
      worst.Relative("estimate", term, ours.DoublesOf("estimate")[r], estimate, 1e-8);
      worst.Relative("std_error", term, ours.DoublesOf("std_error")[r], expected["std_error"][term],
                     1e-8);
    }
    worst.Relative("alpha", "", fit.tables.at("varcomp").DoublesOf("corr")[1], expected["alpha"],
                   1e-8);
  }
}

TEST(GeeWaves, Faults) {
  FitOptions options = Ar1();
  options.cluster = "area";  // several rows a wave
  const FitResult twice = FitColumns(Waves(false), options);
  ASSERT_EQ(twice.failures.size(), 1u);
  EXPECT_NE(twice.failures[0].message().find("two rows at one time"), std::string::npos);
  options = Ar1();
  options.model_options.time = "time";  // years
  const FitResult years = FitColumns(Waves(false), options);
  ASSERT_EQ(years.failures.size(), 1u);
  EXPECT_NE(years.failures[0].message().find("no whole number"), std::string::npos);
  options.model_options.correlation = "exchangeable";
  EXPECT_THROW(FitColumns(Waves(false), options), Error);
}

}  // namespace
}  // namespace kinflow::family::test
