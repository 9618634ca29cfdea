#include "stages/export/dosage_text.h"

#include <gtest/gtest.h>

#include "pipeline/base/number.h"
#include "stages/formats/text_dosage.h"

namespace kinflow {
namespace {

std::string TextOf(const DosageText& texts, uint16_t value) {
  char room[DosageText::kRoom];
  return {room, texts.Put(room, value)};
}

// The reader's own rule, on every value of every kind of grid.
TEST(DosageText, ReadsBackToTheSameInteger) {
  for (const uint32_t units : {1u, 2u, 50u, 127u, 255u, 1000u, 2000u, 10'000u, 16'384u, 32'767u}) {
    for (const double bound : {0.0, 0.5 / units}) {
      const DosageText texts(DosageEncoding::ForUnits(units, bound));
      const DosageGrid grid(units, bound);
      for (uint32_t v = 0; v <= 2 * units; ++v) {
        const std::string text = TextOf(texts, static_cast<uint16_t>(v));
        const auto x = ParseDouble(text);
        uint32_t back = 0;
        ASSERT_TRUE(x && grid.ToUnits(*x, 2, back) == DosageGrid::Result::kOk)
            << units << " " << text;
        ASSERT_EQ(back, v) << units << " " << text;
      }
    }
  }
}

TEST(DosageText, HalfOfADosageIsAsExact) {
  for (const uint32_t units : {1u, 50u, 255u, 1000u, 10'000u, 16'384u, 32'767u}) {
    for (const double bound : {0.0, 0.5 / units}) {
      const DosageText texts(DosageEncoding::ForUnits(units, bound));
      for (uint32_t v = 0; v <= 2 * units; ++v) {
        char room[DosageText::kRoom];
        const auto x = ParseDouble({room, texts.PutHalf(room, static_cast<uint16_t>(v))});
        ASSERT_TRUE(x.has_value());
        ASSERT_NEAR(*x, 0.5 * v / units, bound == 0 ? 1e-7 : 0.25 / units) << units;
      }
    }
  }
  const DosageText thousandths(DosageEncoding::ForUnits(1000));
  char room[DosageText::kRoom];
  EXPECT_EQ(std::string(room, thousandths.PutHalf(room, 1)), "0.0005");
  EXPECT_EQ(std::string(room, thousandths.PutHalf(room, UINT16_MAX)), ".");
}

TEST(DosageText, IsAsShortAsTheGridAllows) {
  const DosageText thousandths(DosageEncoding::ForUnits(1000));
  EXPECT_EQ(TextOf(thousandths, 0), "0");
  EXPECT_EQ(TextOf(thousandths, 7), "0.007");
  EXPECT_EQ(TextOf(thousandths, 120), "0.12");
  EXPECT_EQ(TextOf(thousandths, 2000), "2");
  EXPECT_EQ(TextOf(thousandths, UINT16_MAX), ".");
  const DosageText calls(DosageEncoding::ForUnits(1));
  EXPECT_EQ(TextOf(calls, 2), "2");
  const DosageText rounded(DosageEncoding::ForUnits(16'384, 0.5 / 16'384));
  EXPECT_EQ(TextOf(rounded, 1), "0.00006");
  const DosageText bytes(DosageEncoding::ForUnits(255));
  EXPECT_EQ(TextOf(bytes, 1), "0.0039216");
}

}  // namespace
}  // namespace kinflow
