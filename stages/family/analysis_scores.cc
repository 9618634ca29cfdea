#include "stages/family/analysis_scores.h"

#include <algorithm>

#include "stages/family/score_scale.h"

namespace kinflow::family {
namespace {

std::optional<EffectiveTests> Count(const ScoreColumns& scores, const std::vector<uint32_t>& people,
                                    const std::vector<std::string>& names) {
  std::vector<std::vector<double>> values;
  for (const auto& name : names) {
    const auto at = std::find(scores.names.begin(), scores.names.end(), name);
    if (at == scores.names.end()) continue;  // failed: no test
    const auto& all = scores.values[static_cast<size_t>(at - scores.names.begin())];
    auto& own = values.emplace_back();
    own.reserve(people.size());
    for (const uint32_t person : people) own.push_back(all[person]);
  }
  if (values.size() < 2) return std::nullopt;
  const Eigen::MatrixXd correlation = CorrelationOf(values);
  if (correlation.size() == 0) return std::nullopt;
  return CountEffective(correlation);
}

}  // namespace

std::optional<EffectiveTests> AnalysisScores::Effective(
    const Cohort& cohort, const std::string& role, const std::vector<std::string>& names) const {
  const std::lock_guard lock(counting_);
  auto& counted = counted_[{role, names}];
  if (!counted) counted = Count(columns_, PeopleOf(cohort, role), names);
  return counted;
}

std::shared_ptr<const TrioRows> AnalysisScores::Rows(
    const CohortPtr& cohort, const std::shared_ptr<const PersonColumns>& persons,
    const TrioRowsSpec& spec) const {
  const std::lock_guard lock(keeping_);
  Kept& kept = kept_[spec];
  if (kept.rows == nullptr || kept.cohort != cohort || kept.persons != persons) {
    kept.rows = nullptr;  // before what it refers to
    kept = {cohort, persons, std::make_shared<const TrioRows>(*cohort, *persons, spec)};
  }
  return kept.rows;
}

}  // namespace kinflow::family
