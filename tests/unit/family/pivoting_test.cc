// Random slopes beside intercepts without variance: the search turns to the order of effects that
// has no bent valley.
#include "stages/family/mixed/pivoting.h"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <numbers>

#include "stages/family/fit.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

// Normal numbers from a counter.
class Noise {
 public:
  double operator()() {
    const double u = Uniform(), v = Uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
  }

 private:
  double Uniform() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (static_cast<double>(state_ >> 11) + 0.5) / 9007199254740992.0;
  }
  uint64_t state_ = 1;
};

// Slopes vary, intercepts do not.
Table SlopesOnly(int skipped) {
  Noise noise;
  for (int i = 0; i < skipped; ++i) noise();
  Table::Doubles y, x;
  Table::Strings group;
  for (int g = 0; g < 30; ++g) {
    const double slope = 0.3 + 0.3 * noise();
    for (int i = 0; i < 6; ++i) {
      x.push_back(noise());
      y.push_back(slope * x.back() + noise());
      group.push_back("g" + std::to_string(g));
    }
  }
  Table table;
  table.Add("y", y);
  table.Add("x", x);
  table.Add("one", Table::Doubles(y.size(), 1.0));
  table.Add("g", group);
  return table;
}

FitResult Fit(const Table& table, const std::string& formula) {
  FitOptions options;
  options.model = "lmm";
  options.formula = formula;
  return FitColumns(table, options);
}

double Criterion(const FitResult& fit) { return fit.tables.at("models").DoublesOf("criterion")[0]; }

// A variance, or with `other` a covariance.
double VarianceOf(const FitResult& fit, const std::string& term, const std::string& other = "NA") {
  const Table& table = fit.tables.at("varcomp");
  const int64_t row = FindRow(table, {{"group", "g"}, {"term1", term}, {"term2", other}});
  EXPECT_GE(row, 0) << term;
  return row < 0 ? std::nan("") : table.DoublesOf("variance")[static_cast<size_t>(row)];
}

class Pivoting : public ::testing::TestWithParam<std::pair<int, double>> {};

// Criteria of lme4 1.1-31 (bobyqa, rhoend 1e-9). The last one did not converge within 1,000 steps.
TEST_P(Pivoting, SlopesBesideInterceptsWithoutVarianceConverge) {
  const auto [skipped, criterion] = GetParam();
  const FitResult fit = Fit(SlopesOnly(skipped), "y ~ x + (1 + x | g)");
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].OneLine();
  EXPECT_NEAR(Criterion(fit), criterion, 1e-6);
  EXPECT_LT(fit.tables.at("models").IntsOf("iterations")[0], 150);
}

// The same model with its effects written in the order that is easy to find.
TEST_P(Pivoting, OrderOfEffectsDoesNotMatter) {
  const Table table = SlopesOnly(GetParam().first);
  const FitResult given = Fit(table, "y ~ x + (1 + x | g)");
  const FitResult easy = Fit(table, "y ~ x + (0 + x + one | g)");
  ASSERT_TRUE(given.failures.empty()) << given.failures[0].OneLine();
  ASSERT_TRUE(easy.failures.empty()) << easy.failures[0].OneLine();
  EXPECT_NEAR(Criterion(given), Criterion(easy), 1e-8);
  for (const char* column : {"estimate", "std_error", "df"}) {
    const auto& ours = given.tables.at("estimates").DoublesOf(column);
    const auto& other = easy.tables.at("estimates").DoublesOf(column);
    ASSERT_EQ(ours.size(), other.size());
    for (size_t i = 0; i < ours.size(); ++i) {
      EXPECT_NEAR(ours[i], other[i], 1e-6 * (1 + std::abs(other[i]))) << column << " " << i;
    }
  }
  EXPECT_NEAR(VarianceOf(given, "x"), VarianceOf(easy, "x"), 1e-6);
  EXPECT_NEAR(VarianceOf(given, "(Intercept)"), VarianceOf(easy, "one"), 1e-8);
  EXPECT_NEAR(VarianceOf(given, "(Intercept)", "x"), VarianceOf(easy, "x", "one"), 1e-7);
}

INSTANTIATE_TEST_SUITE_P(Slopes, Pivoting,
                         ::testing::Values(std::pair{434, 498.1908863}, std::pair{654, 543.9505129},
                                           std::pair{1059, 526.9000603},
                                           std::pair{7037, 543.5412563}));

// Effects as given are back times those here: columns as given times back are those here, of a
// slope that was centred too. Variances at theta fall.
TEST(Pivoting, ColumnsAndWayBackAgree) {
  Noise noise;
  RandomDesign random;
  random.n = 12;
  RandomBlock block;
  block.terms = {"(Intercept)", "year", "x"};
  for (size_t i = 0; i < 12; ++i) block.level.push_back(static_cast<uint32_t>(i / 4));
  block.first_row = {0, 4, 8};
  for (int i = 0; i < 12; ++i) block.z.push_back(1);
  for (int i = 0; i < 12; ++i) block.z.push_back(2000 + i % 4);
  for (int i = 0; i < 12; ++i) block.z.push_back(noise());
  random.blocks.push_back(block);
  const CentredEffects centred = CentreSlopes(random);
  ASSERT_TRUE(centred.AnyCentred());
  Eigen::VectorXd theta(6);
  theta << 1e-4, 0.1, -0.5, 0.2, 0.1, 0.3;  // rows: 1e-4; 0.1 0.2; -0.5 0.1 0.3
  const auto pivoted = ByFallingVariance(centred, theta);
  ASSERT_TRUE(pivoted.has_value());
  EXPECT_EQ(pivoted->random.blocks[0].terms,
            (std::vector<std::string>{"x", "year", "(Intercept)"}));
  const Eigen::Map<const Eigen::MatrixXd> given(block.z.data(), 12, 3);
  const Eigen::Map<const Eigen::MatrixXd> here(pivoted->random.blocks[0].z.data(), 12, 3);
  EXPECT_LT((given * pivoted->back[0] - here).cwiseAbs().maxCoeff(), 1e-9);
  theta << 1, 0.1, 0.1, 0.5, 0.1, 0.3;
  EXPECT_FALSE(ByFallingVariance(centred, theta).has_value());
}

}  // namespace
}  // namespace kinflow::family::test
