// Case B of tests/conformance against R's lme4 and lmerTest: every value of the mixed models.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "stages/family/fit.h"
#include "stages/family/model.h"
#include "stages/family/tails.h"
#include "tests/unit/family/deviations.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

class CaseB : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::ifstream file(ConformanceFile("ref/b_lmm.json"));
    reference_ = new json(json::parse(file));
    data_ = new Table(ToTable(ReadTsv(ConformanceFile("data/b_waves.tsv"))));
  }
  static void TearDownTestSuite() {
    delete reference_;
    delete data_;
  }

  static FitOptions Options(const std::string& model) {
    const json& of = (*reference_)["models"][model];
    FitOptions options;
    options.model = "lmm";
    options.formula = of["formula"];
    if (model == "B2_rs_uncor") {  // the reference has lme4's expansion of ||
      options.formula = "scl_dep ~ time + pgs_m + pgs_f + pgs_c + age + (1 + time || m_id)";
    }
    options.reml = of["REML"];
    return options;
  }
  static FitResult Fit(const std::string& model) { return FitColumns(*data_, Options(model)); }

  static json* reference_;
  static Table* data_;
};
json* CaseB::reference_ = nullptr;
Table* CaseB::data_ = nullptr;

// A slope far from 0 is one model with it about its mean only if it is correlated with an
// intercept.
TEST_F(CaseB, SlopesFarFromZero) {
  Table data = *data_;
  Table::Doubles years = data.DoublesOf("time");
  for (double& t : years) t += 20;
  data.Add("years", std::move(years));
  FitOptions options;
  options.model = "lmm";
  const auto warned = [&](const std::string& random) {
    options.formula = "scl_dep ~ pgs_m + years + " + random;
    const FitResult fit = FitColumns(data, options);
    EXPECT_TRUE(fit.failures.empty()) << random;
    return std::count_if(fit.warnings.begin(), fit.warnings.end(), [](const std::string& text) {
      return text.find("slope years of (") != std::string::npos &&
             text.find("lies far from 0") != std::string::npos;
    });
  };
  EXPECT_EQ(warned("(0 + years | m_id)"), 1);
  EXPECT_EQ(warned("(years || m_id)"), 1);
  EXPECT_EQ(warned("(1 + years | m_id)"), 0);
  EXPECT_EQ(warned("(0 + time | m_id)"), 0);
}

TEST_F(CaseB, EveryCoefficient) {
  const Tsv reference = ReadTsv(ConformanceFile("ref/b_lmm_coef.tsv"));
  std::map<std::string, Table> tables;
  Deviations worst("case B");
  std::set<std::string> terms;
  for (size_t r = 0; r < reference.rows.size(); ++r) {
    const std::string model = reference.At(r, "model"), term = reference.At(r, "term"),
                      where = model + " " + term;
    if (tables.count(model) == 0) tables[model] = Fit(model).tables.at("estimates");
    const Table& ours = tables[model];
    const int64_t row = FindRow(ours, {{"se_type", "model"}, {"term", term}});
    ASSERT_GE(row, 0) << where;
    const auto value = [&](const char* column) {
      return ours.DoublesOf(column)[static_cast<size_t>(row)];
    };
    const auto of = [&](const char* column) { return NumberOf(reference.At(r, column)); };
    worst.Absolute("estimate", where, value("estimate"), of("estimate"), 1e-6);
    worst.Relative("std_error", where, value("std_error"), of("std_error"), 1e-5);
    worst.Relative("df", where, value("df"), of("df"), 1e-3);
    for (const char* limit : {"conf_low", "conf_high"}) {
      worst.Absolute(limit, where, value(limit), of(limit), 1e-6 + 1e-5 * of("std_error"));
    }
    // Its tail at the reference's own statistic and df; ours have df within the tolerance.
    const double log_p = -std::log10(of("p_value"));
    worst.Absolute("-log10 p of the reference's t", where,
                   TwoSidedT(of("statistic"), of("df")).neg_log10, log_p, 1e-6);
    worst.Absolute("-log10 p", where, value("neg_log10_p"), log_p, 1e-6 + 1e-5 * log_p);
    terms.insert(where);
  }
  EXPECT_EQ(terms.size(), reference.rows.size());
  EXPECT_EQ(tables.size(), (*reference_)["models"].size());
}

