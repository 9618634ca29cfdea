#include "stages/family/natural_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace kinflow::family {
namespace {

TEST(NaturalOrder, DigitsAreNumbers) {
  // Each before all behind it.
  const std::vector<std::string> sorted{"",     "8w",  "12m",  "a",    "gw17", "gw30", "m6",
                                        "m06b", "m18", "m18a", "m18b", "m100", "y5"};
  for (size_t i = 0; i < sorted.size(); ++i) {
    for (size_t j = 0; j < sorted.size(); ++j) {
      EXPECT_EQ(NaturalLess(sorted[i], sorted[j]), i < j) << sorted[i] << " " << sorted[j];
    }
  }
  EXPECT_NE(NaturalLess("m6", "m06"), NaturalLess("m06", "m6")) << "one of them is first";
}

}  // namespace
}  // namespace kinflow::family
