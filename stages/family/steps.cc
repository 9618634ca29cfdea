#include "stages/family/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kinflow::family {
namespace {

// Members whose score a term involves, main effect or product.
std::set<std::string> MembersOf(const Formula& formula, const FormulaTerm& term,
                                const ModelFrame& frame) {
  std::set<std::string> members;
  for (const uint32_t v : term.variables) {
    const std::string role = frame.InfoOf(formula.variables[v].column).role;
    if (IsMemberRole(role)) members.insert(role);
  }
  return members;
}

std::set<std::string> MembersOf(const Formula& formula, const std::vector<uint8_t>& keep,
                                const ModelFrame& frame) {
  std::set<std::string> members;
  for (size_t t = 0; t < keep.size(); ++t) {
    if (keep[t] != 0) members.merge(MembersOf(formula, formula.terms[t], frame));
  }
  return members;
}

std::string NameOf(const std::set<std::string>& members) {
  if (members.empty()) return "covariates";
  if (members.size() == 3) return "trio";
  std::string name;
  for (const char* member : {"mother", "father", "child"}) {
    if (members.count(member) != 0) name += (name.empty() ? "" : "_") + std::string(member);
  }
  return name;
}

// Adds a model unless an equal one is there; returns its index.
size_t AddModel(StepPlan& plan, const Formula& formula, const ModelFrame& frame,
                const std::vector<uint8_t>& keep, bool family) {
  for (size_t m = 0; m < plan.models.size(); ++m) {
    if (plan.models[m].keep == keep) return m;
  }
  const std::string base =
      family ? NameOf(MembersOf(formula, keep, frame)) : fmt::format("step{}", plan.models.size());
  std::string id = base;
  const auto taken = [&](const std::string& name) {
    return std::any_of(plan.models.begin(), plan.models.end(),
                       [&](const StepModel& model) { return model.id == name; });
  };
  for (int i = 2; taken(id); ++i) id = fmt::format("{}_{}", base, i);
  plan.models.push_back({id, keep});
  return plan.models.size() - 1;
}

void AddPair(StepPlan& plan, size_t reduced, size_t full) {
  if (reduced == full) return;
  for (const auto& pair : plan.pairs) {
    if (pair.reduced == reduced && pair.full == full) return;
  }
  plan.pairs.push_back({reduced, full});
}

// Terms without a member in `members` dropped.
std::vector<uint8_t> KeepMembers(const Formula& formula, const ModelFrame& frame,
                                 const std::set<std::string>& members) {
  std::vector<uint8_t> keep;
  for (const auto& term : formula.terms) {
    const auto needed = MembersOf(formula, term, frame);
    keep.push_back(std::includes(members.begin(), members.end(), needed.begin(), needed.end()));
  }
  return keep;
}

// Puts the full model last, so that StepPlan::full() holds.
void MoveFullLast(StepPlan& plan) {
  const auto is_full = [](const StepModel& model) {
    return std::all_of(model.keep.begin(), model.keep.end(), [](uint8_t k) { return k != 0; });
  };
  const auto at = std::find_if(plan.models.begin(), plan.models.end(), is_full);
  const auto index = static_cast<size_t>(at - plan.models.begin());
  const size_t last = plan.models.size() - 1;
  std::rotate(at, at + 1, plan.models.end());
  const auto moved = [&](size_t m) { return m == index ? last : m > index ? m - 1 : m; };
  for (auto& pair : plan.pairs) pair = {moved(pair.reduced), moved(pair.full)};
}

StepPlan DefaultPlan(const Formula& formula, const ModelFrame& frame) {
  StepPlan plan;
  const std::vector<uint8_t> all(formula.terms.size(), 1);
  const auto present = MembersOf(formula, all, frame);
  const auto add = [&](const std::set<std::string>& members) {
    return AddModel(plan, formula, frame, KeepMembers(formula, frame, members), true);
  };
  const size_t covariates = add({});
  if (present.count("mother") != 0 && present.size() > 1) add({"mother"});
  const size_t full = add(present);
  for (size_t m = 1; m < plan.models.size(); ++m) AddPair(plan, m - 1, m);
  AddPair(plan, covariates, full);
  if (present.size() == 3) {
    AddPair(plan, add({"father"}), full);
    AddPair(plan, add({"father", "child"}), full);
  }
  MoveFullLast(plan);
  return plan;
}

// True if the term is that of a variable alone, or of the column of which it is a function.
bool IsMarginOf(const Formula& formula, const FormulaTerm& term, uint32_t variable) {
  if (term.variables.size() != 1) return false;
  if (term.variables[0] == variable) return true;
  const FormulaVariable &own = formula.variables[variable],
                        &other = formula.variables[term.variables[0]];
  return own.IsFunction() && other.IsPlain() && own.column == other.column;
}

// Step (0-based) of every term; unnamed ones are placed by the rule in the header.
std::vector<size_t> StepOfTerms(const Formula& formula,
                                const std::vector<std::vector<std::string>>& steps) {
  constexpr size_t kNone = SIZE_MAX;
  std::vector<size_t> step_of(formula.terms.size(), kNone);
  for (size_t s = 0; s < steps.size(); ++s) {
    for (const auto& text : steps[s]) {
      for (const size_t t : FindTerms(formula, text)) step_of[t] = std::min(step_of[t], s);
    }
  }
  for (size_t t = 0; t < step_of.size(); ++t) {  // by degree: margins come before products
    if (step_of[t] != kNone) continue;
    step_of[t] = 0;
    for (const uint32_t v : formula.terms[t].variables) {
      for (size_t m = 0; m < step_of.size(); ++m) {
        if (m == t || step_of[m] == kNone || !IsMarginOf(formula, formula.terms[m], v)) continue;
        step_of[t] = std::max(step_of[t], step_of[m]);
      }
    }
  }
  return step_of;
}

}  // namespace

StepPlan PlanSteps(const Formula& formula, const ModelFrame& frame,
                   const std::vector<std::vector<std::string>>& steps) {
  const std::vector<uint8_t> all(formula.terms.size(), 1);
  const bool family = !MembersOf(formula, all, frame).empty();
  if (steps.empty()) {
    if (family) return DefaultPlan(formula, frame);
    return {{{"full", all}}, {}};
  }
  StepPlan plan;
  const auto step_of = StepOfTerms(formula, steps);
  for (size_t s = 0; s < steps.size(); ++s) {
    std::vector<uint8_t> keep;
    for (const size_t step : step_of) keep.push_back(step <= s);
    const size_t model = AddModel(plan, formula, frame, keep, family);
    if (model > 0) AddPair(plan, model - 1, model);
  }
  AddPair(plan, 0, plan.models.size() - 1);
  if (!family) plan.models.back().id = "full";
  return plan;
}

bool IsMemberRole(std::string_view role) {
  return role == "mother" || role == "father" || role == "child";
}

VariableInfo TermInfo(const Formula& formula, const FormulaTerm& term, const ModelFrame& frame) {
  VariableInfo info;
  for (const uint32_t v : term.variables) {
    const VariableInfo own = frame.InfoOf(formula.variables[v].column);
    if (own.pgs != "NA") info.pgs = own.pgs;
    info.role =
        formula.variables[v].IsFunction() && IsMemberRole(own.role) ? "interaction" : own.role;
  }
  if (term.variables.size() > 1) info.role = "interaction";
  return info;
}

}  // namespace kinflow::family
