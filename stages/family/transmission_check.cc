#include "stages/family/transmission_check.h"

#include "stages/family/models/ptdt_model.h"

namespace kinflow::family {

std::vector<Error> CheckTransmission(const AnalysisOptions& options, const Formula& formula,
                                     const ModelFrame& roles) {
  if (options.model != "ptdt") return {};
  std::vector<Error> errors;
  const auto refuse = [&](const char* key, const char* value, const char* what,
                          const char* remedy) {
    errors.push_back(Error(ErrorId::kConfigReference, what)
                         .Field("analyses." + options.id + "." + key)
                         .Value(value)
                         .Remedy(remedy));
  };
  if (options.standardise == Standardise::kOwn) {
    refuse("standardise", "own",
           "model ptdt compares scores of child and parents, which own scales make unlike",
           "leave it out: common_sd");
  }
  if (options.outcome_of != "child") {
    refuse("outcome.of", options.outcome_of.c_str(),
           "model ptdt is of children who are cases and their own parents",
           "write outcome.of: child");
  }
  if (auto fault = FaultOfTrioScores(formula, roles)) {
    errors.push_back(Error(ErrorId::kConfigReference, fault->message())
                         .Field("analyses." + options.id +
                                (options.formula.empty() ? ".covariates" : ".formula"))
                         .Value(formula.Text())
                         .Remedy(fault->Advice()));
  }
  return errors;
}

}  // namespace kinflow::family
