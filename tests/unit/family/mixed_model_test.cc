// Mixed models: ways to the same number, invariances, boundaries and faults.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <numbers>
#include <thread>

#include "pipeline/base/error.h"
#include "stages/family/fit.h"
#include "stages/family/mixed/newton.h"
#include "stages/family/mixed/projection.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Normal numbers from a counter, so that every test builds its own data.
class Noise {
 public:
  double operator()() {
    const double u = Uniform(), v = Uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
  }
  double Uniform() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (static_cast<double>(state_ >> 11) + 0.5) / 9007199254740992.0;
  }

 private:
  uint64_t state_ = 1;
};

struct Data {
  Table::Doubles y, x, time;
  Table::Strings inner, outer, crossed, single, row;
  Table ToColumns() const {
    Table table;
    table.Add("y", y);
    table.Add("x", x);
    table.Add("time", time);
    table.Add("inner", inner);
    table.Add("outer", outer);
    table.Add("crossed", crossed);
    table.Add("single", single);
    table.Add("row", row);
    return table;
  }
};

// 40 outer groups of 1 to 3 inner ones of 2 to 5 rows, rows of an inner group not side by side.
Data Simulate() {
  Noise noise;
  Data out;
  std::vector<double> crossed(7);
  for (double& c : crossed) c = 0.5 * noise();
  int inner = 0, row = 0;
  for (int o = 0; o < 40; ++o) {
    const double a = noise(), slope = 0.3 * noise();
    for (int i = 0; i < 1 + o % 3; ++i, ++inner) {
      const double b = 0.6 * noise();
      for (int r = 0; r < 2 + (o + i) % 4; ++r, ++row) {
        const size_t c = static_cast<size_t>(noise.Uniform() * 7);
        out.x.push_back(noise());
        out.time.push_back(r);
        out.y.push_back(1 + 0.4 * out.x.back() + a + (0.1 + slope) * r + b + crossed[c] +
                        0.7 * noise());
        out.outer.push_back("o" + std::to_string(o));
        out.inner.push_back("i" + std::to_string(inner));
        out.crossed.push_back("c" + std::to_string(c));
        out.single.push_back("s");
        out.row.push_back("r" + std::to_string(row));
      }
    }
  }
  return out;
}

RandomDesign RandomOf(const Table& table, const std::string& terms) {
  ModelFrame frame;
  frame.columns = table;
  std::vector<uint32_t> rows;
  for (uint32_t r = 0; r < table.rows(); ++r) rows.push_back(r);
  return BuildRandomEffects(ParseFormula("y ~ x + " + terms), frame, rows);
}

// W'V^-1 W and ln |V| with V written out.
Projected Dense(const RandomDesign& random, const MatrixXd& w, const VectorXd& theta) {
  MatrixXd v = MatrixXd::Identity(w.rows(), w.rows());
  size_t at = 0;
  for (const auto& block : random.blocks) {
    const MatrixXd lower = LowerFactor(theta, at, block.q());
    at += block.thetas();
    const Eigen::Map<const MatrixXd> z(block.z.data(), w.rows(), static_cast<Index>(block.q()));
    for (Index i = 0; i < w.rows(); ++i) {
      for (Index j = 0; j < w.rows(); ++j) {
        if (block.level[static_cast<size_t>(i)] != block.level[static_cast<size_t>(j)]) continue;
        v(i, j) += z.row(i) * lower * lower.transpose() * z.row(j).transpose();
      }
    }
  }
  const Eigen::LLT<MatrixXd> llt(v);
  return {2 * llt.matrixLLT().diagonal().array().log().sum(), w.transpose() * llt.solve(w)};
}

void ExpectSame(const Projected& ours, const Projected& expected, const std::string& what) {
  EXPECT_NEAR(ours.log_det, expected.log_det, 1e-10 * std::abs(expected.log_det)) << what;
  EXPECT_LE((ours.m - expected.m).cwiseAbs().maxCoeff(), 1e-11 * expected.m.cwiseAbs().maxCoeff())
      << what;
}

