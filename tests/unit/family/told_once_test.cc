#include "stages/family/told_once.h"

#include <gtest/gtest.h>

#include "stages/family/failed_models.h"

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

TEST(FailedModels, NameOutcomesOfAnAnalysisWithSeveral) {
  const auto told = [](Table::Strings outcomes) {
    Table models;
    models.Add("outcome", std::move(outcomes));
    models.Add("status", Table::Strings{"failed", "ok", "failed", "failed", "failed"});
    models.Add("error_id", Table::Strings{"E0442", "NA", "E0442", "E0443", "E0442"});
    models.Add("message", Table::Strings{"same", "NA", "same", "empty", "same"});
    std::string text;
    for (const auto& failed : TellFailedModels(models)) {
      text +=
          std::to_string(failed.row) + " x" + std::to_string(failed.count) + failed.outcomes + "; ";
    }
    return text;
  };
  EXPECT_EQ(told({"a", "a", "a", "a", "a"}), "4 x3; 3 x1; ");
  EXPECT_EQ(told({"a", "a", "a", "b", "c"}), "4 x3 of outcomes a, c; 3 x1 of outcome b; ");
  EXPECT_EQ(told({"a", "b", "a", "a", "a"}), "4 x3 of outcome a; 3 x1 of outcome a; ");
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
