#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "pipeline/base/nan.h"
#include "stages/family/family_stage.h"
#include "stages/family/fit.h"
#include "tests/unit/family/reference.h"
#include "tests/unit/family/simulated_trios.h"

namespace kinflow::family::test {
namespace {

AnalysisOptions Joint(Standardise standardise = Standardise::kCommonSd) {
  AnalysisOptions options;
  options.id = "joint";
  options.formula = "scl ~ age + PC1 + batch + pgs.mother + pgs.father + pgs.child";
  options.scores = {"s1"};
  options.standardise = standardise;
  return options;
}

double Value(const Table& estimates, const std::string& term, const std::string& column,
             const std::string& model = "trio") {
  const int64_t row =
      FindRow(estimates, {{"term", term}, {"se_type", "CR1S"}, {"model_id", model}});
  if (row < 0) throw std::runtime_error("no row for " + term);
  return estimates.DoublesOf(column)[static_cast<size_t>(row)];
}

Table Estimates(const AnalysisOptions& options, const SimulatedTrios& s) {
  return RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores))
      .tables.at("estimates");
}

TEST(Invariance, TruthIsRecovered) {
  const SimulatedTrios s = MakeTrios(6000);
  AnalysisOptions options = Joint();
  options.children = ChildRule::kOnePerMother;  // the first child is the one with the effect
  const FamilyResults results =
      RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
  const Table& estimates = results.tables.at("estimates");
  const double sd = results.tables.at("scaling").DoublesOf("sd")[0];
  const double truth[] = {0.3, 0.15, 0.1};
  const char* terms[] = {"pgs.mother", "pgs.father", "pgs.child"};
  for (int i = 0; i < 3; ++i) {
    const double expected = truth[i] * sd / 2;  // scores are 3 + 2 x the value with the effect
    EXPECT_NEAR(Value(estimates, terms[i], "estimate"), expected,
                4 * Value(estimates, terms[i], "std_error"))
        << terms[i];
  }
  // Alone, the mother's score carries part of the others': bM + bC/2 under random mating.
  EXPECT_NEAR(Value(estimates, "pgs.mother", "estimate", "mother"), 0.35 * sd / 2,
              4 * Value(estimates, "pgs.mother", "std_error", "mother"));
}

TEST(Invariance, ThreadsChangeNoBit) {
  SimulatedTrios s = MakeTrios(300);
  for (int i = 0; i < 20; ++i) {  // each with missing values of its own
    s.scores.names.push_back("more" + std::to_string(i));
    auto values = s.scores.values[static_cast<size_t>(i % 2)];
    for (size_t v = static_cast<size_t>(i); v < values.size(); v += 37) values[v] = kNan;
    s.scores.values.push_back(std::move(values));
  }
  AnalysisOptions options = Joint();
  options.scores = s.scores.names;
  options.scores[3] = "unknown";  // fails alone
  options.refit = true;
  const auto run = [&](int threads) {
    std::string text;
    oneapi::tbb::task_arena arena(threads);
    arena.execute([&] {
      const FamilyResults results =
          RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
      for (const auto& [name, table] : results.tables) {
        for (size_t c = 0; c < table.columns(); ++c) {
          for (size_t r = 0; r < table.rows(); ++r) text += table.Cell(r, c) + "\t";
        }
      }
      text += results.refit->script;
    });
    return text;
  };
  const std::string one = run(1);
  EXPECT_NE(one.find("more19"), std::string::npos);
  EXPECT_EQ(run(2), one);
  EXPECT_EQ(run(8), one);
}

TEST(Invariance, SwappingTheParentsSwapsTheirCoefficients) {
  SimulatedTrios s = MakeTrios(400);
  const Table before = Estimates(Joint(Standardise::kNone), s);
  // Mother and father exchange their genotypes.
  auto& values = s.scores.values[0];
  for (const Trio& trio : s.cohort->trios) {
    if (trio.mother == SampleTable::kAbsent || trio.father == SampleTable::kAbsent) continue;
    const auto& people = s.cohort->pedigree.people();
    const Person& child = people[trio.person];
    const bool first = child.iid.ends_with("_0_0");
    if (first) std::swap(values[trio.mother], values[trio.father]);
  }
  const Table after = Estimates(Joint(Standardise::kNone), s);
  for (const char* column : {"estimate", "std_error", "neg_log10_p"}) {
    EXPECT_LE(
        RelativeError(Value(after, "pgs.father", column), Value(before, "pgs.mother", column)),
        1e-11)
        << column;
    EXPECT_LE(
        RelativeError(Value(after, "pgs.mother", column), Value(before, "pgs.father", column)),
        1e-11)
        << column;
    EXPECT_LE(RelativeError(Value(after, "pgs.child", column), Value(before, "pgs.child", column)),
              1e-11)
        << column;
  }
}

