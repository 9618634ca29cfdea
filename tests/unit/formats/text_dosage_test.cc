#include "stages/formats/text_dosage.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>

#include "pipeline/base/philox.h"

namespace kinflow {
namespace {

// Every decimal of up to five places in [0, 2]: the fast form must read what the C library reads,
// and put it on the same unit as exact integer arithmetic does.
TEST(FastDecimal, AgreesWithFromCharsOnEveryShortDecimal) {
  const int pow10[] = {1, 10, 100, 1000, 10'000, 100'000};
  for (int places = 0; places <= 5; ++places) {
    for (int digits = 0; digits <= 2 * pow10[places]; ++digits) {
      char text[32];
      int n = std::snprintf(text, sizeof text, "%d", digits / pow10[places]);
      if (places > 0) {
        n += std::snprintf(text + n, sizeof text - static_cast<size_t>(n), ".%0*d", places,
                           digits % pow10[places]);
      }
      double expected = 0;
      std::from_chars(text, text + n, expected);
      for (const char end : {'\t', ':', ','}) {
        std::string token(text, static_cast<size_t>(n));
        token += end;
        token += "123456789.123456789";  // what follows must not matter
        const char* p = token.data();
        Decimal decimal;
        ASSERT_TRUE(FastDecimal(p, decimal)) << token;
        ASSERT_EQ(*p, end);
        ASSERT_EQ(p - token.data(), n);
        ASSERT_EQ(decimal.value(), expected) << token;  // to the bit
      }
    }
  }
}

TEST(FastDecimal, LeavesEverythingElseToTheGeneralPath) {
  for (const char* text : {".\t", "-1\t", "3\t", "10\t", "1.\t", "1.2.3\t", "nan\t", "1e-3\t",
                           "0.12345678\t", "0x1\t", "\t", ":", "1 \t", "0.1a\t", "+1\t", "1.5\r"}) {
    const std::string token = std::string(text) + "00000000";
    const char* p = token.data();
    Decimal decimal;
    EXPECT_FALSE(FastDecimal(p, decimal)) << text;
    EXPECT_EQ(p, token.data()) << text;
  }
}

TEST(DosageGrid, FastAndGeneralPathGiveTheSameUnit) {
  for (const uint32_t units : {1u, 255u, 1000u, 10'000u, 16'384u}) {
    const DosageGrid grid(units, units == 16'384 ? 0.5 / 16'384 : 0);
    for (uint32_t digits = 0; digits <= 20'000; ++digits) {
      const Decimal decimal{digits, 4};
      uint32_t fast = 0, general = 0;
      if (!grid.FastUnits(decimal, 2, fast)) continue;
      ASSERT_EQ(grid.ToUnits(decimal.value(), 2, general), DosageGrid::Result::kOk);
      ASSERT_EQ(fast, general) << digits;
    }
  }
}

TEST(DosageGrid, RoundsWithinItsBoundAndRefusesTheRest) {
  const DosageGrid rounded(16'384, 0.5 / 16'384), exact(1000, 0);
  Philox random(7, 1);
  for (int i = 0; i < 10'000; ++i) {
    const double x = 2 * random.Uniform();
    uint32_t units = 0;
    ASSERT_EQ(rounded.ToUnits(x, 2, units), DosageGrid::Result::kOk);
    ASSERT_LE(std::fabs(units / 16'384.0 - x), 0.5 / 16'384);
  }
  uint32_t units = 0;
  EXPECT_EQ(exact.ToUnits(0.1234, 2, units), DosageGrid::Result::kOffGrid);
  EXPECT_EQ(exact.ToUnits(0.1230005, 2, units), DosageGrid::Result::kOk);
  EXPECT_EQ(units, 123u);
  EXPECT_EQ(exact.ToUnits(0.1230015, 2, units), DosageGrid::Result::kOffGrid);
  EXPECT_EQ(exact.ToUnits(2.001, 2, units), DosageGrid::Result::kOutOfRange);
  EXPECT_EQ(exact.ToUnits(1.001, 1, units), DosageGrid::Result::kOutOfRange);
  EXPECT_EQ(exact.ToUnits(-0.001, 2, units), DosageGrid::Result::kOutOfRange);
  EXPECT_EQ(exact.ToUnits(NAN, 2, units), DosageGrid::Result::kNotFinite);
  EXPECT_EQ(exact.ToUnits(INFINITY, 2, units), DosageGrid::Result::kNotFinite);
}

// Every string of up to six characters over what stands in dosage columns: the quick form either
// declines or gives what the general path gives.
TEST(DosageGrid, QuickFormNeverDisagreesWithTheGeneralPath) {
  const std::string alphabet = "0129.-,:\t";
  for (const uint32_t units : {1000u, 10'000u}) {
    const DosageGrid grid(units, 0);
    size_t taken = 0;
    for (uint32_t code = 0; code < 9u * 9 * 9 * 9 * 9 * 9; ++code) {
      char text[16];
      uint32_t rest = code;
      for (int i = 0; i < 6; ++i, rest /= 9) text[i] = alphabet[rest % 9];
      std::memcpy(text + 6, "\t00000000", 9);
      for (const uint32_t copies : {1u, 2u}) {
        uint32_t quick = 0, general = 0;
        const char* end = grid.QuickUnits(text, copies, quick);
        if (end == nullptr) continue;
        ++taken;
        ASSERT_EQ(end, swar::FindColonOrTab(text));
        double x = -1;
        ASSERT_TRUE(ParseDosageText({text, static_cast<size_t>(end - text)}, x));
        ASSERT_EQ(grid.ToUnits(x, copies, general), DosageGrid::Result::kOk);
        ASSERT_EQ(quick, general) << text;
      }
    }
    EXPECT_GT(taken, 10'000u);
  }
  // And it takes the common forms.
  uint32_t units = 0;
  for (const char* text : {"0\t-------", "1.25:-------", "2.000\t-------", "0.007:-------"}) {
    EXPECT_NE(DosageGrid(1000, 0).QuickUnits(text, 2, units), nullptr) << text;
  }
}

TEST(Swar, FindsTheFirstDelimiterAtEveryOffset) {
  for (size_t at = 0; at < 40; ++at) {
    for (size_t later = at + 1; later < 44; ++later) {
      std::string text(64, '0');
      text[at] = ':';
      text[later] = '\t';
      EXPECT_EQ(swar::FindColonOrTab(text.data()), text.data() + at);
      EXPECT_EQ(swar::FindTab(text.data()), text.data() + later);
    }
  }
}

}  // namespace
}  // namespace kinflow
