// Questionnaire scores: case K of tests/conformance against R (phenotools' rule), and faults.
#include "stages/formats/scale_score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/config/config_loader.h"
#include "stages/formats/phenotype_table.h"
#include "tests/unit/tables/table_file.h"

namespace kinflow::test {
namespace {

std::string Conformance(const std::string& name) {
  return std::string(KINFLOW_SOURCE_DIR) + "/tests/conformance/" + name;
}

ScaleRule Rule(const std::string& name, const std::string& stem, int items) {
  ScaleRule rule;
  rule.name = name;
  for (int i = 1; i <= items; ++i) rule.items.push_back(stem + std::to_string(i));
  return rule;
}

TEST(ScaleScore, CaseK) {
  PhenotypeOptions options;
  options.file = Conformance("data/k_scl_items.tsv");
  options.id = "preg_id";
  ScaleRule strict = Rule("scl8_sum_75", "scl8_i", 8), mean = Rule("scl8_mean", "scl8_i", 8),
            pooled = Rule("scl8_z", "scl8_i", 8);
  strict.min_answered = 0.75;
  mean.form = ScaleRule::kMean;
  pooled.form = ScaleRule::kZPooled;
  options.scales = {Rule("scl8_sum", "scl8_i", 8), Rule("scl5_sum", "scl5_i", 5), strict, mean,
                    pooled};
  const PhenotypeTable ours = ReadPhenotypes(options);
  PhenotypeOptions reference;
  reference.file = Conformance("ref/k_scl_scores.tsv");
  reference.id = "preg_id";
  const PhenotypeTable expected = ReadPhenotypes(reference);
  ASSERT_EQ(ours.ids, expected.ids);
  size_t ties = 0, missing = 0;
  for (const auto& rule : options.scales) {
    const auto& a = ours.columns.DoublesOf(rule.name.c_str());
    const auto& b = expected.columns.DoublesOf(rule.name.c_str());
    for (size_t r = 0; r < a.size(); ++r) {
      ASSERT_EQ(std::isnan(a[r]), std::isnan(b[r])) << rule.name << " row " << r + 1;
      if (std::isnan(a[r])) {
        ++missing;
        continue;
      }
      const double shift = rule.form == ScaleRule::kMean ? 1 : 0;  // the script adds 1 to the mean
      const double tolerance = rule.form == ScaleRule::kSum ? 0 : 1e-12;
      ASSERT_NEAR(a[r] + shift, b[r], tolerance) << rule.name << " row " << r + 1;
    }
  }
  for (const auto& tie : expected.columns.StringsOf("scl5_is_tie")) ties += tie == "TRUE";
  EXPECT_EQ(ties, 23u);  // rows in which half-even and half-up differ or could
  EXPECT_GT(missing, 0u);
  std::printf("  case K: %zu rows, %zu scales, %zu ties: equal\n", ours.ids.size(),
              options.scales.size(), ties);
}

PhenotypeTable Read(const std::string& content, ScaleRule rule, const std::string& wave = "") {
  PhenotypeOptions options;
  options.file = FileWith(content);
  options.id = "id";
  options.wave = wave;
  options.scales = {std::move(rule)};
  return ReadPhenotypes(options);
}

// Only sums that missing answers are guessed in are rounded.
TEST(ScaleScore, SumsOfAllItemsKeepTheirDigits) {
  const PhenotypeTable t = Read("id\tq1\tq2\na\t1.25\t2.5\nb\t1.25\tNA\n", Rule("s", "q", 2));
  const auto& sum = t.columns.DoublesOf("s");
  EXPECT_EQ(sum[0], 3.75);
  EXPECT_EQ(sum[1], 2);  // of 2.5
  ScaleRule rule = Rule("s", "q", 1);
  rule.form = ScaleRule::kZByWave;
  const auto z = Read("id\twave\tq1\na\t1\t0.1\nb\t1\t0.3\n", rule, "wave");
  EXPECT_NEAR(z.columns.DoublesOf("s")[0], -std::sqrt(0.5), 1e-14);
}

TEST(ScaleScore, StandardisedWithinWaves) {
  ScaleRule rule = Rule("s", "q", 1);
  rule.form = ScaleRule::kZByWave;
  const PhenotypeTable t =
      Read("id\twave\tq1\na\t1\t0\nb\t1\t2\na\t2\t10\nb\t2\t30\nc\t2\tNA\n", rule, "wave");
  const auto& z = t.columns.DoublesOf("s");
  for (const size_t wave : {0u, 2u}) {
    EXPECT_NEAR(z[wave], -std::sqrt(0.5), 1e-15);
    EXPECT_NEAR(z[wave + 1], std::sqrt(0.5), 1e-15);
  }
  EXPECT_TRUE(std::isnan(z[4]));
  EXPECT_EQ(t.by_wave.back(), "s");
}

TEST(ScaleScore, ItemsAreReadThoughColumnsAreChosen) {
  PhenotypeOptions options;
  options.file = FileWith("id\tq1\tq2\tage\tother\na\t1\t2\t30\t5\n");
  options.id = "id";
  options.columns = {"age"};
  options.scales = {Rule("s", "q", 2)};
  const PhenotypeTable t = ReadPhenotypes(options);
  EXPECT_EQ(t.columns.DoublesOf("s")[0], 3);
  EXPECT_EQ(t.columns.Find("other"), -1);
}

void ExpectError(const std::string& content, ScaleRule rule, ErrorId id, const std::string& text) {
  try {
    Read(content, std::move(rule));
    ADD_FAILURE() << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), id);
    EXPECT_NE(error.Format().find(text), std::string::npos) << error.Format();
  }
}

