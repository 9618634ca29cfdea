#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stages/family/formula.h"
#include "stages/family/model_frame.h"

namespace kinflow::family {

/// One of the nested models of an analysis: the terms of the full formula that it keeps.
struct StepModel {
  std::string id;             // "covariates", "mother", "trio", ...; unique in the plan
  std::vector<uint8_t> keep;  // one flag a term
};

/// Which models are fitted and which pairs are tested; the same for every kind of model.
struct StepPlan {
  struct Pair {
    size_t reduced = 0, full = 0;  // indices into models
  };
  std::vector<StepModel> models;  // the last is the full model
  std::vector<Pair> pairs;

  const StepModel& full() const { return models.back(); }
};

/// `steps` lists the terms added at each step ("a", "b:c"; one list a step). Main effects that no
/// step names belong to the first; an interaction joins when its margins are in. Empty `steps` on a
/// formula with scores gives the family default: covariates -> mother -> father + child, and, with
/// three members, father -> all and father + child -> all (each order of entry is tested). Empty
/// `steps` without scores gives the full model alone.
/// Tested pairs: consecutive steps, first -> last, and the extra ones of the default.
StepPlan PlanSteps(const Formula& formula, const ModelFrame& frame,
                   const std::vector<std::vector<std::string>>& steps);

/// True for mother, father, child.
bool IsMemberRole(std::string_view role);

/// Role of a term: that of its score, "interaction" for a product of several variables and for a
/// function of a score.
VariableInfo TermInfo(const Formula& formula, const FormulaTerm& term, const ModelFrame& frame);

}  // namespace kinflow::family
