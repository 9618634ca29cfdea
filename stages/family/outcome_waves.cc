#include "stages/family/outcome_waves.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

namespace kinflow::family {
namespace {

/// The columns that give the model its rows, but for the outcome's.
std::vector<std::string> OtherColumns(const AnalysisOptions& options, const Formula& formula) {
  std::vector<std::string> names = formula.Columns();
  names.erase(names.begin());
  for (auto& name : options.model_options.Columns()) names.push_back(std::move(name));
  return names;
}

}  // namespace

std::vector<Error> CheckOutcomeWaves(const AnalysisOptions& options, const Formula& formula,
                                     const PersonColumns& persons,
                                     const std::vector<std::string>& scores) {
  const auto is_by_wave = [&](const std::string& name) {
    const auto source = ResolveGroup(name, options.outcome_of, persons, scores);
    return source.kind == ColumnSource::kPerson && persons.by_wave.contains(source.name);
  };
  const auto others = OtherColumns(options, formula);
  const auto by_wave = std::find_if(others.begin(), others.end(), is_by_wave);
  std::vector<Error> errors;
  std::set<std::string> waves(persons.wave.begin(), persons.wave.end());
  waves.erase("");
  if (by_wave == others.end() || waves.size() < 2) return errors;
  // Each wave by itself repeats nobody, and is more than the same rows where covariates have waves.
  const std::string& wave = options.model_options.wave;
  if (options.model == "ols_by_wave" &&
      std::any_of(others.begin(), others.end(),
                  [&](const auto& name) { return name != wave && is_by_wave(name); })) {
    return errors;
  }
  for (const AnalysisOptions& one : ByOutcome(options)) {
    const std::string outcome = one.outcome.empty() ? formula.response : one.outcome;
    if (is_by_wave(outcome)) continue;
    errors.push_back(
        Error(ErrorId::kConfigReference,
              "the outcome has one value for all waves: beside a column by wave it would be "
              "repeated and count once a wave")
            .Field("analyses." + options.id + (one.outcome.empty() ? ".formula" : ".outcome"))
            .Value(outcome)
            .Remedy(fmt::format("take {} out, which has a value a wave, in an analysis of its own "
                                "for this outcome, or name an outcome of the long table",
                                *by_wave)));
  }
  return errors;
}

}  // namespace kinflow::family
