#include "stages/family/told_once.h"

#include <gtest/gtest.h>

namespace kinflow::family::test {
namespace {

TEST(ToldOnce, WarningsOfManyModels) {
  const std::vector<std::string> warnings{"joint/trio/a: singular fit: a variance is zero",
                                          "other: text",
                                          "joint/trio/b: separate",
                                          "joint/trio/c: singular fit: a variance is zero",
                                          "joint/trio/d: singular fit: a variance is zero",
                                          "a sentence: of its own",
                                          "a sentence: of its own"};
  EXPECT_EQ(MergeWarnings(warnings),
            (std::vector<std::string>{
                "joint/trio/d: singular fit: a variance is zero (and 2 more models)", "other: text",
                "joint/trio/b: separate", "a sentence: of its own (2 times)"}));
}

TEST(ToldOnce, CountsInOrderOfAppearance) {
  const auto told = TellOnce({"x", "y", "x", "x"});
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].first, 0u);
  EXPECT_EQ(told[0].last, 3u);
  EXPECT_EQ(told[0].count, 3u);
  EXPECT_EQ(told[1].first, 1u);
  EXPECT_EQ(CountText(1), "");
  EXPECT_EQ(CountText(3), " (3 models)");
}

}  // namespace
}  // namespace kinflow::family::test
