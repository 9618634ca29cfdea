#include "stages/family/score_scale.h"

#include <fmt/format.h>

#include <cmath>

#include "pipeline/base/error.h"

namespace kinflow::family {
namespace {

/// Mean, sd and n of the people who have a value. In sample order: the sums do not depend on the
/// order of families.
void SetMoments(const std::vector<double>& values, const std::vector<uint32_t>& people,
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
        .Remedy(scale.n > 0 ? "look at the score's match summary and at who was removed by QC"
                            : "name the pedigree (pedigree.file) and compare its ids with those of "
                              "the genotypes; look at who was removed by QC");
  }
}

}  // namespace

std::vector<uint32_t> PeopleOf(const Cohort& cohort, const std::string& member) {
  std::vector<uint8_t> is_one(cohort.samples->size(), 0);
  const auto add = [&](const char* role, uint32_t sample) {
    if ((member.empty() || member == role) && sample != SampleTable::kAbsent) is_one[sample] = 1;
  };
  for (const Trio& trio : cohort.trios) {
    add("mother", trio.mother);
    add("father", trio.father);
    add("child", trio.child);
  }
  std::vector<uint32_t> people;
  for (uint32_t i = 0; i < is_one.size(); ++i) {
    if (is_one[i] != 0) people.push_back(i);
  }
  return people;
}

ScoreScale ScaleOf(const std::vector<uint32_t>& people, const std::vector<double>& values,
                   const std::string& score, const std::string& member) {
  ScoreScale scale{score, member, 0, 1, 0};
  SetMoments(values, people, scale);
  return scale;
}

ScoreScale AllelesScale(const std::vector<uint32_t>& children,
                        const std::map<std::string, std::vector<double>>& members,
                        const std::string& score, const std::string& member, bool own) {
  ScoreScale scale{score, member, 0, 1, 0};
  SetMoments(members.at(member), children, scale);
  if (own) return scale;
  std::vector<double> whole = members.at("t_mother");
  const auto& paternal = members.at("t_father");
  for (size_t i = 0; i < whole.size(); ++i) whole[i] += paternal[i];
  ScoreScale of_child{score, member, 0, 1, 0};
  SetMoments(whole, children, of_child);
  scale.sd = of_child.sd;
  return scale;
}

}  // namespace kinflow::family
