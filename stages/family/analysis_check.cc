#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "pipeline/base/text.h"
#include "stages/family/analysis.h"
#include "stages/family/contrast_check.h"
#include "stages/family/negative_control.h"
#include "stages/family/outcome_waves.h"
#include "stages/family/reference_check.h"
#include "stages/family/score_keys_check.h"
#include "stages/family/transmission_check.h"

namespace kinflow::family {
namespace {

// Everything that names alone tell of an analysis, each fault once.
class AnalysisCheck {
 public:
  AnalysisCheck(const AnalysisOptions& options, const PersonColumns& persons,
                const std::vector<std::string>& scores)
      : options_(options), persons_(persons), scores_(scores) {}

  std::vector<Error> Go() {
    CheckScores();
    CheckOutcomes();
    Try([&] { model_ = MakeModel(options_.model); });
    if (model_ == nullptr) return std::move(errors_);
    if (CovariatesParse()) ReadFormulas();
    if (formula_) Try([&] { CheckFormula(); });
    Try([&] { CheckKeys(); });
    return std::move(errors_);
  }

 private:
  // A name that two keys have is told once, and so is a key's fault of several outcomes.
  void Add(Error error) {
    if (error.field().empty()) error.Field("analyses." + options_.id);
    const bool told = std::any_of(errors_.begin(), errors_.end(), [&](const Error& other) {
      return (!error.value().empty() || other.field() == error.field()) &&
             other.id() == error.id() && other.message() == error.message() &&
             other.value() == error.value();
    });
    if (told) return;
    errors_.push_back(std::move(error));
  }
  void AddAll(const std::vector<Error>& errors) {
    for (const Error& error : errors) Add(error);
  }
  // Runs `check`; an Error it throws is one of the analysis. False: it did.
  bool Try(const std::function<void()>& check) {
    try {
      check();
      return true;
    } catch (const Error& error) {
      Add(error);
      return false;
    }
  }
  std::string Key(const char* key) const { return "analyses." + options_.id + "." + key; }
  ColumnSource Resolve(const std::string& name) const {
    return ResolveColumn(name, options_.outcome_of, persons_.columns, scores_);
  }
  ColumnSource ResolveAsGroup(const std::string& name) const {
    return ResolveGroup(name, options_.outcome_of, persons_, scores_);
  }

  void CheckScores();
  void CheckOutcomes();
  void ReadFormulas();
  void CheckFormula();
  void CheckKeys();
  bool CheckColumns();
  void CheckOutcomeAlone();
  std::string KeyOf(const std::string& column) const;
  void CheckStepTerms();
  void CheckClusterColumn();
  void CheckTableOneColumns();
  void CheckWide();
  void CheckNumbers();
  void CheckContrastNames();
  void CheckKeysOfScores();
  bool CovariatesParse();
  ModelFrame RolesOnly() const;

