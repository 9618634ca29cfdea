#include "stages/scores/families/impossible.h"

#include <gtest/gtest.h>

#include <random>

namespace kinflow {
namespace {

// R: qpois(.01 / n, rate, lower.tail = FALSE) + 1, or floor(3 rate) + 1 if that is more.
TEST(ImpossibleLimit, AsR) {
  const auto limit = [](uint32_t median, size_t tests) {
    return ImpossibleLimit({median, median, median}, tests);
  };
  EXPECT_EQ(limit(0, 400), 7u);
  EXPECT_EQ(limit(0, 100000), 9u);
  EXPECT_EQ(limit(5, 400), 19u);
  EXPECT_EQ(limit(100, 400), 303u);  // the factor three
}

TEST(ImpossibleLimit, TheOthersTellTheRate) {
  EXPECT_EQ(ImpossibleLimit({0, 30}, 2), ImpossibleLimit({0, 0}, 2));
  EXPECT_EQ(ImpossibleLimit({40, 3, 3, 50, 3}, 5), ImpossibleLimit({3}, 5));
}

TEST(ImpossibleWarnings, ATenthOfTheChildrenSwapped) {
  std::vector<FamilyKind> kinds(400, FamilyKind::kTrio);
  std::vector<uint32_t> impossible(400, 0);
  for (size_t c = 0; c < 400; c += 10) impossible[c] = 14;
  kinds.resize(450, FamilyKind::kMotherChild);
  impossible.resize(450, 1);
  const auto warnings = ImpossibleWarnings(kinds, impossible);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_TRUE(warnings[0].starts_with("40 of 400 children (trio) have ")) << warnings[0];
}

TEST(ImpossibleWarnings, ErrorsByChanceAreNone) {
  std::mt19937 rng(1);
  int alarms = 0;
  for (int cohort = 0; cohort < 300; ++cohort) {
    std::poisson_distribution<uint32_t> errors(0.1 * (1 + cohort % 30));
    std::vector<uint32_t> impossible(400);
    for (uint32_t& count : impossible) count = errors(rng);
    alarms +=
        !ImpossibleWarnings(std::vector<FamilyKind>(400, FamilyKind::kTrio), impossible).empty();
  }
  EXPECT_LE(alarms, 9);  // expected fewer than 3
}

}  // namespace
}  // namespace kinflow
