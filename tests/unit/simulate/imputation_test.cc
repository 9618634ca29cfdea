// Imputed dosages against the truth that lies under them.
#include "stages/simulate/imputation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/simulate/random_streams.h"
#include "tests/support/test_data.h"
#include "tests/unit/simulate/simulate_support.h"

namespace kinflow::test {
namespace {

struct Law {
  double frequency, r2;
};

class PosteriorLaw : public ::testing::TestWithParam<Law> {};

TEST_P(PosteriorLaw, IsCalibratedAndHasTheTargetR2) {
  const auto [f, r2] = GetParam();
  const simulate::PosteriorTable table(f, r2);
  Philox rng(77, 1);
  const int n = 4000000;
  double sum_a = 0, sum_h = 0, sum_hh = 0, sum_ah = 0;
  std::array<double, 5> allele{}, posterior{}, count{};  // by fifths of the posterior
  for (int i = 0; i < n; ++i) {
    const bool a = rng.Uniform() < f;
    const double h = table.Draw(a, static_cast<uint32_t>(rng.Next64()) & 0xFFFFFF) / 1000.0;
    sum_a += a, sum_h += h, sum_hh += h * h, sum_ah += a * h;
    const size_t bin = std::min<size_t>(4, static_cast<size_t>(h * 5));
    allele[bin] += a, posterior[bin] += h, count[bin] += 1;
  }
  const double ma = sum_a / n, mh = sum_h / n;
  const double var_h = sum_hh / n - mh * mh, cov = sum_ah / n - ma * mh;
  const double corr2 = cov * cov / (var_h * ma * (1 - ma));
  EXPECT_NEAR(corr2, r2, 0.02);
  EXPECT_NEAR(var_h / (mh * (1 - mh)), r2, 0.02);
  for (size_t b = 0; b < 5; ++b) {
    if (count[b] < 100) continue;
    const double p = posterior[b] / count[b];
    // 5 binomial standard errors and half a unit of the rounding to thousandths.
    EXPECT_NEAR(allele[b] / count[b], p, 5 * std::sqrt(p * (1 - p) / count[b]) + 5e-4)
        << "fifth " << b;
  }
}

INSTANTIATE_TEST_SUITE_P(Grid, PosteriorLaw,
                         ::testing::Values(Law{0.3, 0.9}, Law{0.3, 0.5}, Law{0.05, 0.8},
                                           Law{0.005, 0.8}, Law{0.9, 0.7}, Law{0.5, 0.99}));

std::vector<std::vector<double>> Query(const std::string& bcftools, const std::string& path,
                                       const std::string& item) {
  std::string text;
  if (RunCommand(fmt::format("{} query -f '[%{} ]\\n' {}", bcftools, item, path), &text) != 0) {
    throw std::runtime_error(text);
  }
  std::vector<std::vector<double>> rows;
  for (const auto line : Lines(text)) {
    auto& row = rows.emplace_back();
    for (const auto f : SplitBlanks(line)) row.push_back(ParseDouble(f).value());
  }
  return rows;
}

TEST(Imputation, DosagesOfAFileHaveTheTargetR2) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  SimulateOptions o;
  o.trios = 800;
  o.variants = 500;
  o.chromosomes = 1;
  o.seed = 8;
  o.typed_fraction = 0;
  o.r2 = 0.8;
  o.r2_spread = 0.05;
  o.fields = {SimulateField::kGt, SimulateField::kDs};
  o.out = TempFolder() + "/i";
  const std::string imputed = RunSimulate(o).files[0], variants_path = o.out + ".variants.tsv.gz";
  o.r2 = 1;
  o.format = SimulateFormat::kBcf;
  o.out = TempFolder() + "/t";
  const std::string truth = RunSimulate(o).files[0];

  const auto ds = Query(bcftools, imputed, "DS"), gt = Query(bcftools, truth, "DS");
  ASSERT_EQ(ds.size(), 500u);
  ASSERT_EQ(gt.size(), 500u);
  const TextTable variants = ReadTable(variants_path);
  double sum = 0, target = 0;
  size_t n = 0;
  for (size_t v = 0; v < ds.size(); ++v) {
    for (const double g : gt[v]) ASSERT_EQ(g, std::round(g));
    double f = 0;
    for (const double g : gt[v]) f += g / (2 * static_cast<double>(gt[v].size()));
    if (std::min(f, 1 - f) < 0.05) continue;
    sum += R2(ds[v], gt[v]);
    target += variants.Number(v, "R2_TARGET");
    ++n;
  }
  ASSERT_GT(n, 100u);
  EXPECT_NEAR(sum / static_cast<double>(n), target / static_cast<double>(n), 0.01);
  EXPECT_NEAR(sum / static_cast<double>(n), 0.8, 0.02);
}

TEST(Imputation, WrittenR2IsThatOfTheWrittenDosages) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  SimulateOptions o;
  o.trios = 60;
  o.variants = 100;
  o.fields = {SimulateField::kHds};
  o.out = TempFolder() + "/i";
  const std::string path = RunSimulate(o).files[0];
  std::string text;
  ASSERT_EQ(RunCommand(fmt::format("{} query -f '%AF,%R2[,%HDS]\\n' {}", bcftools, path), &text),
            0);
  size_t n = 0;
  for (const auto line : Lines(text)) {
    const auto f = Split(line, ',');
    double sum = 0, squares = 0;
    const auto count = static_cast<double>(f.size() - 2);
    for (size_t i = 2; i < f.size(); ++i) {
      const double h = ParseDouble(f[i]).value();
      sum += h, squares += h * h;
    }
    const double af = sum / count, variance = squares / count - af * af;
    EXPECT_NEAR(ParseDouble(f[0]).value(), af, 1e-5);
    if (af > 0 && af < 1) {
      EXPECT_NEAR(ParseDouble(f[1]).value(), variance / (af * (1 - af)), 1e-5);
    }
    ++n;
  }
  EXPECT_EQ(n, 100u);
}

}  // namespace
}  // namespace kinflow::test
