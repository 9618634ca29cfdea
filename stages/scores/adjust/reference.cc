#include "stages/scores/adjust/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

bool IsOf(const Cohort& cohort, uint32_t sample, FitOn people) {
  switch (people) {
    case FitOn::kAll:
      return true;
    case FitOn::kMother:
      return cohort.roles[sample] == Role::kMother;
    case FitOn::kFather:
      return cohort.roles[sample] == Role::kFather;
    case FitOn::kChild:
      return cohort.roles[sample] == Role::kChild;
    case FitOn::kFounder:
      return cohort.founders[sample] != 0 && !cohort.all_as_founders;
  }
  return false;
}

}  // namespace

std::vector<uint32_t> SamplesOf(const Cohort& cohort, FitOn people) {
  std::vector<uint32_t> samples;
  for (uint32_t s = 0; s < cohort.samples->size(); ++s) {
    if (IsOf(cohort, s, people)) samples.push_back(s);
  }
  return samples;
}

ReferenceScale ScaleAmong(const std::vector<double>& values, const std::vector<uint32_t>& samples,
                          const std::string& score, FitOn people) {
  ReferenceScale scale;
  double sum = 0, squares = 0;
  for (const uint32_t s : samples) {
    if (std::isnan(values[s])) continue;
    sum += values[s];
    ++scale.n;
  }
  if (scale.n < 2) {
    throw Error(ErrorId::kTooFewRows, fmt::format("score {} has {} of the people it is to be "
                                                  "standardised by ({})",
                                                  score, scale.n, FitOnName(people)))
        .Field("scores.adjust")
        .Remedy("choose other people, or look in samples.tsv who was removed by QC");
  }
  const auto n = static_cast<double>(scale.n);
  scale.mean = sum / n;
  for (const uint32_t s : samples) {
    if (!std::isnan(values[s])) squares += (values[s] - scale.mean) * (values[s] - scale.mean);
  }
  scale.sd = std::sqrt(squares / (n - 1));
  if (!(scale.sd > 1e-13 * std::abs(scale.mean)) || scale.sd == 0) {
    throw Error(ErrorId::kNoEstimableTerm,
                fmt::format("score {} has the same value for all {} people it is to be "
                            "standardised by ({})",
                            score, scale.n, FitOnName(people)))
        .Field("scores.adjust")
        .Remedy("look at the score's match summary and at who was removed by QC");
  }
  return scale;
}

double PercentileAmong(double value, const std::vector<double>& sorted) {
  const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), value);
  const auto below = low - sorted.begin(), not_above = high - sorted.begin();
  return static_cast<double>(below + not_above + (low < high ? 1 : 0)) * 50 /
         static_cast<double>(sorted.size());
}

std::vector<double> Percentiles(const std::vector<double>& values,
                                const std::vector<uint32_t>& reference) {
  std::vector<double> sorted;
  for (const uint32_t s : reference) {
    if (!std::isnan(values[s])) sorted.push_back(values[s]);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> out(values.size(), std::numeric_limits<double>::quiet_NaN());
  if (sorted.empty()) return out;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) out[i] = PercentileAmong(values[i], sorted);
  }
  return out;
}

}  // namespace kinflow
