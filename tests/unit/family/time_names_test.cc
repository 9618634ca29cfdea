// Names of waves that are times, as people read them.
#include "stages/family/time_names.h"

#include <gtest/gtest.h>

#include "stages/family/design.h"
#include "stages/family/wave_order.h"

namespace kinflow::family::test {
namespace {

using Names = std::vector<std::string>;

Names Sorted(Names names) {
  SortByTime(names);
  return names;
}

TEST(TimeNames, GoByTimeWhateverTheUnit) {
  EXPECT_EQ(Sorted({"m12", "w8"}), (Names{"w8", "m12"}));
  EXPECT_EQ(Sorted({"y8", "m18", "m6", "gw30", "y3", "gw17", "d3"}),
            (Names{"gw17", "gw30", "d3", "m6", "m18", "y3", "y8"}));
  EXPECT_EQ(Sorted({"12m", "8w", "1_year", "month_2"}), (Names{"8w", "month_2", "12m", "1_year"}));
}

TEST(TimeNames, OthersStay) {
  for (const Names& names :
       {Names{"m12", "w8", "late"}, Names{"w", "m"}, Names{"12", "8"}, Names{"M12", "W8"},
        Names{"m12b", "w8"}, Names{"m_", "w8"}, Names{"m12345678", "w8"}, Names{""}}) {
    Names sorted = names;
    EXPECT_FALSE(SortByTime(sorted)) << names.front();
    EXPECT_EQ(sorted, names);
  }
}

// The models that are made of a design, and those that have waves of their own, agree.
TEST(TimeNames, OrderLevelsOfFactorsAndWaves) {
  ModelFrame frame;
  frame.columns.Add("y", Table::Doubles{1, 2, 4, 3, 5, 7});
  frame.columns.Add("wave", Table::Strings{"m12", "w8", "y3", "m12", "w8", "y3"});
  const std::vector<uint32_t> rows{0, 1, 2, 3, 4, 5};
  const Design design = BuildDesign(ParseFormula("y ~ factor(wave)"), frame, rows);
  ASSERT_EQ(design.k, 3u);
  EXPECT_EQ(design.columns[1].name, "factor(wave)m12");  // w8 is the reference
  EXPECT_EQ(design.columns[2].name, "factor(wave)y3");
  EXPECT_EQ(WaveLevels(frame, "wave", rows, {}).names, (Names{"w8", "m12", "y3"}));
}

}  // namespace
}  // namespace kinflow::family::test
