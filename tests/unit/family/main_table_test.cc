#include "stages/family/main_table.h"

#include <gtest/gtest.h>

#include "stages/family/results.h"

namespace kinflow::family {
namespace {

EstimateRow Row(const std::string& model, const std::string& role, const std::string& se_type,
                double estimate, double p, double neg_log10) {
  EstimateRow row;
  row.key = {"joint", model, "scl", "NA", "mdd"};
  row.role = role;
  row.effect = role == "mother" ? "direct" : "indirect";
  row.term = "pgs." + role;
  row.estimate = estimate;
  row.conf_low = estimate - 0.05;
  row.conf_high = estimate + 0.05;
  row.se_type = se_type;
  row.p_value = p;
  row.neg_log10_p = neg_log10;
  row.n = 2685;
  return row;
}

Table Estimates() {
  Results results;
  results.estimates = {Row("mother", "mother", "CR1S", 0.24, 1e-30, 30),
                       Row("trio", "mother", "const", 0.19, 1e-10, 10),
                       Row("trio", "mother", "CR1S", 0.1935, 0, 400.301029995664),
                       Row("trio", "father", "CR1S", 0.0836, 0.000312, 3.5058454),
                       Row("trio", "child", "CR1S", 0.0429, 0.081, 1.09)};
  return MakeTables(results, {"effect"}, {"trio"}).at("estimates");
}

TEST(MainTable, LargestModelWithTheClusterRobustErrors) {
  EXPECT_EQ(MainTable(Estimates()),
            "analysis  score  member  effect    estimate            95 % CI         p     n\n"
            "joint     mdd    mother  direct      0.1935   [0.1435, 0.2435]  5.0e-401  2685\n"
            "joint     mdd    father  indirect    0.0836   [0.0336, 0.1336]   3.1e-04  2685\n"
            "joint     mdd    child   indirect    0.0429  [-0.0071, 0.0929]     0.081  2685\n"
            "standard errors: CR1S\n");
}

TEST(MainTable, BesideTheTruth) {
  MainTableOptions options;
  options.truth = {{"mdd", "mother", 0.2}, {"mdd", "child", 0.07}, {"other", "father", 1}};
  const std::string text = MainTable(Estimates(), options);
  EXPECT_NE(text.find("[0.1435, 0.2435]  0.2000"), std::string::npos) << text;
  EXPECT_NE(text.find("[0.0336, 0.1336]       -"), std::string::npos) << text;
}

// One model of several outcomes: each is named. A mediator is an outcome of a model of its own.
TEST(MainTable, SeveralOutcomes) {
  Results results;
  for (const char* outcome : {"scl", "bmi"}) {
    results.estimates.push_back(Row("trio", "mother", "CR1S", 0.2, 0.01, 2));
    results.estimates.back().key.outcome = outcome;
  }
  const auto text = [&] { return MainTable(MakeTables(results, {"effect"}, {}).at("estimates")); };
  EXPECT_NE(text().find("joint/scl "), std::string::npos) << text();
  EXPECT_NE(text().find("joint/bmi "), std::string::npos) << text();
  results.estimates.back().key.model_id = "mediator";
  EXPECT_EQ(text().find("joint/"), std::string::npos) << text();
}

TEST(MainTable, NothingToShow) {
  const Results none;
  EXPECT_EQ(MainTable(MakeTables(none, {"effect"}, {}).at("estimates")), "");
}

}  // namespace
}  // namespace kinflow::family
