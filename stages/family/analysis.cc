#include "stages/family/analysis.h"

#include <algorithm>
#include <utility>

#include "stages/family/multiple_testing.h"
#include "stages/family/steps.h"
#include "stages/family/trio_frame.h"

namespace kinflow::family {
namespace {

std::string BuiltFormula(const AnalysisOptions& options) {
  if (options.outcome.empty()) {
    const std::string paths = MakeModel(options.model)->HowTold();
    if (!paths.empty()) {
      throw Error(ErrorId::kMissingKey, "this kind of model is told by paths, which are missing")
          .Field("analyses." + options.id)
          .Remedy(paths);
    }
    throw Error(ErrorId::kMissingKey, "an analysis needs a formula or outcome.variable")
        .Field("analyses." + options.id);
  }
  std::string text = "`" + options.outcome + "` ~ 1";
  for (const auto& covariate : options.covariates) text += " + " + covariate;
  for (const auto& step : options.steps) {
    for (const auto& term : step) text += " + " + term;
  }
  if (options.steps.empty()) {
    for (const auto& member : options.members) text += " + pgs." + member;
  }
  const std::string random = MakeModel(options.model)->DefaultRandom();
  if (!random.empty()) text += " + " + random;
  return text;
}

bool HasTerm(const Formula& formula, const std::string& label) {
  return std::any_of(formula.terms.begin(), formula.terms.end(),
                     [&](const FormulaTerm& term) { return formula.TermLabel(term) == label; });
}

std::vector<std::string> ContrastTexts(const AnalysisOptions& options, const Formula& formula) {
  const auto model = MakeModel(options.model);
  if (!options.contrasts.empty() || !model->TestsCoefficients() ||
      !model->PathColumns(options.model_options).empty()) {
    return options.contrasts;
  }
  std::vector<std::string> out;
  const bool m = HasTerm(formula, "pgs.mother"), f = HasTerm(formula, "pgs.father"),
             c = HasTerm(formula, "pgs.child");
  if (m && f) out.emplace_back("pgs.mother - pgs.father");
  if (f && c) out.emplace_back("pgs.father - pgs.child");
  if (f && c) out.emplace_back("pgs.father + pgs.child");
  return out;
}

}  // namespace

std::map<std::string, AcrossAnalyses> AcrossOf(const std::vector<AnalysisOptions>& analyses) {
  std::map<std::string, AcrossAnalyses> out;
  for (const auto& analysis : analyses) {
    if (analysis.family_across.empty()) continue;
    out[analysis.id] = {analysis.family_across, static_cast<size_t>(analysis.family_tests)};
  }
  return out;
}

std::vector<AnalysisOptions> ByOutcome(const AnalysisOptions& options) {
  if (options.outcomes.empty()) return {options};
  std::vector<AnalysisOptions> out;
  for (const auto& outcome : options.outcomes) {
    out.push_back(options);
    out.back().outcome = outcome;
  }
  return out;
}

Formula FormulaOf(const AnalysisOptions& options) {
  const auto columns = MakeModel(options.model)->PathColumns(options.model_options);
  if (!columns.empty()) {
    if (!options.formula.empty() || !options.outcome.empty() || !options.covariates.empty()) {
      throw Error(ErrorId::kConfigReference,
                  "this kind of model is told by paths, not by formula, outcome or covariates")
          .Field("analyses." + options.id)
          .Remedy("leave them out");
    }
    return ParseFormula(FormulaOfColumns(columns));
  }
  const auto checked = [&options](Formula formula, const char* key) {
    if (formula.HasOutcomeOnRight()) {
      throw OutcomeOnRight(formula.response, ErrorId::kConfigReference,
                           "analyses." + options.id + key);
    }
    return formula;
  };
  if (options.formula.empty()) {
    return checked(ParseFormula(BuiltFormula(options)), ".covariates");
  }
  Formula formula = ParseFormula(options.formula);
  const auto& all = options.outcomes;
  if (std::find(all.begin(), all.end(), formula.response) != all.end()) {
    formula.response = options.outcome;
  }
  if (!options.outcome.empty() && options.outcome != formula.response) {
    throw Error(ErrorId::kConfigReference, "outcome.variable and the formula's left side differ")
        .Field("analyses." + options.id + ".formula")
        .Value(formula.response)
        .Remedy("write the same name, or leave outcome.variable out");
  }
  if (!options.covariates.empty()) {
    throw Error(ErrorId::kConfigReference, "an analysis has a formula and covariates")
        .Field("analyses." + options.id + ".covariates")
        .Remedy("put the covariates into the formula, or leave the formula out");
  }
  return checked(std::move(formula), ".formula");
}

bool UsesPgs(const Formula& formula) {
  const auto columns = formula.Columns();
  return std::any_of(columns.begin(), columns.end(), [](const std::string& name) {
    if (!name.starts_with("pgs.")) return false;
    const std::string_view member = std::string_view(name).substr(4);
    return IsMemberRole(member) || IsAllelesRole(member);
  });
}

bool IsClustered(const AnalysisOptions& options, const Formula& formula) {
  return options.cluster != ClusterBy::kNone && formula.random.empty();
}

ModelSpec SpecOf(const AnalysisOptions& options, const ModelFrame& frame, const std::string& pgs) {
  ModelSpec spec;
  spec.analysis_id = options.id;
  spec.pgs = pgs;
  spec.several_outcomes = options.outcomes.size() > 1;
  spec.formula = FormulaOf(options);
  spec.plan = PlanSteps(spec.formula, frame, options.steps);
  spec.steps_given = !options.steps.empty();
  for (const auto& text : ContrastTexts(options, spec.formula)) {
    spec.contrasts.push_back(ParseCombination(text));
  }
  spec.vcov = CovariancesOf(*MakeModel(options.model), options.vcov, spec.formula,
                            IsClustered(options, spec.formula), options.model_options);
  spec.conf_level = options.conf_level;
  spec.common_sample = options.common_sample;
  spec.normal_df = options.normal_df;
  spec.fixed_196 = options.fixed_196;
  spec.reml = options.reml;
  spec.kenward_roger = options.kenward_roger;
  spec.random_tests = options.random_tests;
  spec.options = options.model_options;
  spec.trajectories = options.trajectories;
  return spec;
}

}  // namespace kinflow::family
