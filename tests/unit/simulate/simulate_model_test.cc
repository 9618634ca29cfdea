// The cohort obeys the laws it claims: linkage, frequencies, Hardy-Weinberg, effects.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/simulate/genealogy.h"
#include "stages/simulate/random_streams.h"
#include "tests/support/test_data.h"
#include "tests/unit/simulate/simulate_support.h"

namespace kinflow::test {
namespace {

struct Cohort {
  std::string out;
  std::vector<std::vector<int>> genotypes;
  TextTable variants, pedigree;
  std::vector<size_t> founders;  // genotyped
};

const Cohort& BigCohort() {
  static const Cohort cohort = [] {
    SimulateOptions o;
    o.trios = 2000;
    o.variants = 4000;
    o.chromosomes = 8;
    o.seed = 2024;
    o.format = SimulateFormat::kBed;
    o.threads = 2;
    o.out = TempFolder() + "/big";
    RunSimulate(o);
    Cohort c{o.out,
             ReadBed(o.out),
             ReadTable(o.out + ".variants.tsv.gz"),
             ReadTable(o.out + ".pedigree.tsv"),
             {}};
    for (size_t i = 0; i < c.genotypes[0].size(); ++i) {
      if (c.pedigree.At(i, "ROLE") != "child") c.founders.push_back(i);
    }
    return c;
  }();
  return cohort;
}

std::vector<double> OfFounders(const Cohort& c, size_t variant) {
  std::vector<double> g;
  for (const size_t i : c.founders) g.push_back(c.genotypes[variant][i]);
  return g;
}

double Frequency(const std::vector<double>& genotypes) {
  double sum = 0;
  for (const double g : genotypes) sum += g;
  return sum / (2 * static_cast<double>(genotypes.size()));
}

TEST(SimulateModel, CommonNeighboursAreInLinkageDisequilibriumThatDecays) {
  const Cohort& c = BigCohort();
  double near = 0, far = 0;
  size_t n_near = 0, n_far = 0;
  std::vector<size_t> common;
  for (size_t v = 0; v < c.genotypes.size(); ++v) {
    const double f = Frequency(OfFounders(c, v));
    if (std::min(f, 1 - f) >= 0.05) common.push_back(v);
  }
  ASSERT_GT(common.size(), 500u);
  for (size_t k = 0; k + 40 < common.size(); ++k) {
    const auto a = OfFounders(c, common[k]);
    if (c.variants.At(common[k], "CHROM") == c.variants.At(common[k + 1], "CHROM")) {
      near += R2(a, OfFounders(c, common[k + 1]));
      ++n_near;
    }
    if (c.variants.At(common[k], "CHROM") == c.variants.At(common[k + 40], "CHROM")) {
      far += R2(a, OfFounders(c, common[k + 40]));
      ++n_far;
    }
  }
  EXPECT_GT(near / static_cast<double>(n_near), 0.2);
  EXPECT_LT(far / static_cast<double>(n_far), 0.05);
}

// Under 1/x, log-frequency classes of equal width hold equally many variants.
TEST(SimulateModel, RareVariantsAreMany) {
  const Cohort& c = BigCohort();
  std::array<double, 4> share{};  // MAF < .01, < .05, < .2, rest
  for (size_t v = 0; v < c.genotypes.size(); ++v) {
    const double f = Frequency(OfFounders(c, v)), maf = std::min(f, 1 - f);
    share[maf < 0.01   ? 0
          : maf < 0.05 ? 1
          : maf < 0.2  ? 2
                       : 3] += 1 / static_cast<double>(c.genotypes.size());
  }
  EXPECT_GT(share[0], 0.25);
  EXPECT_LT(share[0], 0.6);
  EXPECT_GT(share[1], 0.1);
  EXPECT_GT(share[2], 0.1);
  EXPECT_GT(share[3], 0.1);
}

TEST(SimulateModel, CarriersOfAMutationFollowTheCoalescentSpectrum) {
  // Expected number of mutations with i carriers is proportional to 1/i (Fu 1995).
  simulate::Genealogy genealogy(simulate::Stream(5, simulate::Purpose::kGenealogy, 0), 2e-4);
  std::vector<double> count(simulate::kPanel, 0);
  const int n = 20000;
  for (int k = 0; k < n; ++k) {
    genealogy.Advance(5000);  // far enough for nearly independent trees
    size_t carriers = 0;
    for (const uint64_t w : genealogy.Mutate())
      carriers += static_cast<size_t>(__builtin_popcountll(w));
    count[carriers] += 1.0 / n;
  }
  double harmonic = 0;
  for (unsigned i = 1; i < simulate::kPanel; ++i) harmonic += 1.0 / i;
  const auto expected = [&](unsigned lo, unsigned hi) {
    double sum = 0;
    for (unsigned i = lo; i < hi; ++i) sum += 1 / (i * harmonic);
    return sum;
  };
  const auto observed = [&](unsigned lo, unsigned hi) {
    double sum = 0;
    for (unsigned i = lo; i < hi; ++i) sum += count[i];
    return sum;
  };
  // Picking a branch of a tree by length weights trees alike, Fu's law weights them by length: the
  // two differ by a few per cent.
  EXPECT_NEAR(observed(1, 2), expected(1, 2), 0.15 * expected(1, 2));
  EXPECT_NEAR(observed(2, 8), expected(2, 8), 0.10 * expected(2, 8));
  EXPECT_NEAR(observed(8, 32), expected(8, 32), 0.10 * expected(8, 32));
  EXPECT_NEAR(observed(32, 128), expected(32, 128), 0.15 * expected(32, 128));
}

TEST(SimulateModel, FoundersAreInHardyWeinbergEquilibrium) {
  const Cohort& c = BigCohort();
  const auto n = static_cast<double>(c.founders.size());
  double sum = 0;
  size_t tested = 0;
  for (size_t v = 0; v < c.genotypes.size(); ++v) {
    const auto g = OfFounders(c, v);
    const double f = Frequency(g);
    if (std::min(f, 1 - f) < 0.02) continue;
    double het = 0;
    for (const double x : g) het += x == 1;
    const double expected = 2 * f * (1 - f) * n;
    const double d = expected - het;
    // 1-df chi-square of the three genotype classes.
    sum += d * d / expected * (1 + f / (2 * (1 - f)) + (1 - f) / (2 * f)) / 1.0 * 1.0;
    ++tested;
  }
  // Mean of chi-square with 1 df is 1. Neighbours are dependent: about 1 in 10 counts.
  EXPECT_NEAR(sum / static_cast<double>(tested), 1.0,
              4 * std::sqrt(2.0 / (static_cast<double>(tested) / 10)));
}

// Scores behind the second: the first is their general factor; nothing else depends on them.
TEST(SimulateModel, FurtherScoresAreIndicatorsOfTheFirst) {
  SimulateOptions o;
  o.trios = 300;
  o.variants = 4000;
  o.seed = 9;
  o.format = SimulateFormat::kBed;
  o.out = TempFolder() + "/two";
  RunSimulate(o);
  const std::string two = o.out;
  o.scores = 5;
  o.out = TempFolder() + "/five";
  RunSimulate(o);
  for (const char* file : {".bed", ".pheno.tsv", ".covar.tsv", ".areas.tsv", ".waves.tsv"}) {
    EXPECT_EQ(ReadFile(two + file), ReadFile(o.out + file)) << file;
  }
  const TextTable scores = ReadTable(o.out + ".pgs_true.tsv");
  const TextTable before = ReadTable(two + ".pgs_true.tsv");
  ASSERT_EQ(scores.names.size(), 7u);
  ASSERT_EQ(before.names.size(), 4u);
  std::map<std::string, std::vector<double>> values;
  for (size_t i = 0; i < scores.rows.size(); ++i) {
    for (int s = 1; s <= 5; ++s) {
      const std::string name = "PGS90000" + std::to_string(s);
      values[name].push_back(scores.Number(i, name));
      if (s <= 2) {
        EXPECT_EQ(scores.At(i, name), before.At(i, name));
      }
    }
  }
  for (const char* name : {"PGS900003", "PGS900004", "PGS900005"}) {
    EXPECT_NEAR(R2(values["PGS900001"], values[name]), 0.49, 0.15) << name;
    EXPECT_LT(R2(values["PGS900002"], values[name]), 0.15) << name;
  }
  EXPECT_NEAR(R2(values["PGS900003"], values["PGS900004"]), 0.24, 0.15);
  const auto truth = nlohmann::json::parse(ReadFile(o.out + ".truth.json"));
  EXPECT_EQ(truth["indicators"], nlohmann::json::array({"PGS900003", "PGS900004", "PGS900005"}));
  EXPECT_FALSE(nlohmann::json::parse(ReadFile(two + ".truth.json")).contains("indicators"));
  o.scores = 33;
  EXPECT_THROW(RunSimulate(o), Error);
}

TEST(SimulateModel, LeastSquaresOnTheTrueScoresFindsTheTrueEffects) {
  const Cohort& c = BigCohort();
  const auto truth = nlohmann::json::parse(ReadFile(c.out + ".truth.json"));
  const TextTable scores = ReadTable(c.out + ".pgs_true.tsv");
  const TextTable pheno = ReadTable(c.out + ".pheno.tsv");
  std::unordered_map<std::string, std::array<double, 2>> score;
  for (size_t i = 0; i < scores.rows.size(); ++i) {
    score[scores.At(i, "IID")] = {scores.Number(i, "PGS900001"), scores.Number(i, "PGS900002")};
  }
  const double mean = truth["score_mean_founders"], sd = truth["score_sd_founders"];
  for (const std::string wave : {"scl_gw17", "scl_m6", "scl_y8"}) {
    std::vector<std::array<double, 6>> rows;
    std::vector<double> y;
    std::set<std::string> mothers;  // one pregnancy a mother: errors are independent
    for (size_t i = 0; i < pheno.rows.size(); ++i) {
      const double value = pheno.Number(i, wave);
      if (std::isnan(value) || !mothers.insert(pheno.At(i, "m_id")).second) continue;
      const auto z = [&](const char* who) { return (score.at(pheno.At(i, who))[0] - mean) / sd; };
      rows.push_back({1, z("m_id"), z("f_id"), z("c_id"), (pheno.Number(i, "m_age") - 30) / 5,
                      score.at(pheno.At(i, "m_id"))[1] / sd});
      y.push_back(value);
    }
    ASSERT_GT(rows.size(), 1000u);
    Eigen::MatrixXd x(rows.size(), 6);
    Eigen::VectorXd v(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      for (int k = 0; k < 6; ++k) x(static_cast<int>(i), k) = rows[i][k];
      v(static_cast<int>(i)) = y[i];
    }
    const Eigen::MatrixXd inverse = (x.transpose() * x).inverse();
    const Eigen::VectorXd b = inverse * (x.transpose() * v);
    const double s2 = (v - x * b).squaredNorm() / static_cast<double>(rows.size() - 6);
    const double expected[] = {0,
                               truth["effects_per_sd"]["mother"],
                               truth["effects_per_sd"]["father"],
                               truth["effects_per_sd"]["child"],
                               truth["age_effect_per_5_years"],
                               0};
    for (int k = 1; k < 6; ++k) {
      const double se = std::sqrt(s2 * inverse(k, k));
      EXPECT_LT(std::abs(b(k) - expected[k]), 4 * se) << wave << " term " << k;
      EXPECT_LT(se, 0.06);
    }
    EXPECT_NEAR(s2, 0.9, 0.12) << wave;  // random intercept + residual
  }
}

TEST(SimulateModel, RelativesShareAsTheyShould) {
  const Cohort& c = BigCohort();
  const TextTable scores = ReadTable(c.out + ".pgs_true.tsv");
  const TextTable pheno = ReadTable(c.out + ".pheno.tsv");
  std::unordered_map<std::string, double> score;
  for (size_t i = 0; i < scores.rows.size(); ++i) {
    score[scores.At(i, "IID")] = scores.Number(i, "PGS900001");
  }
  std::vector<double> m, f, child;
  for (size_t i = 0; i < pheno.rows.size(); ++i) {
    m.push_back(score.at(pheno.At(i, "m_id")));
    f.push_back(score.at(pheno.At(i, "f_id")));
    child.push_back(score.at(pheno.At(i, "c_id")));
  }
  EXPECT_NEAR(std::sqrt(R2(m, child)), 0.5, 0.07);
  EXPECT_NEAR(std::sqrt(R2(f, child)), 0.5, 0.07);
  EXPECT_LT(std::sqrt(R2(m, f)), 0.09);
}

TEST(SimulateModel, AttritionGrowsAndWavesTellTheSameAsTheWideTable) {
  const Cohort& c = BigCohort();
  const TextTable pheno = ReadTable(c.out + ".pheno.tsv"), waves = ReadTable(c.out + ".waves.tsv");
  std::map<std::string, std::string> wide;
  size_t first = 0, last = 0;
  for (size_t i = 0; i < pheno.rows.size(); ++i) {
    for (const auto& name : pheno.names) {
      if (!name.starts_with("scl_") || pheno.At(i, name) == "NA") continue;
      wide[pheno.At(i, "preg_id") + name] = pheno.At(i, name);
      first += name == "scl_gw17";
      last += name == "scl_y8";
    }
  }
  EXPECT_GT(first, 0.95 * static_cast<double>(pheno.rows.size()));
  EXPECT_LT(last, 0.8 * static_cast<double>(pheno.rows.size()));
  ASSERT_EQ(waves.rows.size(), wide.size());
  for (size_t i = 0; i < waves.rows.size(); ++i) {
    ASSERT_EQ(wide.at(waves.At(i, "preg_id") + "scl_" + waves.At(i, "wave")), waves.At(i, "scl"));
  }
}

}  // namespace
}  // namespace kinflow::test
