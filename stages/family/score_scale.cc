#include "stages/family/score_scale.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "pipeline/base/error.h"

namespace kinflow::family {

ScoreScale ScaleOf(const Cohort& cohort, const std::vector<double>& values,
                   const std::string& score, const std::string& member, Standardise rule) {
  ScoreScale scale{score, member, 0, 1, 0};
  if (rule == Standardise::kNone) return scale;
  std::set<uint32_t> people;  // in sample order: the sums do not depend on the order of families
  const bool all = rule == Standardise::kCommonSd;
  for (const Trio& trio : cohort.trios) {
    if (all || member == "mother") people.insert(trio.mother);
    if (all || member == "father") people.insert(trio.father);
    if (all || member == "child") people.insert(trio.child);
  }
  people.erase(SampleTable::kAbsent);
  double sum = 0;
  for (const uint32_t p : people) {
    if (std::isnan(values[p])) continue;
    sum += values[p];
    ++scale.n;
  }
  const auto n = static_cast<double>(scale.n);
  scale.mean = scale.n > 0 ? sum / n : 0;
  double squares = 0;
  for (const uint32_t p : people) {
    if (!std::isnan(values[p])) squares += (values[p] - scale.mean) * (values[p] - scale.mean);
  }
  scale.sd = scale.n > 1 ? std::sqrt(squares / (n - 1)) : 0;
  if (!(scale.sd > 1e-13 * std::abs(scale.mean)) || scale.sd == 0) {
    throw Error(ErrorId::kNoEstimableTerm,
                fmt::format("score {} has no variance over {} people: it cannot be standardised",
                            score, scale.n))
        .Field("standardise")
        .Remedy("look at the score's match summary and at who was removed by QC");
  }
  return scale;
}

}  // namespace kinflow::family
