// Lines with a weight for 0, 1 and 2 copies, against the sum of w[copies] over the calls.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "pipeline/base/number.h"
#include "tests/support/test_data.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Genotypes;
using test::MatchText;
using test::Score;

constexpr char kHeader[] =
    "chr_name\tchr_position\teffect_allele\tother_allele\tdosage_0_weight\tdosage_1_weight\t"
    "dosage_2_weight\n";

/// A line on variant `v`, counting ALT or REF, with weights that no additive line has.
struct Line {
  size_t variant;
  bool of_ref;
  std::array<double, 3> weights;
};

Line LineOf(size_t v) {
  const double a = static_cast<double>(v % 7) - 3, b = static_cast<double>(v % 5) - 1;
  return {v, v % 3 == 0, {a / 8, b / 4, (a - b) / 2}};
}

std::string TextOf(const Genotypes& g, const std::vector<Line>& lines) {
  std::string text = kHeader;
  for (const Line& l : lines) {
    const std::string ref(g.variants.ref(l.variant)), alt(g.variants.alt(l.variant));
    text += std::string(g.variants.chrom(l.variant)) + "\t" +
            std::to_string(g.variants.pos(l.variant)) + "\t" + (l.of_ref ? ref : alt) + "\t" +
            (l.of_ref ? alt : ref);
    for (const double w : l.weights) text += "\t" + FormatDouble(w);
    text += "\n";
  }
  return text;
}

/// Piecewise linear between the weights of whole copies.
double WeightOf(const std::array<double, 3>& w, double copies) {
  return copies <= 1 ? w[0] + (w[1] - w[0]) * copies : w[1] + (w[2] - w[1]) * (copies - 1);
}

TEST(NonAdditive, EqualsTheSumOverTheCalls) {
  KINFLOW_REQUIRE_DATA(bed, "pgsc_calc/cineca_synthetic_subset.bed");
  const Genotypes g = test::ReadBed(bed.substr(0, bed.size() - 4));
  const std::vector<double> alt_freq = g.AltFreq();
  std::vector<Line> lines;
  for (size_t v = 0; v < 200; ++v) {
    if (!IsAmbiguous(g.variants.ref(v), g.variants.alt(v))) lines.push_back(LineOf(v));
  }
  const auto m = MatchText(TextOf(g, lines), g.variants, {});
  EXPECT_EQ(m.scores[0].matched, lines.size());
  EXPECT_EQ(m.scores[0].unsupported, 0u);
  double spread = 0;
  for (const Line& l : lines) {
    spread += (*std::max_element(l.weights.begin(), l.weights.end()) -
               *std::min_element(l.weights.begin(), l.weights.end())) /
              2;
  }
  EXPECT_NEAR(m.scores[0].weight_matched, spread, 1e-12 * spread);
  for (const bool mean : {true, false}) {
    const ScoreSums sums = Score(g, m.scores, {"s"}, {}, mean);
    EXPECT_EQ(sums.variants, std::vector<uint64_t>{lines.size()});
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      double expected = 0;
      uint64_t missing = 0;
      for (const Line& l : lines) {
        const int32_t alt = g.At(l.variant, s);
        const double f = l.of_ref ? 1 - alt_freq[l.variant] : alt_freq[l.variant];
        missing += alt < 0;
        if (alt >= 0) {
          expected += l.weights[static_cast<size_t>(l.of_ref ? 2 - alt : alt)];
        } else if (mean) {
          expected += (1 - f) * (1 - f) * l.weights[0] + 2 * f * (1 - f) * l.weights[1] +
                      f * f * l.weights[2];
        }
      }
      ASSERT_NEAR(sums.Sum(0, s), expected, 1e-10) << s;
      ASSERT_EQ(sums.AlleleCount(0, s), 2.0 * static_cast<double>(lines.size() - missing));
    }
  }
}

// Left out as those of additive lines are, not taken for 0 copies; with a mean where nobody's
// genotype tells one, too.
TEST(NonAdditive, MissingGenotypesThatAreNotImputedAddNothing) {
  Genotypes g;
  g.n_samples = 2;
  g.variants.Append("1", 10, "a", "A", "C");
  g.values = {0, -1};
  for (const bool of_ref : {false, true}) {
    const auto m = MatchText(TextOf(g, {{0, of_ref, {0.5, -1, 4}}}), g.variants, {});
    const ScoreSums sums = Score(g, m.scores, {"s"}, {}, false);
    EXPECT_EQ(sums.Sum(0, 0), of_ref ? 4 : 0.5);
    EXPECT_EQ(sums.Sum(0, 1), 0);
    EXPECT_EQ(sums.AlleleCount(0, 1), 0);
  }
  g.values = {-1, -1};
  const auto m = MatchText(TextOf(g, {{0, false, {0.5, -1, 4}}}), g.variants, {});
  EXPECT_EQ(Score(g, m.scores, {"s"}).Sum(0, 0), 0);
}

TEST(NonAdditive, DosagesLieBetweenAndHaploidCallsHaveOneCopy) {
  Genotypes g;
  g.n_samples = 6;
  g.units = 4;
  g.variants.Append("X", 10, "a", "A", "C");
  g.values = {0, 1, 4, 6, 8, 4};
  g.calls = {0, 0, 0, 0, 0, kCallHaploid};
  for (const bool of_ref : {false, true}) {
    const Line line{0, of_ref, {0.5, -1, 4}};
    const auto m = MatchText(TextOf(g, {line}), g.variants, {});
    const ScoreSums sums = Score(g, m.scores, {"s"});
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      const double most = s == 5 ? 1 : 2, alt = g.values[s] / 4.0;
      EXPECT_NEAR(sums.Sum(0, s), WeightOf(line.weights, of_ref ? most - alt : alt), 1e-12) << s;
    }
    EXPECT_EQ(sums.AlleleCount(0, 5), 1);
  }
}

}  // namespace
}  // namespace kinflow
