// Case A of tests/conformance against R's lm, sandwich and clubSandwich: every value.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "stages/family/fit.h"
#include "stages/family/model.h"
#include "stages/family/nested.h"
#include "stages/family/vcov.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

json Reference() {
  std::ifstream file(ConformanceFile("ref/a_trio.json"));
  return json::parse(file);
}

// The cases all use the rows complete in these columns, as the script does.
Table CompleteRows() {
  Tsv tsv = ReadTsv(ConformanceFile("data/a_trio.tsv"));
  Tsv kept = tsv;
  kept.rows.clear();
  for (size_t r = 0; r < tsv.rows.size(); ++r) {
    bool complete = true;
    for (const char* name : {"scl_dep", "pgs_m", "pgs_f", "pgs_c"}) {
      complete = complete && tsv.At(r, name) != "NA";
    }
    if (complete) kept.rows.push_back(tsv.rows[r]);
  }
  return ToTable(kept);
}

const std::vector<std::string> kAllVcov{"const", "HC0", "HC1",  "HC2", "HC3",
                                        "CR0",   "CR1", "CR1S", "CR2", "CR3"};

class CaseA : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    reference_ = new json(Reference());
    data_ = new Table(CompleteRows());
  }
  static void TearDownTestSuite() {
    delete reference_;
    delete data_;
  }

  static FitResult Fit(const std::string& model, const std::vector<std::string>& contrasts = {}) {
    FitOptions options;
    options.formula = (*reference_)["formulas"][model];
    options.cluster = "m_id";
    options.vcov = kAllVcov;
    options.contrasts = contrasts;
    return FitColumns(*data_, options);
  }

  static json* reference_;
  static Table* data_;
};
json* CaseA::reference_ = nullptr;
Table* CaseA::data_ = nullptr;

TEST_F(CaseA, RowCounts) {
  EXPECT_EQ(ReadTsv(ConformanceFile("data/a_trio.tsv")).rows.size(), (*reference_)["n_rows"]);
  const FitResult fit = Fit("A2");
  EXPECT_EQ(fit.tables.at("estimates").IntsOf("n")[0], (*reference_)["n_used"]);
  EXPECT_EQ(fit.tables.at("estimates").IntsOf("n_clusters")[0], (*reference_)["n_clusters"]);
}

TEST_F(CaseA, EveryCoefficientAndCovariance) {
  const Tsv reference = ReadTsv(ConformanceFile("ref/a_trio_coef.tsv"));
  std::map<std::string, Table> tables;
  std::map<std::string, double> worst;
  std::set<std::string> terms;
  size_t compared_p = 0;
  for (size_t r = 0; r < reference.rows.size(); ++r) {
    const std::string model = reference.At(r, "model"), se_type = reference.At(r, "se_type"),
                      term = reference.At(r, "term");
    if (tables.count(model) == 0) tables[model] = Fit(model).tables.at("estimates");
    const Table& ours = tables[model];
    const int64_t row = FindRow(ours, {{"se_type", se_type}, {"term", term}});
    ASSERT_GE(row, 0) << model << " " << se_type << " " << term;
    const auto at = static_cast<size_t>(row);
    const auto check = [&](const char* column, double tolerance) {
      const double value = ours.DoublesOf(column)[at];
      const double expected = NumberOf(reference.At(r, column));
      const double error = RelativeError(value, expected);
      worst[column] = std::max(worst[column], error);
      EXPECT_LE(error, tolerance) << model << " " << se_type << " " << term << " " << column
                                  << ": ours " << FormatDouble(value) << ", reference "
                                  << FormatDouble(expected);
    };
    check("estimate", 1e-10);
    check("std_error", 1e-10);
    check("statistic", 2e-10);
    check("df", se_type == "CR2" ? 1e-6 : 0);
    // The limits may lie near zero: relative to the half width.
    for (const char* limit : {"conf_low", "conf_high"}) {
      const double half = NumberOf(reference.At(r, "std_error"));
      const double error = std::abs(ours.DoublesOf(limit)[at] - NumberOf(reference.At(r, limit)));
      worst[limit] = std::max(worst[limit], error / half);
      EXPECT_LE(error, (se_type == "CR2" ? 1e-6 : 1e-9) * half)
          << model << " " << se_type << " " << term << " " << limit;
    }
    const double p = NumberOf(reference.At(r, "p_value"));
    const double log_p = ours.DoublesOf("neg_log10_p")[at];
    // Below 2.2e-308 the reference itself is subnormal and has lost digits: there only the order of
    // magnitude is comparable (tails_test.cc has R's log.p values for that range).
    if (p >= 2.3e-308) {
      ++compared_p;
      worst["neg_log10_p"] = std::max(worst["neg_log10_p"], std::abs(log_p + std::log10(p)));
      EXPECT_NEAR(log_p, -std::log10(p), 1e-6) << model << " " << se_type << " " << term;
    } else {
      EXPECT_GT(log_p, 307.6);
    }
    terms.insert(model + se_type + term);
  }
  EXPECT_EQ(terms.size(), 460u);  // 46 coefficients x 10 estimators, each once
  EXPECT_EQ(compared_p, 410u);
  for (const auto& [column, error] : worst) {
    RecordProperty("worst_" + column, FormatDouble(error, 3));
    std::printf("  case A, %zu rows, largest deviation of %s: %.2g\n", terms.size(), column.c_str(),
                error);
  }
}

