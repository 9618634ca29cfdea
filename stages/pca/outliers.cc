#include "stages/pca/outliers.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinflow::pca {
namespace {

constexpr double kNoScore = std::numeric_limits<double>::quiet_NaN();

/// Adds how far people lie on component `k`, where that is further than `distances`.
void AddComponent(const std::vector<double>& scores, size_t columns, size_t k,
                  const std::vector<uint8_t>& typical, std::vector<double>& distances) {
  double n = 0, sum = 0, squares = 0;
  const auto score = [&](size_t person) { return scores[person * columns + k]; };
  const auto counts = [&](size_t person) {
    return typical[person] != 0 && !std::isnan(score(person));
  };
  for (size_t s = 0; s < typical.size(); ++s) {
    if (!counts(s)) continue;
    ++n;
    sum += score(s);
  }
  const double mean = sum / n;
  for (size_t s = 0; s < typical.size(); ++s) {
    if (counts(s)) squares += (score(s) - mean) * (score(s) - mean);
  }
  if (n < 2 || !(squares > 0)) return;
  const double sd = std::sqrt(squares / (n - 1));
  for (size_t s = 0; s < typical.size(); ++s) {
    distances[s] = std::fmax(distances[s], std::abs(score(s) - mean) / sd);  // NaN is no number
  }
}

}  // namespace

std::vector<double> DistancesInSd(const std::vector<double>& scores, size_t columns,
                                  std::vector<uint8_t> typical, double limit) {
  constexpr int kMostRounds = 5;
  std::vector<double> distances;
  for (int round = 0; round <= kMostRounds; ++round) {
    distances.assign(typical.size(), kNoScore);
    for (size_t k = 0; k < columns; ++k) AddComponent(scores, columns, k, typical, distances);
    bool changed = false;
    for (size_t s = 0; s < typical.size(); ++s) {
      if (typical[s] == 0 || !(distances[s] > limit)) continue;
      typical[s] = 0;
      changed = true;
    }
    if (!changed) break;
  }
  return distances;
}

}  // namespace kinflow::pca
