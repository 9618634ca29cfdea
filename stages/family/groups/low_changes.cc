#include "stages/family/groups/low_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stages/family/groups/share_tests.h"
#include "stages/family/reporting.h"

namespace kinflow::family {
namespace {

/// People seen at two waves, and those of them who came into the low category or left it.
struct Counts {
  int64_t people = 0, entered = 0, left = 0;
};

Counts CountChanges(const ScoresByPerson& scores, size_t wave, double low) {
  Counts out;
  for (const auto& entry : scores) {
    const double before = entry.second[0], after = entry.second[wave];
    if (std::isnan(before) || std::isnan(after)) continue;
    ++out.people;
    out.entered += after <= low && before > low;
    out.left += before <= low && after > low;
  }
  return out;
}

}  // namespace

void AddLowChanges(const RowKey& key, const std::vector<std::string>& waves,
                   const ScoresByPerson& scores, double low, Results& out) {
  for (size_t w = 1; w < waves.size(); ++w) {
    const auto [people, entered, left] = CountChanges(scores, w, low);
    const Change change = TestChange(entered, left);
    ComparisonRow row;
    row.key = key;
    row.key.wave = waves[w];
    row.reduced = "equal";
    row.full = key.model_id;
    row.added = "low: " + waves[w] + " - " + waves[0];
    row.n = people;
    // With nobody on one side the statistic is the count of the other.
    row.n_level = std::min(entered, left) > 0 ? std::min(entered, left) : std::max(entered, left);
    AddTest(row, "McNemar", change.mcnemar, out.comparisons);
    AddTest(row, "McNemar-exact", {kNa, kNa, kNa, change.exact_p, -std::log10(change.exact_p)},
            out.comparisons);
    if (entered + left > 0) continue;
    out.warnings.push_back(fmt::format(
        "{}: McNemar's tests are NA: {}", NameOf(row.key),
        people == 0
            ? fmt::format("nobody was seen both then and at {}", waves[0])
            : fmt::format("nobody came into the low category or left it since {}", waves[0])));
  }
}

}  // namespace kinflow::family
