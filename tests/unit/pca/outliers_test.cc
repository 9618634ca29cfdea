#include "stages/pca/outliers.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinflow::pca {
namespace {

TEST(DistancesInSd, AreOfThoseLeftWithoutTheOutliers) {
  // -100 ... 100: SD 58.168. One of 1000 among them: 10.9 SD with it, 17.2 without.
  std::vector<double> scores;
  for (int k = -100; k <= 100; ++k) scores.push_back(k);
  scores.insert(scores.end(), {1000, -400, std::nan("")});
  std::vector<uint8_t> typical(scores.size(), 1);
  typical[202] = 0;  // beside them
  const auto distances = DistancesInSd(scores, 1, typical, 6);
  EXPECT_NEAR(distances[0], 100 / 58.168, 1e-4);
  EXPECT_NEAR(distances[100], 0, 1e-12);
  EXPECT_NEAR(distances[201], 1000 / 58.168, 1e-3);
  EXPECT_NEAR(distances[202], 400 / 58.168, 1e-3);
  EXPECT_TRUE(std::isnan(distances[203]));
  EXPECT_NEAR(DistancesInSd(scores, 1, typical, 1e9)[201], 10.9108, 1e-3);
}

TEST(DistancesInSd, AreThoseOfTheFurthestComponent) {
  // The second component of four people: 1, 1, 1, 5, mean 2, SD 2.
  const std::vector<double> scores = {0, 1, 1, 1, 0, 1, 1, 5};
  const auto distances = DistancesInSd(scores, 2, std::vector<uint8_t>(4, 1), 6);
  EXPECT_NEAR(distances[3], 1.5, 1e-12);
  EXPECT_NEAR(distances[0], 0.5 / std::sqrt(1.0 / 3), 1e-12);
  for (const double d : DistancesInSd(scores, 2, {0, 0, 0, 1}, 6)) EXPECT_TRUE(std::isnan(d));
}

}  // namespace
}  // namespace kinflow::pca