TEST(Invariance, ShiftAndFlipOfTheScore) {
  SimulatedTrios s = MakeTrios(400);
  const Table before = Estimates(Joint(), s);
  // Counting the other allele: score -> constant - score.
  for (double& v : s.scores.values[0]) v = 250 - v;
  const Table flipped = Estimates(Joint(), s);
  for (const char* term : {"pgs.mother", "pgs.father", "pgs.child"}) {
    EXPECT_LE(RelativeError(Value(flipped, term, "estimate"), -Value(before, term, "estimate")),
              1e-10);
    EXPECT_LE(RelativeError(Value(flipped, term, "std_error"), Value(before, term, "std_error")),
              1e-10);
  }
  // Without standardisation a shift moves only the intercept.
  SimulatedTrios t = MakeTrios(400);
  const Table raw = Estimates(Joint(Standardise::kNone), t);
  for (double& v : t.scores.values[0]) v += 100;
  const Table shifted = Estimates(Joint(Standardise::kNone), t);
  for (const char* term : {"pgs.mother", "age", "batchB"}) {
    EXPECT_LE(RelativeError(Value(shifted, term, "estimate"), Value(raw, term, "estimate")), 1e-9);
  }
  EXPECT_GT(
      std::abs(Value(shifted, "(Intercept)", "estimate") - Value(raw, "(Intercept)", "estimate")),
      1);
}

TEST(Invariance, OrderOfRows) {
  const Tsv tsv = ReadTsv(ConformanceFile("data/a_trio.tsv"));
  Tsv shuffled = tsv;
  std::mt19937_64 random(7);
  for (size_t i = shuffled.rows.size(); i > 1; --i) {
    std::swap(shuffled.rows[i - 1], shuffled.rows[random() % i]);
  }
  ASSERT_NE(tsv.rows, shuffled.rows);
  FitOptions options;
  options.formula = "scl_dep ~ pgs_m + pgs_f + pgs_c + age + PC1 + PC2 + batch";
  options.cluster = "m_id";
  options.vcov = {"const", "HC3", "CR0", "CR1S", "CR2", "CR3"};
  const Table a = FitColumns(ToTable(tsv), options).tables.at("estimates");
  const Table b = FitColumns(ToTable(shuffled), options).tables.at("estimates");
  for (size_t r = 0; r < a.rows(); ++r) {
    for (const char* column : {"estimate", "std_error", "df"}) {
      EXPECT_LE(RelativeError(b.DoublesOf(column)[r], a.DoublesOf(column)[r]), 1e-12)
          << a.StringsOf("term")[r] << " " << a.StringsOf("se_type")[r] << " " << column;
    }
  }
  const Table again = FitColumns(ToTable(tsv), options).tables.at("estimates");
  EXPECT_EQ(a.DoublesOf("estimate")[1], again.DoublesOf("estimate")[1]);
}

// y = bM M + bF F + bC C is, in transmitted and non-transmitted parts, T_m: bM + bC, NT_m: bM,
// T_f: bF + bC, NT_f: bF. With T_f, NT_f and T_m free and NT_m fixed by the identity the two models
// have the same fit; so their predictions of a noiseless outcome agree exactly.
TEST(Invariance, TransmittedAndNonTransmitted) {
  Table data = ToTable(ReadTsv(ConformanceFile("data/a_trio.tsv")));
  Table::Doubles y;
  for (size_t r = 0; r < data.rows(); ++r) {
    y.push_back(0.2 * data.DoublesOf("pgs_m")[r] + 0.08 * data.DoublesOf("pgs_f")[r] +
                0.07 * data.DoublesOf("pgs_c")[r]);
  }
  data.Add("noiseless", y);
  FitOptions options;
  options.formula = "noiseless ~ T_m + NT_m + T_f + NT_f";
  options.vcov = {"const"};
  const Table estimates = FitColumns(data, options).tables.at("estimates");
  const double truth[] = {0.27, 0.20, 0.15, 0.08};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(estimates.DoublesOf("estimate")[i + 1], truth[i], 2e-6);  // file has six decimals
  }
}

}  // namespace
}  // namespace kinflow::family::test
