// Formulas of scripts for R, whose lm() stops at factors of one level.
#include "stages/family/refit_formula.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinflow::family::test {
namespace {

// `g` has one level at wave 1 and, in rows with z, at all; `one` is 1 everywhere.
ModelFrame Frame() {
  ModelFrame frame;
  frame.columns.Add("y", Table::Doubles{1, 2, 3, 4, 5, 6});
  frame.columns.Add("x", Table::Doubles{3, 1, 4, 1, 5, 9});
  frame.columns.Add("z", Table::Doubles{2, 7, 1, std::nan(""), std::nan(""), 8});
  frame.columns.Add("wave", Table::Ints{1, 1, 1, 2, 2, 2});
  frame.columns.Add("g", Table::Strings{"a", "a", "a", "b", "b", "a"});
  frame.columns.Add("one", Table::Doubles{1, 1, 1, 1, 1, 1});
  return frame;
}

std::string InR(const std::string& formula, const std::string& wave = "NA") {
  ModelSpec spec;
  spec.common_sample = false;
  spec.options.wave = wave == "NA" ? "" : "wave";
  return FormulaInR(formula, wave, Frame(), spec);
}

TEST(RefitFormula, LacksFactorsThatHaveOneLevelInTheRows) {
  EXPECT_EQ(InR("y ~ x + g"), "y ~ x + g");
  EXPECT_EQ(InR("y ~ x + g", "1"), "y ~ x");
  EXPECT_EQ(InR("y ~ x + g", "2"), "y ~ x + g");
  EXPECT_EQ(InR("y ~ x + z + g"), "y ~ x + z");
  EXPECT_EQ(InR("y ~ g", "1"), "y ~ 1");
  EXPECT_EQ(InR("y ~ x + factor(one)"), "y ~ x");
  EXPECT_EQ(InR("y ~ x + one"), "y ~ x + one");  // a number, which R takes
}

// What tells more than the terms beside it stays, and R says that it cannot fit it.
TEST(RefitFormula, KeepsWhatIsNotAliased) {
  EXPECT_EQ(InR("y ~ x + g + x:g", "1"), "y ~ x");
  EXPECT_EQ(InR("y ~ x:g", "1"), "y ~ x:g");
  EXPECT_EQ(InR("y ~ g - 1", "1"), "y ~ g - 1");
  EXPECT_EQ(InR("y ~ x + g + (1 | wave)"), "y ~ x + g + (1 | wave)");
}

}  // namespace
}  // namespace kinflow::family::test
