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

std::string OutcomeName(const AnalysisOptions& options, const Formula& formula) {
  return options.outcome.empty() ? formula.response : options.outcome;
}

Error ClusterByWave(const AnalysisOptions& options, const std::string& outcome) {
  return Error(ErrorId::kConfigReference,
               "the cluster has a value a wave, but the rows of this analysis have no waves")
      .Field("analyses." + options.id + ".cluster")
      .Value(options.cluster_column)
      .Remedy(fmt::format("write mother, family, none or a column of a wide table, or name an "
                          "outcome of the long table instead of {}",
                          outcome));
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
  const auto all = ByOutcome(options);
  std::vector<Error> errors;
  if (by_wave == others.end()) {
    const auto wide = std::find_if(all.begin(), all.end(), [&](const AnalysisOptions& one) {
      return !is_by_wave(OutcomeName(one, formula));
    });
    if (wide != all.end() && options.cluster == ClusterBy::kColumn &&
        IsClustered(options, formula) && persons.by_wave.contains(options.cluster_column)) {
      errors.push_back(ClusterByWave(options, OutcomeName(*wide, formula)));
    }
    return errors;
  }
  std::set<std::string> waves(persons.wave.begin(), persons.wave.end());
  waves.erase("");
  if (waves.size() < 2) return errors;
  // Each wave by itself repeats nobody, and is more than the same rows where covariates have waves.
  const std::string& wave = options.model_options.wave;
  if (options.model == "ols_by_wave" &&
      std::any_of(others.begin(), others.end(),
                  [&](const auto& name) { return name != wave && is_by_wave(name); })) {
    return errors;
  }
  for (const AnalysisOptions& one : all) {
    const std::string outcome = OutcomeName(one, formula);
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