TEST_F(CaseB, CriteriaAndVarianceComponents) {
  Deviations worst("case B");
  for (const auto& [name, expected] : (*reference_)["models"].items()) {
    const FitResult fit = Fit(name);
    const Table& models = fit.tables.at("models");
    ASSERT_EQ(models.rows(), 1u) << name;
    const auto value = [&](const char* column) { return models.DoublesOf(column)[0]; };
    EXPECT_EQ(models.IntsOf("n")[0], expected["n"]);
    EXPECT_EQ(value("REML"), expected["REML"].get<bool>() ? 1 : 0);
    for (const char* key : {"criterion", "logLik", "AIC", "BIC"}) {
      worst.Absolute(key, name, value(key), expected[key], 1e-6);
    }
    worst.Relative("sigma", name, value("sigma"), expected["sigma"], 1e-4);
    worst.Absolute("R2 marginal", name, value("r2_marginal"), expected["R2_marginal"], 1e-5);
    worst.Absolute("R2 conditional", name, value("r2_conditional"), expected["R2_conditional"],
                   1e-5);
    EXPECT_EQ(models.StringsOf("converged")[0], "true");
    EXPECT_EQ(models.StringsOf("singular")[0], expected["singular"].get<bool>() ? "true" : "false");
    const Table& ours = fit.tables.at("varcomp");
    EXPECT_EQ(ours.rows(), expected["varcomp"].size()) << name;
    for (const auto& row : expected["varcomp"]) {
      std::string group = row["grp"];
      if (group == "m_id.1") group = "m_id";  // lme4's second block of ||
      const auto term = [&row](const char* key) {
        return row[key].is_null() ? std::string("NA") : row[key].get<std::string>();
      };
      const int64_t at =
          FindRow(ours, {{"group", group}, {"term1", term("var1")}, {"term2", term("var2")}});
      ASSERT_GE(at, 0) << name << " " << row;
      const auto r = static_cast<size_t>(at);
      const std::string where = name + " " + group + " " + term("var1") + " " + term("var2");
      worst.Relative("variance", where, ours.DoublesOf("variance")[r], row["vcov"], 1e-4);
      const char* column = term("var2") == "NA" ? "sd" : "corr";
      worst.Relative(column, where, ours.DoublesOf(column)[r], row["sdcor"], 1e-4);
      if (group != "Residual") {
        EXPECT_EQ(ours.IntsOf("n_levels")[r],
                  expected["groups"][row["grp"] == "m_id.1" ? "m_id" : std::string(row["grp"])]);
      }
    }
  }
  worst.Absolute("ICC", "B1_ri", Fit("B1_ri").tables.at("models").DoublesOf("icc")[0],
                 (*reference_)["icc_B1"], 1e-5);
}

