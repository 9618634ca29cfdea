// Estimating equations against R's geepack (cases B and C), against closed forms, and their faults.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "stages/family/few_rows.h"
#include "stages/family/fit.h"
#include "tests/unit/family/deviations.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

json Reference(const std::string& name) {
  std::ifstream file(ConformanceFile("ref/" + name));
  return json::parse(file);
}

FitOptions Options(const std::string& formula, const std::string& correlation) {
  FitOptions options;
  options.model = "gee";
  options.formula = formula;
  options.cluster = "m_id";
  options.model_options.correlation = correlation;
  return options;
}

// Every value of a coefficient table of R whose `model` is the given one.
void Compare(const Tsv& reference, const std::string& model, const Table& ours, Deviations& worst) {
  size_t compared = 0;
  for (size_t r = 0; r < reference.rows.size(); ++r) {
    if (reference.At(r, "model") != model) continue;
    const std::string term = reference.At(r, "term"), where = model + " " + term;
    const int64_t row = FindRow(ours, {{"term", term}, {"se_type", "robust"}});
    ASSERT_GE(row, 0) << where;
    const auto value = [&](const char* column) {
      return ours.DoublesOf(column)[static_cast<size_t>(row)];
    };
    const auto of = [&](const char* column) { return NumberOf(reference.At(r, column)); };
    worst.Relative("estimate", where, value("estimate"), of("estimate"), 1e-8);
    worst.Relative("std_error", where, value("std_error"), of("std_error"), 1e-8);
    worst.Absolute("-log10 p", where, value("neg_log10_p"), -std::log10(of("p_value")), 1e-5);
    ++compared;
  }
  EXPECT_EQ(compared, ours.rows());
}

void CompareMoments(const json& expected, const std::string& correlation, const FitResult& fit,
                    Deviations& worst) {
  const Table& varcomp = fit.tables.at("varcomp");
  worst.Relative("phi", correlation, varcomp.DoublesOf("variance")[0], expected["phi"], 1e-8);
  if (correlation != "independence") {
    worst.Relative("alpha", correlation, varcomp.DoublesOf("corr")[1], expected["alpha"], 1e-8);
  }
  if (expected.contains("qic")) {
    worst.Relative("QIC", correlation, fit.tables.at("models").DoublesOf("criterion")[0],
                   expected["qic"], 1e-8);
  }
}

TEST(Gee, CaseBWavesWithinMothers) {
  const Table data = ToTable(ReadTsv(ConformanceFile("data/b_waves.tsv")));
  const Tsv reference = ReadTsv(ConformanceFile("ref/b_gee_coef.tsv"));
  const json moments = Reference("b_lmm.json")["gee"];
  Deviations worst("case B, gee");
  for (const std::string correlation : {"independence", "exchangeable", "ar1"}) {
    const FitResult fit =
        FitColumns(data, Options("scl_dep ~ time + pgs_m + pgs_f + pgs_c + age", correlation));
    ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
    Compare(reference, "GEE_" + correlation, fit.tables.at("estimates"), worst);
    CompareMoments(moments[correlation], correlation, fit, worst);
  }
}

