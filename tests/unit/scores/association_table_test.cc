// Tables of associations as weights: what stands in them beside effects.

#include <gtest/gtest.h>

#include <cmath>

#include "stages/scores/score_file.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Thrown;
using test::WriteFile;

/// The one row of the table.
ScoreLine RowOf(const std::string& text, const ScoreReading& reading = {}) {
  ScoreFileReader reader(WriteFile("table.txt", text), reading);
  ScoreLine row, other;
  EXPECT_TRUE(reader.Next(row));
  EXPECT_FALSE(reader.Next(other));
  return row;
}

ScoreReading LogOfRatios() {
  ScoreReading reading;
  reading.ratios = Ratios::kLog;
  return reading;
}

// As plink2 --glm writes logistic regression: columns of no known name are no scores.
constexpr char kLogistic[] =
    "#CHROM\tPOS\tID\tREF\tALT\tPROVISIONAL_REF?\tA1\tOMITTED\tA1_FREQ\tTEST\tOBS_CT\tOR\t"
    "LOG(OR)_SE\tZ_STAT\tP\tERRCODE\n"
    "1\t100\trs1\tG\tT\tN\tT\tG\t0.1\tADD\t100\t1.25\t0.1\t1\t0.5\t.\n";

TEST(AssociationTable, RatiosAreToldWhateverStandsBesideThem) {
  const Error refused = Thrown([] { RowOf(kLogistic); });
  EXPECT_EQ(refused.id(), ErrorId::kFormatUnknown);
  EXPECT_EQ(refused.line(), 1u);
  EXPECT_NE(refused.remedy().find("--ratios log"), std::string::npos);
  const ScoreLine row = RowOf(kLogistic, LogOfRatios());
  ASSERT_EQ(row.weights.size(), 1u);
  EXPECT_EQ(row.weights[0].second, std::log(1.25));
}

TEST(AssociationTable, ScoresBesideARatioAreNamed) {
  const std::string wide = "ID A1 OR mine\nrs1 A 1.5 0.25\n";
  const Error refused = Thrown([&] { RowOf(wide); });
  EXPECT_EQ(refused.id(), ErrorId::kFormatUnknown);
  EXPECT_NE(refused.remedy().find("--columns effect_weight="), std::string::npos);
  ScoreReading named;
  named.columns = {{"effect_weight", "mine"}};
  EXPECT_EQ(RowOf(wide, named).weights.at(0).second, 0.25);
}

}  // namespace
}  // namespace kinflow