TEST_F(CaseB, StepsAreLikelihoodRatioAndJointFTests) {
  FitOptions options = Options("B1_ri");
  options.steps = {{"time", "age"}, {"pgs_m"}, {"pgs_f", "pgs_c"}};
  const FitResult fit = FitColumns(*data_, options);
  const Table& tests = fit.tables.at("comparisons");
  Deviations worst("case B");
  const auto row = [&](const std::string& added, const std::string& test) {
    const int64_t at = FindRow(tests, {{"added", added}, {"test", test}});
    EXPECT_GE(at, 0) << added << " " << test;
    return static_cast<size_t>(at);
  };
  const json& lrt = (*reference_)["lrt"];
  for (const auto& [index, added] : {std::pair{0, "pgs_m"}, {1, "pgs_f + pgs_c"}}) {
    const size_t r = row(added, "LRT");
    worst.Absolute("LRT", added, tests.DoublesOf("statistic")[r], lrt[index]["chisq"], 1e-5);
    EXPECT_EQ(tests.DoublesOf("df1")[r], lrt[index]["df"]);
    worst.Absolute("-log10 p of LRT", added, tests.DoublesOf("neg_log10_p")[r],
                   -std::log10(lrt[index]["p"].get<double>()), 1e-6);
  }
  const json& f = (*reference_)["joint_F"]["B1_partner_child"];
  const size_t r = row("pgs_f + pgs_c", "F-Satterthwaite");
  worst.Relative("F", "B1", tests.DoublesOf("statistic")[r], f["F"], 1e-4);
  worst.Relative("df of F", "B1", tests.DoublesOf("df2")[r], f["den_df"], 1e-3);
  EXPECT_EQ(tests.DoublesOf("df1")[r], f["num_df"]);
  worst.Absolute("-log10 p of F", "B1", tests.DoublesOf("neg_log10_p")[r],
                 -std::log10(f["p"].get<double>()), 1e-5);
}

TEST_F(CaseB, RandomSlopeAgainstIntercept) {
  FitOptions options = Options("B2_rs");
  options.random_tests = true;
  const Table tests = FitColumns(*data_, options).tables.at("comparisons");
  const json& expected = (*reference_)["lrt"][2];
  ASSERT_EQ(tests.rows(), 2u);
  EXPECT_EQ(tests.StringsOf("test"), (Table::Strings{"LRT-random", "LRT-random-mixture"}));
  EXPECT_EQ(tests.DoublesOf("df1")[0], expected["df"]);
  Deviations worst("case B");
  worst.Absolute("LRT of the slope", "B2_rs", tests.DoublesOf("statistic")[0], expected["chisq"],
                 1e-5);
  worst.Absolute("-log10 p", "naive", tests.DoublesOf("neg_log10_p")[0],
                 -std::log10(expected["p"].get<double>()), 1e-6);
  worst.Absolute("-log10 p", "mixture", tests.DoublesOf("neg_log10_p")[1],
                 -std::log10(expected["p_mixture_chi2_1_2"].get<double>()), 1e-6);
  options.formula = "scl_dep ~ time + (1 | m_id/preg_id) + (1 | area)";
  const Table more = FitColumns(*data_, options).tables.at("comparisons");
  EXPECT_EQ(more.StringsOf("added"), (Table::Strings{"1 | m_id", "1 | m_id", "1 | preg_id:m_id",
                                                     "1 | preg_id:m_id", "1 | area", "1 | area"}));
  // lme4 1.1: differences of REML criteria without each term.
  const std::vector<double> lrt{118.69774061, 9.00959877, 9.80433691};
  for (size_t t = 0; t < lrt.size(); ++t) {
    worst.Absolute("LRT of a random effect", more.StringsOf("added")[2 * t],
                   more.DoublesOf("statistic")[2 * t], lrt[t], 1e-4);
  }
}

TEST_F(CaseB, JointFTestsOfInteractionsAndWaves) {
  Deviations worst("case B");
  const auto check = [&](const std::string& model, const std::vector<std::string>& last,
                         const json& expected, double df) {
    FitOptions options = Options(model);
    options.steps = {{}, last};
    const Table tests = FitColumns(*data_, options).tables.at("comparisons");
    const int64_t at = FindRow(tests, {{"test", "F-Satterthwaite"}});
    ASSERT_GE(at, 0) << model;
    const auto r = static_cast<size_t>(at);
    worst.Relative("F", model, tests.DoublesOf("statistic")[r], expected["F"], 1e-4);
    worst.Relative("df of F", model, tests.DoublesOf("df2")[r], expected["den_df"], 1e-3);
    EXPECT_EQ(tests.DoublesOf("df1")[r], df);
  };
  check("B6_inter", {"time:pgs_m", "time:pgs_f", "time:pgs_c"},
        (*reference_)["joint_F"]["B6_time_by_pgs"], 3);
  for (const auto& row : (*reference_)["anova_B5"]) {
    // wave:pgs of one member against a model without it; R's type III of a cell-means model.
    const std::string term = row["term"];
    if (term != "age" && term != "wave") check("B5_wave", {term}, row, 7);
  }
}

