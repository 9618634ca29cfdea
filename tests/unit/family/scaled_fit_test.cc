// Scaled differences of chi-squares and scaled and robust indices of data that are not normal,
// against lavaan 0.6-14 on case D with exp(x / 4) for x1 to x4 and y1 to y4, and two rows a
// cluster:
//   m <- function(paths) lavaan(paths, d, missing = "ML", estimator = "MLR", int.ov.free = TRUE,
//                               em.h1.tol = 1e-9, em.h1.iter.max = 2000, cluster = "pair")
//   lavTestLRT(m(free), m(equal_lags)); lavTestLRT(m(free), m(clpm)); fitMeasures(m(equal_lags))
// without `cluster` for the first of each pair of columns; `paths` are the table's formulas.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "stages/family/fit.h"
#include "tests/unit/family/deviations.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

Table SkewedWomen() {
  const Table women = ToTable(ReadTsv(ConformanceFile("data/d_riclpm4.tsv")));
  Table out;
  for (const std::string series : {"x", "y"}) {
    for (const std::string wave : {"1", "2", "3", "4"}) {
      Table::Doubles values = women.DoublesOf(series + wave);
      for (double& v : values) v = std::exp(v / 4);
      out.Add(series + wave, std::move(values));
    }
  }
  out.Add("prenatal", women.DoublesOf("prenatal"));
  Table::Ints pair;
  for (size_t r = 0; r < women.rows(); ++r) pair.push_back(static_cast<int64_t>(r / 2));
  out.Add("pair", std::move(pair));
  return out;
}

FitOptions Options(std::vector<std::string> vcov) {
  FitOptions options;
  options.model = "riclpm";
  options.model_options.x = {"x1", "x2", "x3", "x4"};
  options.model_options.y = {"y1", "y2", "y3", "y4"};
  options.model_options.variants = {"free", "equal_lags", "clpm"};
  options.vcov = std::move(vcov);
  return options;
}

struct ScaledCase {
  const char* name;
  bool predictor, clustered;
  double equal_lags, equal_lags_p, clpm;                      // scaled differences
  std::vector<std::pair<const char*, double>> of_equal_lags;  // columns of `fit`
};

class ScaledFit : public ::testing::TestWithParam<ScaledCase> {};