TEST(Projection, ClosedFormsAndSparseFactorsEqualTheDenseCovariance) {
  const Table table = Simulate().ToColumns();
  const auto n = static_cast<Index>(table.rows());
  MatrixXd w(n, 3);
  w.col(0) = Eigen::Map<const VectorXd>(table.DoublesOf("x").data(), n);
  w.col(1).setOnes();
  w.col(2) = Eigen::Map<const VectorXd>(table.DoublesOf("y").data(), n);
  const std::pair<const char*, std::vector<double>> cases[] = {
      {"(1 | outer)", {1.3}},
      {"(1 | outer)", {-1.3}},
      {"(1 | outer)", {0}},
      {"(1 + time | outer)", {1.1, -0.2, 0.5}},
      {"(1 + time + x | inner)", {1.1, -0.2, 0.5, 0.4, 0, 0.2}},
      {"(1 | outer/inner)", {0.7, 1.2}},
      {"(1 | outer) + (1 | crossed)", {0.7, 1.2}},
      {"(1 + time || outer)", {0.7, 1.2}},
      {"(1 + time | outer) + (1 | inner) + (1 | crossed)", {0.6, 1.1, -0.2, 0.5, 0.3}}};
  for (const auto& [terms, values] : cases) {
    const RandomDesign random = RandomOf(table, terms);
    ASSERT_EQ(random.thetas(), values.size()) << terms;
    const VectorXd theta =
        Eigen::Map<const VectorXd>(values.data(), static_cast<Index>(values.size()));
    const Projected expected = Dense(random, w, theta);
    Projected ours;
    MakeProjection(random, w)->Evaluate(theta, ours);
    ExpectSame(ours, expected, terms);
    ProjectSparse(random, w)->Evaluate(theta, ours);
    ExpectSame(ours, expected, std::string("sparse ") + terms);
  }
  EXPECT_TRUE(AreNestedIntercepts(RandomOf(table, "(1 | outer/inner)")));
  EXPECT_TRUE(AreNestedIntercepts(RandomOf(table, "(1 | inner) + (1 | outer)")));
  EXPECT_FALSE(AreNestedIntercepts(RandomOf(table, "(1 | outer) + (1 | crossed)")));
  EXPECT_FALSE(AreNestedIntercepts(RandomOf(table, "(1 + time || outer)")));
}

TEST(Newton, FindsTheMinimumOfRosenbrocksValley) {
  const auto valley = [](const VectorXd& x) {
    return 100 * std::pow(x(1) - x(0) * x(0), 2) + std::pow(1 - x(0), 2);
  };
  const NewtonResult result = MinimiseByNewton(valley, VectorXd::Constant(2, -1.0));
  EXPECT_TRUE(result.converged);
  EXPECT_NEAR(result.x(0), 1, 1e-6);
  EXPECT_NEAR(result.x(1), 1, 1e-6);
}

TEST(Newton, LeavesASaddle) {
  const auto saddle = [](const VectorXd& x) { return x(0) * x(0) + std::pow(x(1) * x(1) - 1, 2); };
  const NewtonResult result = MinimiseByNewton(saddle, VectorXd::Zero(2));  // gradient is zero here
  EXPECT_TRUE(result.converged);
  EXPECT_NEAR(std::abs(result.x(1)), 1, 1e-6);
}

FitResult Fit(const Table& table, const std::string& formula) {
  FitOptions options;
  options.model = "lmm";
  options.formula = formula;
  return FitColumns(table, options);
}