TEST_F(CaseA, ModelSummaries) {
  for (const auto& item : (*reference_)["model"].items()) {
    const std::string& name = item.key();
    const auto& expected = item.value();
    const FitResult fit = Fit(name);
    const Table& models = fit.tables.at("models");
    ASSERT_EQ(models.rows(), 1u);
    const auto check = [&](const char* ours, const char* key) {
      EXPECT_LE(RelativeError(models.DoublesOf(ours)[0], expected[key]), 1e-10)
          << name << " " << key;
    };
    check("deviance", "rss");
    check("sigma", "sigma");
    check("df_resid", "df_residual");
    check("r2", "r2");
    check("adj_r2", "adj_r2");
    check("logLik", "logLik");
    check("AIC", "AIC");
    check("BIC", "BIC");
    EXPECT_EQ(models.StringsOf("status")[0], "ok");
  }
}

TEST_F(CaseA, NestedTests) {
  for (const auto& expected : (*reference_)["nested"]) {
    const std::string full = expected["full"];
    std::vector<std::string> added;
    if (expected["added"].is_string()) {
      added = {expected["added"].get<std::string>()};
    } else {
      added = expected["added"].get<std::vector<std::string>>();
    }
    FitOptions options;
    options.formula = (*reference_)["formulas"][full];
    options.cluster = "m_id";
    options.vcov = {"HC3", "CR1S"};
    std::vector<std::string> first;
    const Formula formula = ParseFormula(options.formula);
    for (const auto& term : formula.terms) {
      const std::string label = formula.TermLabel(term);
      if (std::find(added.begin(), added.end(), label) == added.end()) first.push_back(label);
    }
    options.steps = {first, added};
    const Table tests = FitColumns(*data_, options).tables.at("comparisons");
    ASSERT_EQ(tests.rows(), 4u) << expected["label"];
    const auto check = [&](const std::string& test, const char* column, double reference) {
      const int64_t row = FindRow(tests, {{"test", test}});
      ASSERT_GE(row, 0) << test;
      const double ours = tests.DoublesOf(column)[static_cast<size_t>(row)];
      EXPECT_LE(RelativeError(ours, reference), 1e-9)
          << expected["label"] << " " << test << " " << column << " ours " << ours << " reference "
          << reference;
    };
    const auto check_p = [&](const std::string& test, double reference) {
      const int64_t row = FindRow(tests, {{"test", test}});
      EXPECT_NEAR(tests.DoublesOf("neg_log10_p")[static_cast<size_t>(row)], -std::log10(reference),
                  1e-6)
          << expected["label"] << " " << test;
    };
    for (const char* column : {"delta_r2", "partial_r2"}) check("F", column, expected[column]);
    check("F", "statistic", expected["F"]);
    check("F", "df1", expected["df1"]);
    check("F", "df2", expected["df2"]);
    check_p("F", expected["p"]);
    check("LRT", "statistic", expected["lrt_chisq"]);
    check_p("LRT", expected["lrt_p"]);
    for (const char* type : {"HC3", "CR1S"}) {
      const auto& wald = expected[std::string("wald_") + type];
      check(std::string("Wald-") + type, "statistic", wald["F"]);
      check(std::string("Wald-") + type, "df1", wald["df1"]);
      check(std::string("Wald-") + type, "df2", wald["df2"]);
      check_p(std::string("Wald-") + type, wald["p"]);
    }
  }
}

