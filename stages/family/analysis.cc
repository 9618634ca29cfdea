#include "stages/family/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "pipeline/base/text.h"
#include "stages/family/multiple_testing.h"
#include "stages/family/negative_control.h"
#include "stages/family/reference_check.h"
#include "stages/family/steps.h"
#include "stages/family/trio_frame.h"

namespace kinflow::family {
namespace {

std::string BuiltFormula(const AnalysisOptions& options) {
  if (options.outcome.empty()) {
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

// Runs `check`; an Error it throws joins the list.
void Collect(std::vector<Error>& errors, const std::function<void()>& check) {
  try {
    check();
  } catch (const Error& error) {
    errors.push_back(error);
  }
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

void CheckScores(const AnalysisOptions& options, const std::vector<std::string>& scores,
                 std::vector<Error>& errors) {
  for (const auto& score : options.scores) {
    if (std::find(scores.begin(), scores.end(), score) != scores.end()) continue;
    const std::string near = NearestWord(score, scores);
    errors.push_back(
        Error(ErrorId::kConfigReference, "the analysis names a score that is not there")
            .Field("analyses." + options.id + ".scores")
            .Value(score)
            .Remedy(near.empty() ? "score names are those of the score files"
                                 : "did you mean " + near + "?"));
  }
}

// The formula of an analysis without one holds what its steps name: each must be among the
// covariates, or the score of a member.
void CheckStepTerms(const AnalysisOptions& options, const PersonColumns& persons,
                    const std::vector<std::string>& scores, std::vector<Error>& errors) {
  std::string text = "y ~ 1";
  for (const auto& covariate : options.covariates) text += " + " + covariate;
  const auto covariates = ParseFormula(text).variables;
  const auto refuse = [&](const std::string& term, const char* what, const char* remedy) {
    errors.push_back(Error(ErrorId::kConfigReference, what)
                         .Field("analyses." + options.id + ".steps")
                         .Value(term)
                         .Remedy(remedy));
  };
  for (const auto& step : options.steps) {
    for (const auto& term : step) {
      for (const auto& variable : ParseFormula("y ~ " + term).variables) {
        const std::string& name = variable.column;
        const auto source = ResolveColumn(name, options.outcome_of, persons.columns, scores);
        if (source.kind == ColumnSource::kScore) {
          const auto& members = options.members;
          if (std::find(members.begin(), members.end(), source.member) == members.end()) {
            refuse(term, "a step names the score of a member that is not among the members",
                   "add the member to `members`, or take the term out of `steps`");
          }
        } else if (std::none_of(covariates.begin(), covariates.end(),
                                [&name](const auto& c) { return c.column == name; })) {
          refuse(term, "a step names a column that is not among the covariates",
                 "add it to `covariates`, or take it out of `steps`");
        }
      }
    }
  }
}

// Scores are nobody's clusters.
void CheckClusterColumn(const AnalysisOptions& options, const PersonColumns& persons,
                        const std::vector<std::string>& scores) {
  const std::string field = "analyses." + options.id + ".cluster";
  const char* remedy = "write mother, family, none, or a column of the phenotypes";
  try {
    const auto source = ResolveGroup(options.cluster_column, options.outcome_of, persons, scores);
    if (source.kind != ColumnSource::kScore) return;
  } catch (const Error& error) {
    throw Error(error.id(), "the cluster is a column that does not exist")
        .Field(field)
        .Value(options.cluster_column)
        .Remedy(error.Advice().starts_with("did you mean") ? error.Advice() : remedy);
  }
  throw Error(ErrorId::kConfigReference, "the cluster is a score")
      .Field(field)
      .Value(options.cluster_column)
      .Remedy(remedy);
}

// Columns that are only described must not give the model more rows, one a wave.
void CheckTableOneColumns(const AnalysisOptions& options, const Formula& formula,
                          const PersonColumns& persons, const std::vector<std::string>& scores) {
  const auto by_wave = [&](const std::string& name) {
    const auto source = ResolveGroup(name, options.outcome_of, persons, scores);
    return source.kind == ColumnSource::kPerson && persons.by_wave.count(source.name) != 0;
  };
  const auto columns = formula.Columns();
  const bool has_waves = std::any_of(columns.begin(), columns.end(), by_wave);
  for (const auto& name : options.table_one.Columns()) {
    ResolveColumn(name, options.outcome_of, persons.columns, scores);
    if (has_waves || !by_wave(name)) continue;
    throw Error(ErrorId::kConfigReference, "table1 names a column by wave, the model has no waves")
        .Field("analyses." + options.id + ".table1")
        .Value(name)
        .Remedy("describe it in an analysis of the long table");
  }
}

// Path models name a column a wave, each person one row.
void CheckWide(const Formula& formula, const AnalysisOptions& options, const PersonColumns& persons,
               const std::vector<std::string>& scores, std::vector<Error>& errors) {
  for (const auto& name : formula.Columns()) {
    const auto source = ResolveColumn(name, options.outcome_of, persons.columns, scores);
    if (source.kind != ColumnSource::kPerson || persons.by_wave.count(source.name) == 0) continue;
    errors.push_back(
        Error(ErrorId::kConfigReference, "a path model needs a column a wave, not a long table")
            .Field("analyses." + options.id)
            .Value(name)
            .Remedy("make the table wide first, in R: tidyr::pivot_wider(d, id_cols = id, "
                    "names_from = wave, values_from = c(x, y))"));
    return;
  }
}

// Of several outcomes: the first is checked with its formula.
void CheckOutcomes(const AnalysisOptions& options, const PersonColumns& persons,
                   const std::vector<std::string>& scores, std::vector<Error>& errors) {
  if (options.outcomes.size() < 2) return;
  const auto refuse = [&](const std::string& key, const std::string& value, const char* what,
                          const char* remedy) {
    errors.push_back(Error(ErrorId::kConfigReference, what)
                         .Field("analyses." + options.id + "." + key)
                         .Value(value)
                         .Remedy(remedy));
  };
  std::set<std::string> known;
  for (const auto& name : options.outcomes) {
    if (!known.insert(name).second) {
      refuse("outcome.variable", name, "an outcome is there twice", "leave one of them");
    } else if (known.size() > 1) {
      Collect(errors, [&] {
        const auto source = ResolveColumn(name, options.outcome_of, persons.columns, scores);
        const auto mixed = persons.mixed.find(source.name);
        if (source.kind != ColumnSource::kPerson || mixed == persons.mixed.end()) return;
        errors.push_back(mixed->second);
      });
    }
  }
  if (options.refit) {
    refuse("refit", "true", "a script for R is of one outcome",
           "take refit out, or give each outcome an analysis of its own");
  }
  if (options.table_one.asked_for()) {
    refuse("table1", options.outcomes.front(), "Table 1 is of the rows of one outcome",
           "ask for it in an analysis of one outcome, and name the others in table1.columns");
  }
}

// Enough of a frame to plan steps: roles by name, no rows.
ModelFrame RolesOnly(const Formula& formula, const AnalysisOptions& options,
                     const Table& person_columns, const std::vector<std::string>& scores) {
  ModelFrame frame;
  frame.outcome_of = options.outcome_of;
  const auto groups = formula.GroupColumns();
  for (const auto& name : formula.Columns()) {
    if (std::find(groups.begin(), groups.end(), name) != groups.end()) continue;
    const auto source = ResolveColumn(name, options.outcome_of, person_columns, scores);
    if (source.kind == ColumnSource::kScore) frame.info[name] = {source.member, source.name};
  }
  return frame;
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
  if (options.formula.empty()) return ParseFormula(BuiltFormula(options));
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
  return formula;
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

std::vector<Error> CheckAnalysis(const AnalysisOptions& options, const PersonColumns& persons,
                                 const std::vector<std::string>& scores) {
  std::vector<Error> errors;
  const auto field = [&](Error error) {
    if (error.field().empty()) error.Field("analyses." + options.id);
    return error;
  };
  CheckScores(options, scores, errors);
  CheckOutcomes(options, persons, scores, errors);
  Collect(errors, [&] {
    const Formula formula = FormulaOf(options);
    bool resolved = true;
    const auto groups = formula.GroupColumns();
    for (const auto& name : formula.Columns()) {
      Collect(errors, [&] {
        resolved = false;
        if (std::find(groups.begin(), groups.end(), name) != groups.end()) {
          ResolveGroup(name, options.outcome_of, persons, scores);
        } else {
          ResolveColumn(name, options.outcome_of, persons.columns, scores);
        }
        resolved = true;
      });
      if (!resolved) break;
    }
    if (!resolved) return;
    if (options.cluster == ClusterBy::kColumn) CheckClusterColumn(options, persons, scores);
    for (const auto& name : options.model_options.Columns()) {
      ResolveColumn(name, options.outcome_of, persons.columns, scores);
    }
    CheckTableOneColumns(options, formula, persons, scores);
    const bool built = options.formula.empty() &&
                       MakeModel(options.model)->PathColumns(options.model_options).empty();
    if (built) CheckStepTerms(options, persons, scores, errors);
    if (options.formula.empty() && !built) CheckWide(formula, options, persons, scores, errors);
    for (const auto& name : formula.NumericColumns()) {
      const auto source = ResolveColumn(name, options.outcome_of, persons.columns, scores);
      const auto mixed = persons.mixed.find(source.name);
      if (source.kind == ColumnSource::kPerson && mixed != persons.mixed.end()) {
        errors.push_back(mixed->second);
      }
    }
    const ModelFrame frame = RolesOnly(formula, options, persons.columns, scores);
    const ModelSpec spec = SpecOf(options, frame, "NA");
    for (const auto& error : UnusedOptions(options.model_options, options.model)) {
      errors.push_back(error);
    }
    const auto model = MakeModel(options.model);
    const bool by_paths = !model->PathColumns(options.model_options).empty();
    for (const auto& error : CheckReference(options.reference, formula, by_paths,
                                            "analyses." + options.id + ".reference")) {
      errors.push_back(error);
    }
    for (const auto& error : model->Check(spec, IsClustered(options, formula))) {
      errors.push_back(error);
    }
    for (const auto& error : CheckTableOne(options.table_one, by_paths)) errors.push_back(error);
    for (auto& error :
         CheckNegativeControl(options.negative_control, options.model, options.outcome_of)) {
      errors.push_back(std::move(error));
    }
    for (const auto& error :
         CheckTrajectories(options.trajectories, options.model, formula.Columns())) {
      errors.push_back(error);
    }
    MakeTables(Results{}, options.family, {});
  });
  for (auto& error : errors) error = field(error);
  return errors;
}

}  // namespace kinflow::family