TEST(ScaleScore, Faults) {
  const std::string table = "id\tq1\tq2\na\t1\t2\nb\t1\tyes\n";
  ExpectError("id\tq1\tq2\na\t1\t2\n", Rule("s", "q", 3), ErrorId::kConfigReference,
              "an item that the table lacks");
  ExpectError(table, Rule("s", "q", 2), ErrorId::kMalformed,
              "item q2 of scale s holds values that are no numbers");
  ExpectError(table, Rule("q1", "q", 1), ErrorId::kConfigReference, "the name of a column");
  ScaleRule flat = Rule("s", "q", 1);
  flat.form = ScaleRule::kZPooled;
  ExpectError(table, flat, ErrorId::kMalformed, "scale s has the same score in all 2 rows");
}

TEST(ScaleScore, FromTheConfig) {
  const auto read = [](const std::string& scales) {
    const std::string text =
        "phenotypes:\n  - file: a.tsv\n    id: id\n    scales: " + scales + "\n";
    const ConfigResult loaded =
        LoadConfigText(text, "test", schema::Map("", "", {PhenotypesSchema()}), {});
    EXPECT_TRUE(loaded.errors.empty());
    return PhenotypeOptionsFrom(loaded.root.At("phenotypes").items()[0]).scales;
  };
  const auto rules = read(
      "{scl: {items: [q1, q2], rule: half}, b: {items: [q3], rule: complete, "
      "scale: zwave}}");
  ASSERT_EQ(rules.size(), 2u);
  const ScaleRule& scl = rules[rules[0].name == "scl" ? 0 : 1];
  EXPECT_EQ(scl.items, (std::vector<std::string>{"q1", "q2"}));
  EXPECT_EQ(scl.min_answered, 0.5);
  EXPECT_EQ(scl.form, ScaleRule::kSum);
  const ScaleRule& b = rules[rules[0].name == "scl" ? 1 : 0];
  EXPECT_EQ(b.min_answered, 1);
  EXPECT_EQ(b.form, ScaleRule::kZByWave);
  EXPECT_THROW(read("{s: {rule: half}}"), Error);
  try {
    read("{s: {items: [q1, q2, q1]}}");
    FAIL() << "an item twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), ErrorId::kConfigRange);
    EXPECT_EQ(error.field(), "phenotypes[].scales.s.items");
    EXPECT_EQ(error.value(), "q1");
    EXPECT_FALSE(error.remedy().empty());
  }
}

}  // namespace
}  // namespace kinflow::test