TEST_F(CaseB, PredictedRandomEffects) {
  FitOptions options = Options("B2_rs");
  options.model_options.blups = true;
  const FitResult fit = FitColumns(*data_, options);
  const Table& blups = fit.individual.at("blups");
  ASSERT_EQ(blups.rows(), 840u);
  Deviations worst("case B, ranef");
  const auto check = [&](const std::string& level, const char* term, const char* column,
                         double expected) {
    const int64_t row = FindRow(blups, {{"level", level}, {"term", term}});
    ASSERT_GE(row, 0) << level;
    worst.Absolute(column, level + " " + term, blups.DoublesOf(column)[static_cast<size_t>(row)],
                   expected, 1e-5);
  };
  for (const json& level : (*reference_)["ranef_B2_first10"]) {
    check(level["m_id"], "(Intercept)", "blup", level["intercept"]);
    check(level["m_id"], "time", "blup", level["slope"]);
  }
  for (size_t i = 0; i < 3; ++i) {
    const std::string level = (*reference_)["ranef_B2_first10"][i]["m_id"];
    const json& variance = (*reference_)["condvar_B2_first3"][i];
    check(level, "(Intercept)", "cond_sd", std::sqrt(variance[0][0].get<double>()));
    check(level, "time", "cond_sd", std::sqrt(variance[1][1].get<double>()));
  }
}

// Crossed factors: the conditional variances by the inverse written out.
TEST_F(CaseB, ConditionalVariancesOfCrossedEffects) {
  Tsv tsv = ReadTsv(ConformanceFile("data/b_waves.tsv"));
  tsv.rows.resize(400);
  const Table table = ToTable(tsv);
  FitOptions options;
  options.model = "lmm";
  options.formula = "scl_dep ~ age + (1 | m_id) + (1 | wave)";
  options.model_options.blups = true;
  const FitResult fit = FitColumns(table, options);
  ASSERT_TRUE(fit.failures.empty());
  const Table& varcomp = fit.tables.at("varcomp");
  const double mother = varcomp.DoublesOf("variance")[0], wave = varcomp.DoublesOf("variance")[1],
               residual = varcomp.DoublesOf("variance")[2];
  // Rows used, and their levels, as the table of effects names them.
  std::map<std::string, Eigen::Index> levels;
  const Table& blups = fit.individual.at("blups");
  for (size_t r = 0; r < blups.rows(); ++r) {
    levels[blups.StringsOf("level")[r]] = static_cast<Eigen::Index>(r);
  }
  const auto m = static_cast<Eigen::Index>(blups.rows());
  Eigen::MatrixXd precision = Eigen::MatrixXd::Zero(m, m);
  for (size_t r = 0; r < blups.rows(); ++r) {
    const auto i = static_cast<Eigen::Index>(r);
    precision(i, i) = 1 / (blups.StringsOf("group")[r] == "wave" ? wave : mother);
  }
  for (size_t r = 0; r < tsv.rows.size(); ++r) {
    if (tsv.At(r, "scl_dep") == "NA" || tsv.At(r, "age") == "NA") continue;
    const Eigen::Index a = levels.at(tsv.At(r, "m_id")), b = levels.at(tsv.At(r, "wave"));
    for (const auto i : {a, b}) {
      for (const auto j : {a, b}) precision(i, j) += 1 / residual;
    }
  }
  const Eigen::MatrixXd covariance = precision.inverse();
  for (size_t r = 0; r < blups.rows(); ++r) {
    const auto i = static_cast<Eigen::Index>(r);
    EXPECT_NEAR(blups.DoublesOf("cond_sd")[r], std::sqrt(covariance(i, i)), 1e-6);
  }
}

}  // namespace
}  // namespace kinflow::family::test
