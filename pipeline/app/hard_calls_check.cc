#include "pipeline/app/hard_calls_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace kinflow {
namespace {

std::vector<std::string> Named(const std::vector<std::string>& samples, const SampleIds& ids) {
  std::vector<std::string> people;
  for (const std::string& id : samples) people.push_back(ids.Of(id));
  return people;
}

size_t NotIn(const std::vector<std::string>& people, const std::vector<std::string>& others) {
  const std::unordered_set<std::string> known(others.begin(), others.end());
  return static_cast<size_t>(std::count_if(
      people.begin(), people.end(), [&known](const auto& id) { return !known.contains(id); }));
}

}  // namespace

std::string DifferenceOfPeople(const std::vector<std::string>& dosages,
                               const std::vector<std::string>& calls, const SampleIds& ids) {
  const auto imputed = Named(dosages, ids), called = Named(calls, ids);
  if (imputed == called) return "";
  const size_t lost = NotIn(called, imputed), added = NotIn(imputed, called);
  if (lost + added > 0) {
    return fmt::format(
        "{} of its {} people are not among the genotypes, {} of the {} there are "
        "not in it",
        lost, called.size(), added, imputed.size());
  }
  if (imputed.size() != called.size()) return "a person is there twice";
  const auto [one, other] = std::mismatch(imputed.begin(), imputed.end(), called.begin());
  return fmt::format("the same {} people in another order, sample {} is the first that differs",
                     imputed.size(), one - imputed.begin() + 1);
}

bool NobodyInCommon(const std::vector<std::string>& dosages, const std::vector<std::string>& calls,
                    const SampleIds& ids) {
  const auto called = Named(calls, ids);
  return NotIn(called, Named(dosages, ids)) == called.size();
}

}  // namespace kinflow
