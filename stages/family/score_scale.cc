#include "stages/family/score_scale.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "pipeline/base/error.h"

namespace kinflow::family {
namespace {

/// Mean, sd and n of the people who have a value. In sample order: the sums do not depend on the
/// order of families.
void SetMoments(const std::vector<double>& values, const std::set<uint32_t>& people,
                ScoreScale& scale) {
  scale.n = 0;
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
                            scale.score, scale.n))
        .Field("standardise")
        .Remedy("look at the score's match summary and at who was removed by QC");
  }
}

}  // namespace

ScoreScale ScaleOf(const Cohort& cohort, const std::vector<double>& values,
                   const std::string& score, const std::string& member, Standardise rule) {
  ScoreScale scale{score, member, 0, 1, 0};
  if (rule == Standardise::kNone) return scale;
  std::set<uint32_t> people;
  const bool all = rule == Standardise::kCommonSd;
  for (const Trio& trio : cohort.trios) {
    if (all || member == "mother") people.insert(trio.mother);
    if (all || member == "father") people.insert(trio.father);
    if (all || member == "child") people.insert(trio.child);
  }
  people.erase(SampleTable::kAbsent);
  SetMoments(values, people, scale);
  return scale;
}

ScoreScale AllelesScale(const Cohort& cohort,
                        const std::map<std::string, std::vector<double>>& members,
                        const std::string& score, const std::string& member, Standardise rule) {
  ScoreScale scale{score, member, 0, 1, 0};
  if (rule == Standardise::kNone) return scale;
  std::set<uint32_t> children;
  for (const Trio& trio : cohort.trios) children.insert(trio.child);
  children.erase(SampleTable::kAbsent);
  SetMoments(members.at(member), children, scale);
  if (rule == Standardise::kOwn) return scale;
  std::vector<double> own = members.at("t_mother");
  const auto& paternal = members.at("t_father");
  for (size_t i = 0; i < own.size(); ++i) own[i] += paternal[i];
  ScoreScale of_child{score, member, 0, 1, 0};
  SetMoments(own, children, of_child);
  scale.sd = of_child.sd;
  return scale;
}

}  // namespace kinflow::family