  const AnalysisOptions& options_;
  const PersonColumns& persons_;
  const std::vector<std::string>& scores_;
  std::vector<Error> errors_;
  std::unique_ptr<Model> model_;
  std::optional<Formula> formula_;
};

void AnalysisCheck::CheckScores() {
  for (const auto& score : options_.scores) {
    if (std::find(scores_.begin(), scores_.end(), score) != scores_.end()) continue;
    const std::string near = NearestWord(score, scores_);
    Add(Error(ErrorId::kConfigReference, "the analysis names a score that is not there")
            .Field(Key("scores"))
            .Value(score)
            .Remedy(near.empty() ? "score names are those of the score files"
                                 : "did you mean " + near + "?"));
  }
}

// Of several outcomes: the first is checked with its formula.
void AnalysisCheck::CheckOutcomes() {
  if (options_.outcomes.size() < 2) return;
  const auto refuse = [&](const char* key, const std::string& value, const char* what,
                          const char* remedy) {
    Add(Error(ErrorId::kConfigReference, what).Field(Key(key)).Value(value).Remedy(remedy));
  };
  std::set<std::string> known;
  for (const auto& name : options_.outcomes) {
    if (!known.insert(name).second) {
      refuse("outcome.variable", name, "an outcome is there twice", "leave one of them");
    } else if (known.size() > 1) {
      Try([&] {
        const auto source = Resolve(name);
        const auto mixed = persons_.mixed.find(source.name);
        if (source.kind == ColumnSource::kPerson && mixed != persons_.mixed.end()) {
          Add(mixed->second);
        }
      });
    }
  }
  if (options_.refit) {
    refuse("refit", "true", "a script for R is of one outcome",
           "take refit out, or give each outcome an analysis of its own");
  }
  if (options_.table_one.asked_for()) {
    refuse("table1", options_.outcomes.front(), "Table 1 is of the rows of one outcome",
           "ask for it in an analysis of one outcome, and name the others in table1.columns");
  }
}

// That of the first outcome is checked: right sides are alike.
void AnalysisCheck::ReadFormulas() {
  const auto all = ByOutcome(options_);
  for (size_t i = 0; i < all.size(); ++i) {
    Try([&] {
      Formula formula = FormulaOf(all[i]);
      if (i == 0) formula_ = std::move(formula);
    });
  }
}

// What holds of the formula; what needs all its columns only where all are there.
void AnalysisCheck::CheckFormula() {
  const bool by_paths = !model_->PathColumns(options_.model_options).empty();
  const bool clustered = IsClustered(options_, *formula_);
  if (CheckColumns()) {
    if (!by_paths) Try([&] { CheckOutcomeAlone(); });
    if (!by_paths) {
      Try([&] { AddAll(CheckOutcomeWaves(options_, *formula_, persons_, scores_)); });
    }
    Try([&] { CheckTableOneColumns(); });
    if (options_.formula.empty()) Try([&] { by_paths ? CheckWide() : CheckStepTerms(); });
    CheckNumbers();
    Try([&] { CheckKeysOfScores(); });
    Try([&] { AddAll(CheckTransmission(options_, *formula_, RolesOnly())); });
    Try([&] {
      if (!by_paths) CheckContrastNames();
      AddAll(model_->Check(SpecOf(options_, RolesOnly(), "NA"), clustered));
    });
  }
  AddAll(CheckReference(options_.reference, *formula_, by_paths, Key("reference")));
  AddAll(CheckTableOne(options_.table_one, by_paths));
  AddAll(CheckTrajectories(options_.trajectories, options_.model, formula_->Columns()));
}

// What stands beside the formula.
void AnalysisCheck::CheckKeys() {
  if (options_.cluster == ClusterBy::kColumn) Try([&] { CheckClusterColumn(); });
  for (const auto& name : options_.model_options.Columns()) Try([&] { Resolve(name); });
  AddAll(UnusedOptions(options_.model_options, options_.model));
  std::vector<std::string> outcomes = options_.outcomes;
  if (outcomes.empty()) outcomes = {formula_ ? formula_->response : options_.outcome};
  AddAll(CheckNegativeControl(options_.negative_control, options_.model, options_.outcome_of,
                              outcomes));
  Try([&] { MakeTables(Results{}, options_.family, {}); });
}

// True if all columns of the formula are there.
bool AnalysisCheck::CheckColumns() {
  bool all = true;
  const auto groups = formula_->GroupColumns();
  for (const auto& name : formula_->Columns()) {
    const bool group = std::find(groups.begin(), groups.end(), name) != groups.end();
    all &= Try([&] {
      try {
        group ? ResolveAsGroup(name) : Resolve(name);
      } catch (Error& error) {
        error.Field(KeyOf(name));
        throw;
      }
    });
  }
  return all;
}

// Under its other name, with the member whose it is: `scl.mother` of the mother's scl.
void AnalysisCheck::CheckOutcomeAlone() {
  const auto columns = formula_->Columns();
  const auto groups = formula_->GroupColumns();
  for (const auto& one : ByOutcome(options_)) {
    const auto outcome = Resolve(one.outcome.empty() ? formula_->response : one.outcome);
    for (size_t c = 1; c < columns.size(); ++c) {  // behind that of the left side
      const bool group = std::find(groups.begin(), groups.end(), columns[c]) != groups.end();
      const auto source = group ? ResolveAsGroup(columns[c]) : Resolve(columns[c]);
      if (source.kind == outcome.kind && source.name == outcome.name &&
          source.member == outcome.member) {
        throw OutcomeOnRight(columns[c], ErrorId::kConfigReference, KeyOf(columns[c]));
      }
    }
  }
}

// The key that names a column of the formula.
std::string AnalysisCheck::KeyOf(const std::string& column) const {
  if (!options_.formula.empty()) return Key("formula");
  const auto paths = model_->PathColumns(options_.model_options);
  if (std::find(paths.begin(), paths.end(), column) != paths.end()) {
    return Key(PathKeyOf(options_.model_options, column).c_str());
  }
  if (column == options_.outcome) return Key("outcome");
  const auto names = [&column](const std::string& term) {
    return term.find(column) != std::string::npos;
  };
  const auto& covariates = options_.covariates;
  if (std::any_of(covariates.begin(), covariates.end(), names)) return Key("covariates");
  for (const auto& step : options_.steps) {
    if (std::any_of(step.begin(), step.end(), names)) return Key("steps");
  }
  return "analyses." + options_.id;
}

// The formula of an analysis without one holds what its steps name: each must be among the
// covariates, or the score of a member.
void AnalysisCheck::CheckStepTerms() {
  std::string text = "y ~ 1";
  for (const auto& covariate : options_.covariates) text += " + " + covariate;
  const auto covariates = ParseFormula(text).variables;
  const auto refuse = [&](const std::string& term, const char* what, const char* remedy) {
    Add(Error(ErrorId::kConfigReference, what).Field(Key("steps")).Value(term).Remedy(remedy));
  };
  for (const auto& step : options_.steps) {
    for (const auto& term : step) {
      for (const auto& variable : ParseFormula("y ~ " + term).variables) {
        const std::string& name = variable.column;
        const auto source = Resolve(name);
        if (source.kind == ColumnSource::kScore) {
          const auto& members = options_.members;
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
void AnalysisCheck::CheckClusterColumn() {
  const char* remedy = "write mother, family, none, or a column of the phenotypes";
  try {
    if (ResolveAsGroup(options_.cluster_column).kind != ColumnSource::kScore) return;
  } catch (const Error& error) {
    throw Error(error.id(), "the cluster is a column that does not exist")
        .Field(Key("cluster"))
        .Value(options_.cluster_column)
        .Remedy(error.Advice().starts_with("did you mean") ? error.Advice() : remedy);
  }
  throw Error(ErrorId::kConfigReference, "the cluster is a score")
      .Field(Key("cluster"))
      .Value(options_.cluster_column)
      .Remedy(remedy);
}

// Columns that are only described must not give the model more rows, one a wave.
void AnalysisCheck::CheckTableOneColumns() {
  const auto by_wave = [&](const std::string& name) {
    const auto source = ResolveAsGroup(name);
    return source.kind == ColumnSource::kPerson && persons_.by_wave.count(source.name) != 0;
  };
  const auto columns = formula_->Columns();
  const bool has_waves = std::any_of(columns.begin(), columns.end(), by_wave);
  for (const auto& name : options_.table_one.Columns()) {
    Resolve(name);
    if (has_waves || !by_wave(name)) continue;
    throw Error(ErrorId::kConfigReference, "table1 names a column by wave, the model has no waves")
        .Field(Key("table1"))
        .Value(name)
        .Remedy("describe it in an analysis of the long table");
  }
}

// Path models name a column a wave, each person one row.
void AnalysisCheck::CheckWide() {
  for (const auto& name : formula_->Columns()) {
    const auto source = Resolve(name);
    if (source.kind != ColumnSource::kPerson || persons_.by_wave.count(source.name) == 0) continue;
    throw Error(ErrorId::kConfigReference, "a path model needs a column a wave, not a long table")
        .Field("analyses." + options_.id)
        .Value(name)
        .Remedy(
            "make the table wide first, in R: tidyr::pivot_wider(d, id_cols = id, "
            "names_from = wave, values_from = c(x, y))");
  }
}

void AnalysisCheck::CheckNumbers() {
  for (const auto& name : formula_->NumericColumns()) {
    const auto source = Resolve(name);
    const auto mixed = persons_.mixed.find(source.name);
    if (source.kind == ColumnSource::kPerson && mixed != persons_.mixed.end()) Add(mixed->second);
  }
}

void AnalysisCheck::CheckContrastNames() {
  std::vector<LinearCombination> contrasts;
  for (const auto& text : options_.contrasts) {
    Try([&] { contrasts.push_back(ParseCombination(text)); });
  }
  AddAll(CheckContrasts(contrasts, *formula_, Key("contrasts")));
}

void AnalysisCheck::CheckKeysOfScores() {
  const bool control = !options_.negative_control.empty() && options_.outcome_of != "child";
  AddAll(CheckScoreKeys({options_.model_options.attenuation.asked_for(), control,
                         FamilyKeys(options_), options_.family_terms, options_.trajectories.at},
                        *formula_, RolesOnly()));
  FamilyTerms(options_.family_terms, *formula_);
}

// Each by itself: a list that was written as one text is no formula.
bool AnalysisCheck::CovariatesParse() {
  if (!options_.formula.empty()) return true;
  bool all = true;
  for (const auto& covariate : options_.covariates) {
    all &= Try([&] {
      try {
        ParseFormula("y ~ 1 + " + covariate);
      } catch (Error& error) {
        error.Field(Key("covariates")).Value(covariate);
        if (covariate.find(',') != std::string::npos && covariate.find('(') == std::string::npos) {
          error.Remedy("write a list: covariates: [" + covariate + "]");
        }
        throw;
      }
    });
  }
  return all;
}

// Enough of a frame to plan steps: roles by name, no rows.
ModelFrame AnalysisCheck::RolesOnly() const {
  ModelFrame frame;
  frame.outcome_of = options_.outcome_of;
  const auto groups = formula_->GroupColumns();
  for (const auto& name : formula_->Columns()) {
    if (std::find(groups.begin(), groups.end(), name) != groups.end()) continue;
    const auto source = Resolve(name);
    if (source.kind == ColumnSource::kScore) frame.info[name] = {source.member, source.name};
  }
  return frame;
}

}  // namespace

std::vector<Error> CheckAnalysis(const AnalysisOptions& options, const PersonColumns& persons,
                                 const std::vector<std::string>& scores) {
  return AnalysisCheck(options, persons, scores).Go();
}

}  // namespace kinflow::family
