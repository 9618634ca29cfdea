// Case H of tests/conformance: effective numbers of tests.
#include "stages/family/effective_tests.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

TEST(EffectiveTests, EqualTheReference) {
  std::ifstream file(ConformanceFile("ref/h_multiple.json"));
  const auto expected = nlohmann::json::parse(file)["meff"];
  const Tsv tsv = ReadTsv(ConformanceFile("data/i_pgs_cor.tsv"));
  const auto m = static_cast<Eigen::Index>(tsv.rows.size());
  Eigen::MatrixXd correlation(m, m);
  for (Eigen::Index i = 0; i < m; ++i) {
    const auto& row = tsv.rows[static_cast<size_t>(i)];
    for (Eigen::Index j = 0; j < m; ++j) {
      correlation(i, j) = NumberOf(row[row.size() - static_cast<size_t>(m - j)]);
    }
  }
  const EffectiveTests ours = CountEffective(correlation);
  EXPECT_EQ(ours.tests, expected["M"]);
  EXPECT_LE(RelativeError(ours.nyholt, expected["nyholt"]), 1e-12);
  EXPECT_LE(RelativeError(ours.li_ji, expected["li_ji"]), 1e-9);
  EXPECT_LE(RelativeError(ours.galwey, expected["galwey"]), 1e-12);
  EXPECT_EQ(ours.gao, expected["gao_simpleM_995"]);
}

TEST(EffectiveTests, IndependentAndIdenticalScores) {
  const EffectiveTests independent = CountEffective(Eigen::MatrixXd::Identity(5, 5));
  EXPECT_DOUBLE_EQ(independent.nyholt, 5);
  EXPECT_DOUBLE_EQ(independent.li_ji, 5);
  EXPECT_DOUBLE_EQ(independent.galwey, 5);
  EXPECT_EQ(independent.gao, 5);
  const EffectiveTests one = CountEffective(Eigen::MatrixXd::Ones(5, 5));
  EXPECT_NEAR(one.nyholt, 1, 1e-12);
  EXPECT_NEAR(one.li_ji, 1, 1e-12);
  EXPECT_NEAR(one.galwey, 1, 1e-6);
  EXPECT_EQ(one.gao, 1);
}

TEST(EffectiveTests, CorrelationOverCompleteRows) {
  const double nan = std::nan("");
  const Eigen::MatrixXd r =
      CorrelationOf({{1, 2, 3, 4, nan, 9}, {2, 4, 6, 8, 1, nan}, {4, 3, 2, 1, 7, 7}});
  ASSERT_EQ(r.rows(), 3);
  EXPECT_NEAR(r(0, 1), 1, 1e-12);
  EXPECT_NEAR(r(0, 2), -1, 1e-12);
  EXPECT_EQ(CorrelationOf({{1, 2, nan}, {1, 2, 3}}).size(), 0);
  EXPECT_EQ(CorrelationOf({{1, 1, 1, 1}, {1, 2, 3, 4}}).size(), 0);
}

}  // namespace
}  // namespace kinflow::family::test