TEST_P(ScaledFit, AsLavaan) {
  const ScaledCase& c = GetParam();
  FitOptions options = Options({"robust"});
  if (c.predictor) options.model_options.predictors = {"prenatal"};
  if (c.clustered) options.cluster = "pair";
  const FitResult fit = FitColumns(SkewedWomen(), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const Table &tests = fit.tables.at("comparisons"), &indices = fit.tables.at("fit");
  EXPECT_EQ(tests.StringsOf("test"), (Table::Strings{"LRT-scaled", "LRT-scaled", "chibar-scaled"}));
  Deviations worst(std::string("scaled tests, ") + c.name);
  worst.Relative("difference", "equal_lags", tests.DoublesOf("statistic")[0], c.equal_lags, 1e-4);
  worst.Relative("p", "equal_lags", tests.DoublesOf("p")[0], c.equal_lags_p, 1e-3);
  worst.Relative("difference", "clpm", tests.DoublesOf("statistic")[1], c.clpm, 1e-4);
  EXPECT_EQ(tests.DoublesOf("statistic")[2], tests.DoublesOf("statistic")[1]);
  EXPECT_LT(tests.DoublesOf("p")[2], tests.DoublesOf("p")[1]);
  for (const auto& [column, expected] : c.of_equal_lags) {
    const double tolerance = expected > 2 ? 1e-4 * expected : 1e-4;
    worst.Absolute(column, c.name, indices.DoublesOf(column)[1], expected, tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Women, ScaledFit,
                         ::testing::Values(ScaledCase{"rows",
                                                      false,
                                                      false,
                                                      12.8334001227,
                                                      0.117711794473,
                                                      212.712211116,
                                                      {{"chisq_scaled", 20.9412488509},
                                                       {"baseline_chisq_scaled", 721.72866887},
                                                       {"baseline_scaling_factor", 1.59626071257},
                                                       {"cfi", 0.984198418856},
                                                       {"cfi_scaled", 0.99431874589},
                                                       {"tli_scaled", 0.99064264029},
                                                       {"rmsea_scaled", 0.0255912109572},
                                                       {"rmsea_low_scaled", 0},
                                                       {"rmsea_high_scaled", 0.0507037409843},
                                                       {"rmsea_p_scaled", 0.944112648023},
                                                       {"cfi_robust", 0.995121337738},
                                                       {"tli_robust", 0.991964556274},
                                                       {"rmsea_robust", 0.0342281662955},
                                                       {"rmsea_low_robust", 0},
                                                       {"rmsea_high_robust", 0.0839373079448},
                                                       {"rmsea_p_robust", 0.642523161851}}},
                                           ScaledCase{"clusters",
                                                      false,
                                                      true,
                                                      12.5460212164,
                                                      0.128453645618,
                                                      153.547369809,
                                                      {{"chisq_scaled", 20.8183284955},
                                                       {"cfi_scaled", 0.994472911995},
                                                       {"rmsea_scaled", 0.025188978318},
                                                       {"cfi_robust", 0.995201870393},
                                                       {"rmsea_robust", 0.033942911237},
                                                       {"rmsea_high_robust", 0.0838647245679}}},
                                           ScaledCase{"predictor",
                                                      true,
                                                      false,
                                                      13.640760907,
                                                      0.0916228777263,
                                                      194.477242981,
                                                      {{"chisq_scaled", 21.321946848},
                                                       {"baseline_chisq_scaled", 821.383363862},
                                                       {"cfi_scaled", 0.994497022668},
                                                       {"tli_scaled", 0.988346636239},
                                                       {"rmsea_scaled", 0.0265744325502},
                                                       {"rmsea_high_scaled", 0.051422618314},
                                                       {"cfi_robust", 0.99501972512},
                                                       {"tli_robust", 0.989453535547},
                                                       {"rmsea_robust", 0.034879543443},
                                                       {"rmsea_high_robust", 0.0834899665622},
                                                       {"rmsea_p_robust", 0.640087083288}}},
                                           ScaledCase{"predictor_clusters",
                                                      true,
                                                      true,
                                                      13.3825954964,
                                                      0.099346204667,
                                                      145.207812665,
                                                      {{"chisq_scaled", 21.150250807},
                                                       {"cfi_scaled", 0.994711652812},
                                                       {"cfi_robust", 0.995112757714},
                                                       {"rmsea_robust", 0.0345526388659},
                                                       {"rmsea_p_robust", 0.642782321293}}}),
                         [](const auto& test) { return test.param.name; });

TEST(ScaledFit, BothKindsOfErrorsHaveTheirTests) {
  FitOptions options = Options({"model", "robust"});
  options.model_options.variants = {"free", "equal_lags"};
  const FitResult both = FitColumns(SkewedWomen(), options);
  const Table& tests = both.tables.at("comparisons");
  EXPECT_EQ(tests.StringsOf("test"), (Table::Strings{"LRT", "LRT-scaled"}));
  EXPECT_GT(tests.DoublesOf("statistic")[0], tests.DoublesOf("statistic")[1]);
  options.vcov = {"model"};
  const FitResult plain = FitColumns(SkewedWomen(), options);
  EXPECT_EQ(plain.tables.at("comparisons").StringsOf("test"), (Table::Strings{"LRT"}));
  EXPECT_TRUE(std::isnan(plain.tables.at("fit").DoublesOf("cfi_scaled")[0]));
  EXPECT_TRUE(std::isnan(plain.tables.at("fit").DoublesOf("rmsea_robust")[0]));
}

}  // namespace
}  // namespace kinflow::family::test
