// Case C of tests/conformance against R's glm, sandwich and geepack: logistic regression.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "stages/family/fit.h"
#include "tests/unit/family/deviations.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

const std::vector<std::string> kVcov{"model", "HC0", "HC3", "CR0", "CR1", "CR1S"};
const std::map<std::string, std::string> kFormulas{
    {"C0", "high_dep ~ age + factor(parity)"},
    {"C1", "high_dep ~ pgs_m + age + factor(parity)"},
    {"C2", "high_dep ~ pgs_m + pgs_f + pgs_c + age + factor(parity)"}};

class CaseC : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::ifstream file(ConformanceFile("ref/c_logit.json"));
    reference_ = new json(json::parse(file));
    data_ = new Table(ToTable(ReadTsv(ConformanceFile("data/c_logit.tsv"))));
  }
  static void TearDownTestSuite() {
    delete reference_;
    delete data_;
  }
  static FitOptions Options(const std::string& model) {
    FitOptions options;
    options.model = "logit";
    options.formula = kFormulas.at(model);
    options.cluster = "m_id";
    options.vcov = kVcov;
    return options;
  }
  static json* reference_;
  static Table* data_;
};
json* CaseC::reference_ = nullptr;
Table* CaseC::data_ = nullptr;

// CR2 is cubic in the rows of a cluster: by so many it is NA, and the warning says what to use.
TEST(LogitClusters, Cr2OfAHugeClusterIsRefused) {
  Table data;
  Table::Doubles y, x;
  Table::Ints cluster;
  for (int i = 0; i < 2120; ++i) {
    x.push_back(i % 17);
    y.push_back((i * 7 + i / 5) % 3 == 0 ? 1 : 0);
    cluster.push_back(i < 2001 ? 0 : 1 + i % 30);
  }
  data.Add("y", std::move(y));
  data.Add("x", std::move(x));
  data.Add("c", std::move(cluster));
  FitOptions options;
  options.model = "logit";
  options.formula = "y ~ x";
  options.cluster = "c";
  options.vcov = {"CR2", "CR3"};
  const FitResult fit = FitColumns(data, options);
  ASSERT_EQ(fit.warnings.size(), 1u);
  EXPECT_NE(fit.warnings[0].find("use CR1 or CR3"), std::string::npos);
  const Table& estimates = fit.tables.at("estimates");
  for (size_t r = 0; r < estimates.rows(); ++r) {
    const bool cr2 = estimates.StringsOf("se_type")[r] == "CR2";
    EXPECT_EQ(std::isnan(estimates.DoublesOf("std_error")[r]), cr2) << r;
  }
}

// clubSandwich's CR2 and CR3 of a glm by dense algebra in R (A_g = D' (D (I - H_g) V D')^-1/2 D
// with V = p (1 - p) and D its Cholesky factor; (I - H_g)^-1), and sandwich's vcovCL(m, d[c("m_id",
// "age")], type = "HC0").
TEST_F(CaseC, AdjustedAndTwoWayClusters) {
  const std::vector<std::string> terms{"(Intercept)", "pgs_m",           "pgs_f",          "pgs_c",
                                       "age",         "factor(parity)1", "factor(parity)2"};
  const std::map<std::string, std::vector<double>> expected{
      {"CR2",
       {0.0879066324613, 0.0668608258273, 0.0689915870535, 0.0753463670285, 0.0121452051796,
        0.122650621014, 0.159298956248}},
      {"CR3",
       {0.0880581314281, 0.0670421354922, 0.0691969995042, 0.0755155229194, 0.0121707099444,
        0.122859511975, 0.159677711687}},
      {"CR1",
       {0.0839452650445, 0.0687931713133, 0.0726829308052, 0.0723701517783, 0.0127548228207,
        0.108506920458, 0.152002424168}}};
  FitOptions options = Options("C2");
  options.vcov = {"CR2", "CR3"};
  const FitResult adjusted = FitColumns(*data_, options);
  options.vcov = {"CR1"};
  options.model_options.second_cluster = "age";
  const FitResult two_way = FitColumns(*data_, options);
  for (const auto& [type, errors] : expected) {
    const Table& ours = (type == "CR1" ? two_way : adjusted).tables.at("estimates");
    for (size_t t = 0; t < terms.size(); ++t) {
      const int64_t row = FindRow(ours, {{"se_type", type}, {"term", terms[t]}});
      ASSERT_GE(row, 0) << type << " " << terms[t];
      EXPECT_NEAR(ours.DoublesOf("std_error")[static_cast<size_t>(row)], errors[t],
                  1e-8 * errors[t])
          << type << " " << terms[t];
    }
  }
}

