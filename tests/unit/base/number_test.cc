#include "pipeline/base/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace kinflow {
namespace {

// Ranges of IEEE 754 doubles: 2^-1074 is the smallest above 0, what is below half of it rounds to
// 0.
TEST(ParseDouble, WhatIsTooSmallIsZero) {
  const std::string zeros(400, '0');
  for (const std::string& text :
       {std::string("1e-400"), std::string("-1e-400"), std::string("2e-324"),
        std::string("12345.678E-400"), std::string("1e-99999999999999999999"), "0." + zeros + "1",
        "0." + zeros + "1e+5", "." + zeros + "1"}) {
    const auto value = ParseDouble(text);
    ASSERT_TRUE(value.has_value()) << text;
    EXPECT_EQ(*value, 0) << text;
    EXPECT_FALSE(std::signbit(*value)) << text;
  }
  EXPECT_EQ(ParseDouble("5e-324"), 5e-324);
  EXPECT_EQ(ParseDouble("0e-400"), 0);
  EXPECT_EQ(ParseDouble("0." + zeros + "1e400"), 0.1);
}

TEST(ParseDouble, WhatIsTooLargeIsNoNumber) {
  const std::string zeros(400, '0');
  for (const std::string& text :
       {std::string("1e400"), std::string("-1e400"), std::string("1e99999999999999999999"),
        std::string("0.001e400"), "1" + zeros, "-1" + zeros + ".5e-3", std::string("1e-400x"),
        std::string("1e-400 "), std::string("inf"), std::string("nan")}) {
    EXPECT_FALSE(ParseDouble(text).has_value()) << text;
  }
  EXPECT_EQ(ParseDouble("1" + zeros + "e-400"), 1);
}

}  // namespace
}  // namespace kinflow