TEST(MixedModel, SameBitsInEveryThread) {
  const Table table = Simulate().ToColumns();
  const std::string formula = "y ~ x + time + (1 + time | outer) + (1 | inner) + (1 | crossed)";
  std::vector<Table::Doubles> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back(
        [&] { result = Fit(table, formula).tables.at("estimates").DoublesOf("std_error"); });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

TEST(MixedModel, UnitsOfASlopeAndOrderOfRowsDoNotMatter) {
  Data data = Simulate();
  const std::string formula = "y ~ x + time + (1 + time | outer)";
  const FitResult plain = Fit(data.ToColumns(), formula);
  for (double& t : data.time) t *= 1e5;
  const auto reverse = [](auto& column) { std::reverse(column.begin(), column.end()); };
  reverse(data.y), reverse(data.x), reverse(data.time), reverse(data.outer);
  const FitResult other = Fit(data.ToColumns(), formula);
  const auto value = [](const FitResult& fit, const char* table, const char* column, size_t row) {
    return fit.tables.at(table).DoublesOf(column)[row];
  };
  EXPECT_NEAR(value(plain, "estimates", "estimate", 1), value(other, "estimates", "estimate", 1),
              1e-8);
  EXPECT_NEAR(value(plain, "estimates", "df", 2), value(other, "estimates", "df", 2), 1e-4);
  for (size_t row = 0; row < 4; ++row) {
    const double unit[] = {1, 1e10, 1e5, 1};
    EXPECT_LE(RelativeError(value(other, "varcomp", "variance", row) * unit[row],
                            value(plain, "varcomp", "variance", row)),
              1e-5);
  }
}

// Years are one model with years about their mean; effects predicted are those at year 0.
TEST(MixedModel, OriginOfASlopeDoesNotMatter) {
  Data data = Simulate();
  FitOptions options;
  options.model = "lmm";
  options.formula = "y ~ x + time + (1 + time | outer)";
  options.model_options.blups = true;
  const FitResult plain = FitColumns(data.ToColumns(), options);
  for (double& t : data.time) t += 2000;
  const FitResult far = FitColumns(data.ToColumns(), options);
  ASSERT_TRUE(far.failures.empty()) << far.failures[0].Format();
  const auto value = [](const FitResult& fit, const char* table, const char* column, size_t row) {
    return fit.tables.at(table).DoublesOf(column)[row];
  };
  EXPECT_NEAR(value(plain, "models", "criterion", 0), value(far, "models", "criterion", 0), 1e-6);
  for (size_t row = 1; row < 3; ++row) {
    EXPECT_NEAR(value(plain, "estimates", "estimate", row),
                value(far, "estimates", "estimate", row), 1e-6);
    EXPECT_LE(RelativeError(value(far, "estimates", "std_error", row),
                            value(plain, "estimates", "std_error", row)),
              1e-5);
    EXPECT_LE(
        RelativeError(value(far, "estimates", "df", row), value(plain, "estimates", "df", row)),
        1e-3);
  }
  EXPECT_LE(
      RelativeError(value(far, "varcomp", "variance", 1), value(plain, "varcomp", "variance", 1)),
      1e-4);
  EXPECT_EQ(far.tables.at("models").StringsOf("singular")[0],
            plain.tables.at("models").StringsOf("singular")[0]);
  const Table &near = plain.individual.at("blups"), &moved = far.individual.at("blups");
  ASSERT_EQ(near.rows(), moved.rows());
  const auto& term = near.StringsOf("term");
  for (size_t r = 0; r < near.rows(); ++r) {
    if (term[r] != "time") continue;
    EXPECT_NEAR(near.DoublesOf("blup")[r], moved.DoublesOf("blup")[r], 1e-4);
  }
}

TEST(MixedModel, BalancedOneWayEqualsTheAnalysisOfVariance) {
  // REML of a balanced one-way layout: sigma^2 = MSW, variance = (MSB - MSW) / size.
  Noise noise;
  Table::Doubles y;
  Table::Strings g;
  const int groups = 30, size = 4;
  std::vector<double> means;
  double within = 0, grand = 0;
  for (int i = 0; i < groups; ++i) {
    const double a = noise();
    double mean = 0;
    for (int r = 0; r < size; ++r) {
      y.push_back(a + noise());
      g.push_back("g" + std::to_string(i));
      mean += y.back() / size;
    }
    for (int r = 0; r < size; ++r)
      within += std::pow(y[y.size() - 1 - static_cast<size_t>(r)] - mean, 2);
    means.push_back(mean);
    grand += mean / groups;
  }
  double between = 0;
  for (const double m : means) between += size * (m - grand) * (m - grand);
  const double msw = within / (groups * (size - 1)), msb = between / (groups - 1);
  Table table;
  table.Add("y", y);
  table.Add("g", g);
  const FitResult fit = Fit(table, "y ~ 1 + (1 | g)");
  EXPECT_NEAR(fit.tables.at("varcomp").DoublesOf("variance")[0], (msb - msw) / size, 1e-6);
  EXPECT_NEAR(fit.tables.at("varcomp").DoublesOf("variance")[1], msw, 1e-6);
  EXPECT_NEAR(fit.tables.at("estimates").DoublesOf("estimate")[0], grand, 1e-10);
  EXPECT_NEAR(fit.tables.at("estimates").DoublesOf("std_error")[0],
              std::sqrt(msb / (groups * size)), 1e-7);
  EXPECT_NEAR(fit.tables.at("estimates").DoublesOf("df")[0], groups - 1, 1e-3);
}

TEST(MixedModel, AliasedColumnsKeepARow) {
  Data data = Simulate();
  Table table = data.ToColumns();
  Table::Doubles twice;
  for (const double x : data.x) twice.push_back(2 * x + 1);
  table.Add("twice", twice);
  const FitResult fit = Fit(table, "y ~ x + twice + (1 | outer)");
  const Table& estimates = fit.tables.at("estimates");
  EXPECT_EQ(estimates.StringsOf("reason")[2], "aliased");
  EXPECT_TRUE(std::isnan(estimates.DoublesOf("estimate")[2]));
  EXPECT_FALSE(std::isnan(estimates.DoublesOf("estimate")[1]));
  ASSERT_EQ(fit.warnings.size(), 1u);
  EXPECT_NE(fit.warnings[0].find("twice"), std::string::npos);
}

TEST(MixedModel, FaultsOfTheDataFailTheModelAndSayWhy) {
  Data data = Simulate();
  Table table = data.ToColumns();
  table.Add("constant", Table::Doubles(table.rows(), 3.0));
  Table::Doubles group_mean, few(table.rows(), std::nan("")), empty(table.rows(), std::nan(""));
  for (const auto& name : data.outer)
    group_mean.push_back(static_cast<double>(name.size() * 7 + name.back() % 5));
  for (size_t r = 0; r < 5; ++r) few[r] = data.x[r];
  table.Add("group_mean", group_mean);
  table.Add("few", few);
  table.Add("empty", empty);
  const struct {
    const char* formula;
    ErrorId id;
    const char* what;
  } faults[] = {
      {"y ~ x + (1 | single)", ErrorId::kModelFailed, "one level"},
      {"y ~ x + (1 | row)", ErrorId::kModelFailed,
       "every level of grouping factor row has one row"},
      {"y ~ x + (1 + time * x | inner)", ErrorId::kModelFailed, "effects for"},
      {"constant ~ x + (1 | outer)", ErrorId::kConstantOutcome, "same value"},
      {"group_mean ~ x + (1 | outer)", ErrorId::kModelFailed, "no residual variance"},
      {"y ~ constant + (1 | outer)", ErrorId::kNoEstimableTerm, "no term can be estimated"},
      {"y ~ empty + (1 | outer)", ErrorId::kAllMissing, "no value"},
      {"y ~ few + x + time + (1 | outer)", ErrorId::kTooFewRows, "fewer than 10 complete rows"},
      {"outer ~ x + (1 | inner)", ErrorId::kModelFailed, "is text"}};
  for (const auto& fault : faults) {
    const FitResult fit = Fit(table, fault.formula);
    ASSERT_EQ(fit.failures.size(), 1u) << fault.formula;
    EXPECT_EQ(fit.failures[0].id(), fault.id) << fault.formula << fit.failures[0].Format();
    EXPECT_NE(fit.failures[0].message().find(fault.what), std::string::npos)
        << fault.formula << " -> " << fit.failures[0].message();
    EXPECT_FALSE(fit.failures[0].Advice().empty()) << fault.formula;
    EXPECT_EQ(fit.tables.at("models").StringsOf("status")[0], "failed");
    EXPECT_EQ(fit.tables.at("estimates").rows(), 0u);
  }
}

TEST(MixedModel, FaultsOfTheSpecAreRefused) {
  const Table table = Simulate().ToColumns();
  const auto refused = [&](const std::string& model, const std::string& formula,
                           const std::string& cluster, const std::vector<std::string>& vcov) {
    FitOptions options;
    options.model = model;
    options.formula = formula;
    options.cluster = cluster;
    options.vcov = vcov;
    try {
      FitColumns(table, options);
    } catch (const Error& error) {
      EXPECT_FALSE(error.Advice().empty());
      return error.message();
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refused("lmm", "y ~ x", "", {}), "model lmm needs a random term");
  EXPECT_EQ(refused("ols", "y ~ x + (1 | outer)", "", {}), "model ols takes no random terms");
  EXPECT_EQ(refused("lmm", "y ~ x + (1 | outer)", "inner", {}), "model lmm takes no cluster");
  EXPECT_EQ(refused("lmm", "y ~ x + (1 | outer)", "", {"HC3"}),
            "model lmm has standard errors of its own only");
  EXPECT_EQ(refused("lmm", "y ~ x + (1 | outher)", "", {}),
            "the model names a column that does not exist");
}

// lmer keeps what one term brings correlated under ||: those would be other models than ours.
TEST(MixedModel, TermsOfSeveralEffectsAreNotMadeUncorrelated) {
  for (const std::string term : {"crossed", "x + crossed", "x:crossed", "poly(x, 2)"}) {
    FitOptions options;
    options.model = "lmm";
    options.formula = "y ~ x + time + (" + term + " || outer)";
    const FitResult fit = FitColumns(Simulate().ToColumns(), options);
    ASSERT_EQ(fit.failures.size(), 1u) << term;
    const std::string label = term == "x + crossed" ? "crossed" : term;
    EXPECT_EQ(fit.failures[0].id(), ErrorId::kModelFailed) << term;
    EXPECT_EQ(fit.failures[0].value(), label);
    EXPECT_NE(fit.failures[0].remedy().find("(" + label + " | outer)"), std::string::npos)
        << fit.failures[0].remedy();
  }
}

}  // namespace
}  // namespace kinflow::family::test
