#include "stages/report/multiqc.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace kinflow {
namespace {

TEST(MultiqcSection, RowsInOrderWithoutMissingCells) {
  Table ledger;
  ledger.Add("STEP", Table::Strings{"input", "samples"});
  ledger.Add("FILTER", Table::Strings{"NA", "call_rate"});
  ledger.Add("THRESHOLD", Table::Doubles{std::nan(""), 0.98});
  ledger.Add("SAMPLES_OUT", Table::Strings{"1543", "NA"});
  ledger.Add("TRIOS", Table::Strings{"532", "<5"});
  const auto section = nlohmann::json::parse(MultiqcSection(ledger));
  EXPECT_EQ(section["plot_type"], "table");
  const auto& data = section["data"];
  ASSERT_EQ(data.size(), 2u);
  EXPECT_EQ(data["01 input"], (nlohmann::json{{"SAMPLES_OUT", 1543}, {"TRIOS", 532}}));
  EXPECT_EQ(data["02 samples: call_rate"], (nlohmann::json{{"THRESHOLD", 0.98}, {"TRIOS", "<5"}}));
  EXPECT_TRUE(section["headers"].contains("TRIOS"));
  EXPECT_FALSE(section["headers"].contains("STEP"));
}

}  // namespace
}  // namespace kinflow