TEST_F(CaseA, LinearContrasts) {
  const std::vector<std::pair<std::string, std::string>> trio{
      {"M_minus_F", "pgs_m - pgs_f"}, {"F_minus_C", "pgs_f - pgs_c"}, {"sum_F_C", "pgs_f + pgs_c"}};
  const std::vector<std::pair<std::string, std::string>> transmission{
      {"TNT_child_via_m", "T_m - NT_m"},
      {"TNT_child_via_f", "T_f - NT_f"},
      {"TNT_parent_of_origin", "T_m - NT_m - T_f + NT_f"}};
  size_t checked = 0;
  for (const auto& [model, list] : {std::pair{"A2", trio}, std::pair{"A3_TNT", transmission}}) {
    std::vector<std::string> texts;
    for (const auto& entry : list) texts.push_back(entry.second);
    const Table ours = Fit(model, texts).tables.at("contrasts");
    for (const auto& [key, text] : list) {
      const auto& expected = (*reference_)["contrasts_CR1S"][key];
      const int64_t row = FindRow(ours, {{"contrast", text}, {"se_type", "CR1S"}});
      ASSERT_GE(row, 0) << key;
      const auto at = static_cast<size_t>(row);
      EXPECT_LE(RelativeError(ours.DoublesOf("estimate")[at], expected["estimate"]), 1e-9) << key;
      EXPECT_LE(RelativeError(ours.DoublesOf("std_error")[at], expected["se"]), 1e-9) << key;
      EXPECT_LE(RelativeError(ours.DoublesOf("statistic")[at], expected["t"]), 1e-9) << key;
      EXPECT_EQ(ours.DoublesOf("df")[at], expected["df"]) << key;
      EXPECT_NEAR(ours.DoublesOf("neg_log10_p")[at], -std::log10(expected["p"].get<double>()), 1e-6)
          << key;
      ++checked;
    }
  }
  EXPECT_EQ(checked, (*reference_)["contrasts_CR1S"].size());
}

TEST_F(CaseA, WholeCovarianceMatricesAndLeverages) {
  ModelFrame frame;
  frame.columns = *data_;
  frame.cluster = CodesOf(data_->column(static_cast<size_t>(data_->Find("m_id"))));
  for (const char* model : {"A2", "A3_TNT"}) {
    const Formula formula = ParseFormula((*reference_)["formulas"][model].get<std::string>());
    const auto rows = SelectRows(frame, formula.Columns()).rows;
    const Design design = BuildDesign(formula, frame, rows);
    const OlsFit fit = FitOls(design);
    for (const char* type : {"const", "HC3", "CR1S"}) {
      const Vcov ours = CovarianceOf(design, fit, *FindVcov(type));
      const auto& expected = (*reference_)["vcov"][model][type];
      for (size_t i = 0; i < design.k; ++i) {
        EXPECT_EQ(design.columns[i].name, expected["rownames"][i].get<std::string>());
        for (size_t j = 0; j < design.k; ++j) {
          // Off the diagonal relative to the two standard errors: small covariances cancel.
          const double scale = std::sqrt(ours.At(i, i) * ours.At(j, j));
          EXPECT_NEAR(ours.At(i, j), expected["values"][i][j].get<double>(), 1e-10 * scale)
              << model << " " << type << " " << i << " " << j;
        }
      }
    }
    if (std::string(model) != "A2") continue;
    double largest = 0, sum = 0;
    for (size_t r = 0; r < design.n; ++r) {
      double h = 0;
      for (size_t c = 0; c < fit.qr.rank; ++c) {
        h += fit.qr.q[c * design.n + r] * fit.qr.q[c * design.n + r];
      }
      largest = std::max(largest, h);
      sum += h;
    }
    EXPECT_LE(RelativeError(largest, (*reference_)["hat_max_A2"]), 1e-10);
    EXPECT_LE(RelativeError(sum, (*reference_)["hat_sum_A2"]), 1e-10);
  }
}

TEST_F(CaseA, VifAndStandardisedSlopes) {
  const FitResult fit = Fit("A2");
  const Table& estimates = fit.tables.at("estimates");
  for (const char* term : {"pgs_m", "pgs_f", "pgs_c"}) {
    const auto row =
        static_cast<size_t>(FindRow(estimates, {{"term", term}, {"se_type", "const"}}));
    EXPECT_LE(RelativeError(estimates.DoublesOf("vif")[row], (*reference_)["vif_A2"][term]), 1e-9);
    EXPECT_LE(
        RelativeError(estimates.DoublesOf("std_estimate")[row], (*reference_)["std_beta_A2"][term]),
        1e-9);
  }
}

}  // namespace
}  // namespace kinflow::family::test