TEST_F(CaseC, EveryCoefficientAndCovariance) {
  const Tsv reference = ReadTsv(ConformanceFile("ref/c_logit_coef.tsv"));
  std::map<std::string, Table> tables;
  Deviations worst("case C");
  for (size_t r = 0; r < reference.rows.size(); ++r) {
    const std::string model = reference.At(r, "model"), se_type = reference.At(r, "se_type"),
                      term = reference.At(r, "term");
    if (tables.count(model) == 0) {
      tables[model] = FitColumns(*data_, Options(model)).tables.at("estimates");
    }
    const Table& ours = tables[model];
    const int64_t row = FindRow(ours, {{"se_type", se_type}, {"term", term}});
    const std::string where = fmt::format("{} {} {}", model, se_type, term);
    ASSERT_GE(row, 0) << where;
    const auto value = [&](const char* column) {
      return ours.DoublesOf(column)[static_cast<size_t>(row)];
    };
    const auto of = [&](const char* column) { return NumberOf(reference.At(r, column)); };
    worst.Relative("estimate", where, value("estimate"), of("estimate"), 1e-9);
    // glm's own covariance has the weights of the step before the last.
    const bool glm = se_type == "model";
    worst.Relative(glm ? "glm std_error" : "std_error", where, value("std_error"), of("std_error"),
                   glm ? 1e-7 : 1e-8);
    worst.Relative("df", where, value("df"), of("df"), 0);
    for (const char* limit : {"conf_low", "conf_high"}) {
      worst.Absolute(limit, where, value(limit), of(limit), (glm ? 2e-7 : 2e-8) * of("std_error"));
    }
    worst.Absolute("-log10 p", where, value("neg_log10_p"), -std::log10(of("p_value")),
                   glm ? 1e-5 : 1e-6);
    worst.Relative("odds ratio", where, value("exp_estimate"), of("odds_ratio"), 1e-9);
    worst.Relative("its lower limit", where, value("exp_low"), of("or_low"), glm ? 1e-7 : 1e-8);
    worst.Relative("its upper limit", where, value("exp_high"), of("or_high"), glm ? 1e-7 : 1e-8);
  }
  EXPECT_EQ(tables.size(), 3u);
  EXPECT_EQ(reference.rows.size(), 96u);
}

TEST_F(CaseC, ModelSummaries) {
  Deviations worst("case C summaries");
  for (const auto& item : (*reference_)["fit"].items()) {
    const std::string& name = item.key();
    const json& expected = item.value();
    const FitResult fit = FitColumns(*data_, Options(name));
    const Table& models = fit.tables.at("models");
    EXPECT_EQ(models.IntsOf("n")[0], (*reference_)["n"]);
    EXPECT_EQ(models.IntsOf("n_clusters")[0], (*reference_)["n_clusters"]);
    for (const char* key : {"logLik", "deviance", "AIC", "BIC", "mcfadden", "cox_snell",
                            "nagelkerke", "tjur", "auc"}) {
      worst.Relative(key, name, models.DoublesOf(key)[0], expected[key], 1e-9);
    }
    const Table& rows = fit.tables.at("rows");
    const int64_t cases = FindRow(rows, {{"quantity", "n_cases"}});
    ASSERT_GE(cases, 0);
    EXPECT_EQ(rows.IntsOf("count")[static_cast<size_t>(cases)], (*reference_)["n_cases"]);
  }
}

TEST_F(CaseC, NestedTestsAndLiabilityScale) {
  FitOptions options = Options("C2");
  options.steps = {{"age", "factor(parity)"}, {"pgs_m"}, {"pgs_f", "pgs_c"}};
  Deviations worst("case C tests");
  const FitResult fit = FitColumns(*data_, options);
  const Table& tests = fit.tables.at("comparisons");
  const auto row = [&](const std::string& reduced, const std::string& full,
                       const std::string& test) {
    const int64_t at = FindRow(tests, {{"reduced", reduced}, {"full", full}, {"test", test}});
    EXPECT_GE(at, 0) << reduced << " " << full << " " << test;
    return static_cast<size_t>(std::max<int64_t>(at, 0));
  };
  const std::vector<std::pair<std::string, std::string>> pairs{{"step0", "step1"},
                                                               {"step1", "full"}};
  for (size_t i = 0; i < pairs.size(); ++i) {
    const json& expected = (*reference_)["lrt"][i];
    const size_t at = row(pairs[i].first, pairs[i].second, "LRT");
    worst.Relative("LRT", pairs[i].second, tests.DoublesOf("statistic")[at], expected["chisq"],
                   1e-9);
    EXPECT_EQ(tests.DoublesOf("df1")[at], expected["df"]);
    worst.Absolute("-log10 p", pairs[i].second, tests.DoublesOf("neg_log10_p")[at],
                   -std::log10(expected["p"].get<double>()), 1e-6);
  }
  const json& wald = (*reference_)["wald_CR1"];
  const size_t at = row("step1", "full", "Wald-CR1");
  worst.Relative("Wald CR1", "full", tests.DoublesOf("statistic")[at], wald["chisq"], 1e-8);
  EXPECT_EQ(tests.DoublesOf("df1")[at], wald["df"]);
  EXPECT_TRUE(std::isnan(tests.DoublesOf("df2")[at]));
  const size_t all = row("step0", "full", "LRT");
  worst.Relative("R2 increment", "full", tests.DoublesOf("delta_r2")[all],
                 (*reference_)["r2_observed_increment"], 1e-9);
  worst.Relative("liability R2", "K = P", tests.DoublesOf("delta_r2_liability")[all],
                 (*reference_)["r2_liability"], 1e-9);
  options.model_options.prevalence = 0.1;
  const FitResult tenth = FitColumns(*data_, options);
  worst.Relative("liability R2", "K = .1",
                 tenth.tables.at("comparisons").DoublesOf("delta_r2_liability")[all],
                 (*reference_)["r2_liability_K10_example"], 1e-9);
}

}  // namespace
}  // namespace kinflow::family::test
