#include "stages/family/default_time.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "stages/family/people.h"
#include "stages/family/reporting.h"
#include "stages/family/wave_times.h"

namespace kinflow::family {

std::string DefaultTime(const AnalysisOptions& options, const Formula& formula,
                        const PersonColumns& persons) {
  const ModelOptions& model = options.model_options;
  const bool asked_for = options.model == "gee" && model.correlation == "ar1" && model.time.empty();
  const int64_t at = asked_for ? persons.columns.Find(persons.wave_column) : -1;
  if (at < 0 || !persons.by_wave.contains(persons.wave_column)) return "";
  std::string outcome = formula.response;
  if (persons.columns.Find(outcome) < 0) outcome = outcome.substr(0, outcome.rfind('.'));
  const bool by_wave = persons.by_wave.contains(outcome);  // scl, or scl.mother
  return by_wave && IsTime(persons.columns.column(static_cast<size_t>(at))) ? persons.wave_column
                                                                            : "";
}

void SettleDefaultTime(const ModelFrame& frame, ModelSpec& spec,
                       std::vector<std::string>& warnings) {
  std::string& time = spec.options.time;
  const auto& column = frame.columns.column(static_cast<size_t>(frame.columns.Find(time)));
  const auto waves = CodesOf(column);
  std::set<std::pair<int64_t, int64_t>> seen;
  for (size_t r = 0; r < frame.cluster.size(); ++r) {
    if (waves[r] < 0 || frame.cluster[r] < 0) continue;
    if (seen.emplace(frame.cluster[r], waves[r]).second) continue;
    time.clear();
    return;
  }
  if (!std::holds_alternative<Table::Strings>(column)) return;
  warnings.push_back(fmt::format(
      "{}: correlation ar1: waves are one step each, in the order of their names in {}; for other "
      "distances name a column of whole numbers: time",
      NameOf(KeyOf(spec, spec.plan.models.size() - 1)), time));
}

}  // namespace kinflow::family
