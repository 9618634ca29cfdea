#include "stages/family/failed_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "stages/family/told_once.h"

namespace kinflow::family {
namespace {

std::string OutcomesText(const std::vector<std::string>& outcomes) {
  constexpr size_t kNamed = 5;
  const size_t named = std::min(kNamed, outcomes.size());
  return fmt::format(
      " of outcome{} {}{}", outcomes.size() == 1 ? "" : "s",
      fmt::join(outcomes.begin(), outcomes.begin() + static_cast<ptrdiff_t>(named), ", "),
      outcomes.size() > named ? fmt::format(" and {} more", outcomes.size() - named) : "");
}

}  // namespace

std::vector<FailedModels> TellFailedModels(const Table& models, std::vector<std::string> reasons) {
  const auto& outcome = models.StringsOf("outcome");
  const bool several = std::set<std::string>(outcome.begin(), outcome.end()).size() > 1;
  const bool by_table = reasons.empty();
  std::vector<size_t> failed;
  for (size_t r = 0; r < models.rows(); ++r) {
    if (models.StringsOf("status")[r] != "failed") continue;
    failed.push_back(r);
    if (!by_table) continue;
    reasons.push_back(models.StringsOf("error_id")[r] + " " + models.StringsOf("message")[r]);
  }
  std::vector<FailedModels> out;
  for (const Told& told : TellOnce(reasons)) {
    std::vector<std::string> outcomes;
    for (size_t i = told.first; several && i <= told.last; ++i) {
      const std::string& name = outcome[failed[i]];
      if (reasons[i] != reasons[told.first]) continue;
      if (std::find(outcomes.begin(), outcomes.end(), name) == outcomes.end()) {
        outcomes.push_back(name);
      }
    }
    out.push_back(
        {failed[told.last], told.first, told.count, several ? OutcomesText(outcomes) : ""});
  }
  return out;
}

}  // namespace kinflow::family