TEST(Gee, CaseCBinomial) {
  const Table data = ToTable(ReadTsv(ConformanceFile("data/c_logit.tsv")));
  FitOptions options =
      Options("high_dep ~ pgs_m + pgs_f + pgs_c + age + factor(parity)", "exchangeable");
  options.model_options.distribution = "binomial";
  const FitResult fit = FitColumns(data, options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  Deviations worst("case C, gee");
  Compare(ReadTsv(ConformanceFile("ref/c_gee_coef.tsv")), "GEE_exch", fit.tables.at("estimates"),
          worst);
  CompareMoments(Reference("c_logit.json")["gee"], "exchangeable", fit, worst);
}

// Independence gives the estimates and CR0 errors of least squares and of the logistic model.
TEST(Gee, IndependenceIsTheModelWithClusterRobustErrors) {
  const Table data = ToTable(ReadTsv(ConformanceFile("data/c_logit.tsv")));
  for (const std::string model : {"ols", "logit"}) {
    FitOptions options = Options("high_dep ~ pgs_m + age", "independence");
    options.model_options.distribution = model == "ols" ? "gaussian" : "binomial";
    const FitResult gee = FitColumns(data, options);
    FitOptions other;
    other.model = model;
    other.formula = options.formula;
    other.cluster = "m_id";
    other.vcov = {"CR0"};
    const FitResult fit = FitColumns(data, other);
    for (const char* column : {"estimate", "std_error"}) {
      const auto &a = gee.tables.at("estimates").DoublesOf(column),
                 &b = fit.tables.at("estimates").DoublesOf(column);
      ASSERT_EQ(a.size(), b.size());
      for (size_t i = 0; i < a.size(); ++i) EXPECT_LE(RelativeError(a[i], b[i]), 1e-9) << column;
    }
  }
}

Table Small() {
  Table table;
  Table::Doubles y, x, group;
  for (size_t i = 0; i < 40; ++i) {
    const auto v = static_cast<double>(i);
    group.push_back(std::floor(v / 2));
    x.push_back(std::cos(1.7 * v));
    y.push_back(i % 2 == 0 ? 1 + 1e-9 * x.back() : -1);  // opposite within every pair
  }
  table.Add("y", y);
  table.Add("x", x);
  table.Add("m_id", group);
  Table::Doubles line;
  for (const double value : x) line.push_back(1 + 0.3 * value);
  table.Add("line", line);
  table.Add("one", Table::Doubles(40, 1.0));
  table.Add("two", Table::Doubles(40, 2.0));
  return table;
}

void ExpectFailure(const FitOptions& options, const std::string& text) {
  const FitResult fit = FitColumns(Small(), options);
  ASSERT_EQ(fit.failures.size(), 1u) << text;
  EXPECT_NE(fit.failures[0].OneLine().find(text), std::string::npos) << fit.failures[0].OneLine();
  EXPECT_FALSE(fit.failures[0].Advice().empty());
}

// R: i <- 0:239; d <- data.frame(id = i %/% 4, w = i %% 4 + 1, x = sin(1.3 * i))
//    d$y <- .5 * d$x + cos(7 * d$id) + .8 * sin(5.7 * i)
//    d <- d[!((d$id %% 3 == 0 & d$w == 2) | (d$id %% 5 == 0 & d$w == 3)), ]
// `names`: of the waves, whose order is not that of the alphabet.
Table WithGaps(bool names) {
  Table::Doubles id, w, x, y, k, b;
  Table::Strings named;
  for (int i = 0; i < 240; ++i) {
    const int person = i / 4, wave = i % 4 + 1;
    if ((person % 3 == 0 && wave == 2) || (person % 5 == 0 && wave == 3)) continue;
    id.push_back(person);
    w.push_back(wave);
    named.push_back(std::vector<std::string>{"w8", "w10", "m6", "m12"}[wave - 1]);
    x.push_back(std::sin(1.3 * i));
    y.push_back(0.5 * x.back() + std::cos(7.0 * person) + 0.8 * std::sin(5.7 * i));
    k.push_back(1.5 + std::sin(2.1 * i));
    b.push_back(y.back() > 0 ? 1 : 0);
  }
  Table table;
  table.Add("m_id", id);
  if (names) {
    table.Add("w", named);
  } else {
    table.Add("w", w);
  }
  table.Add("x", x);
  table.Add("y", y);
  table.Add("k", k);
  table.Add("b", b);
  return table;
}

void ExpectAr1(const FitResult& fit, double alpha, double estimate, double error, bool warned) {
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  EXPECT_NEAR(fit.tables.at("varcomp").DoublesOf("corr")[1], alpha, 1e-8);
  EXPECT_NEAR(fit.tables.at("estimates").DoublesOf("estimate")[1], estimate, 1e-8);
  EXPECT_NEAR(fit.tables.at("estimates").DoublesOf("std_error")[1], error, 1e-8);
  EXPECT_EQ(fit.warnings.size(), warned ? 1u : 0u);
}

TEST(Gee, WavesThatSomebodyLacksAreGaps) {
  for (const bool names : {false, true}) {
    // R: geepack::geeglm(y ~ x, id = id, waves = w, data = d, corstr = "ar1",
    //                     control = geese.control(epsilon = 1e-13, maxit = 500))
    FitOptions options = Options("y ~ x", "ar1");
    options.model_options.time = "w";
    ExpectAr1(FitColumns(WithGaps(names), options), 0.858346714854, 0.5107826112211, 0.034136413137,
              false);
    options.model_options.time = "";
    options.data_format = "long";
    options.wave = "w";
    options.person = "m_id";
    ExpectAr1(FitColumns(WithGaps(names), options), 0.858346714854, 0.5107826112211, 0.034136413137,
              false);
    // R: the same without waves
    ExpectAr1(FitColumns(WithGaps(names), Options("y ~ x", "ar1")), 0.846897516264, 0.5422691507106,
              0.0395494024827, true);
  }
}

// Names of the same waves that are no times. `turned`: the first cluster has its rows the other
// way.
Table WithoutTimes(bool turned) {
  const Table numbered = WithGaps(false);
  Table::Doubles id, x, y;
  Table::Strings named;
  const auto& w = numbered.DoublesOf("w");
  std::vector<size_t> rows(w.size());
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  if (turned) std::swap(rows[0], rows[1]);
  for (const size_t r : rows) {
    id.push_back(numbered.DoublesOf("m_id")[r]);
    x.push_back(numbered.DoublesOf("x")[r]);
    y.push_back(numbered.DoublesOf("y")[r]);
    named.push_back(
        std::vector<std::string>{"base", "mid", "later", "end"}[static_cast<size_t>(w[r]) - 1]);
  }
  Table table;
  table.Add("m_id", id);
  table.Add("w", named);
  table.Add("x", x);
  table.Add("y", y);
  return table;
}

TEST(Gee, NamesThatAreNoTimesGoByRowsThatAgree) {
  FitOptions options = Options("y ~ x", "ar1");
  options.model_options.time = "w";
  const FitResult fit = FitColumns(WithoutTimes(false), options);
  ExpectAr1(fit, 0.858346714854, 0.5107826112211, 0.034136413137, true);
  ASSERT_EQ(fit.warnings.size(), 1u);
  EXPECT_NE(fit.warnings[0].find("base, mid, later, end"), std::string::npos) << fit.warnings[0];
  const FitResult refused = FitColumns(WithoutTimes(true), options);
  ASSERT_EQ(refused.failures.size(), 1u);
  EXPECT_EQ(refused.failures[0].id(), ErrorId::kModelFailed);
  EXPECT_NE(refused.failures[0].OneLine().find("different orders"), std::string::npos);
  EXPECT_NE(refused.failures[0].Advice().find("number the waves"), std::string::npos);
  // Other correlations ask for no order.
  options.model_options.time = "";
  options.model_options.correlation = "exchangeable";
  EXPECT_TRUE(FitColumns(WithoutTimes(true), options).failures.empty());
}

// R: d$k <- 1.5 + sin(2.1 * (4 * d$id + d$w - 1)); d$b <- as.numeric(d$y > 0)
//    geepack::geeglm(y ~ x, id = id, waves = w, weights = k, data = d, corstr = ...,
//                    control = geese.control(epsilon = 1e-13, maxit = 500)); naive:
//                    $geese$vbeta.naiv
TEST(Gee, CaseWeightsAreThoseOfGeepack) {
  const struct {
    const char *correlation, *outcome;
    double estimate, error, naive, alpha, phi;
  } cases[] = {
      {"independence", "y", 0.5273857215149, 0.0813342521742, 0.0714573412142, 0, 0.812100258287},
      {"exchangeable", "y", 0.493883915958, 0.0642661133644, 0.0349996280160, 0.775067310171,
       0.812913823990},
      {"ar1", "y", 0.49653854468885, 0.0558471917443, 0.0377811175195, 0.858209980048,
       0.812708700509},
      {"exchangeable", "b", 0.817463547988, 0.191033155281, 0, 0.586146687067, 0.995329626990}};
  for (const auto& one : cases) {
    const std::string where = std::string(one.correlation) + " of " + one.outcome;
    FitOptions options = Options(std::string(one.outcome) + " ~ x", one.correlation);
    options.vcov = {"robust", "model"};
    options.model_options.case_weights = "k";
    if (where == "ar1 of y") options.model_options.time = "w";
    if (one.outcome == std::string("b")) options.model_options.distribution = "binomial";
    const FitResult fit = FitColumns(WithGaps(false), options);
    ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
    const Table& ours = fit.tables.at("estimates");
    EXPECT_NEAR(ours.DoublesOf("estimate")[1], one.estimate, 1e-8) << where;
    EXPECT_NEAR(ours.DoublesOf("std_error")[1], one.error, 1e-8) << where;
    if (one.naive > 0) {
      EXPECT_NEAR(ours.DoublesOf("std_error")[3], one.naive, 1e-8) << where;
    }
    const Table& varcomp = fit.tables.at("varcomp");
    EXPECT_NEAR(varcomp.DoublesOf("variance")[0], one.phi, 1e-8) << where;
    if (one.alpha > 0) {
      EXPECT_NEAR(varcomp.DoublesOf("corr")[1], one.alpha, 1e-8) << where;
    }
    EXPECT_NE(fit.tables.at("models").StringsOf("call")[0].find("weights = `k`"),
              std::string::npos);
  }
}

TEST(Gee, Faults) {
  FitOptions options = Options("y ~ x", "exchangeable");
  ExpectFailure(options, "is not positive definite in clusters of up to 2 rows");
  options.model_options.distribution = "binomial";
  ExpectFailure(options, "must be 0 or 1; it is neither in");
  options = Options("two ~ x", "exchangeable");
  ExpectFailure(options, "the same value in all 40 rows");
  options = Options("line ~ x", "exchangeable");
  ExpectFailure(options, "explain the outcome fully");
  options = Options("y ~ x", "exchangeable");
  options.cluster = "one";
  ExpectFailure(options, "fewer than 10 clusters for 2 coefficients");
  options.cluster = "";
  EXPECT_THROW(FitColumns(Small(), options), Error);
}

}  // namespace
}  // namespace kinflow::family::test
