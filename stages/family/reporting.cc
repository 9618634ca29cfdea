#include "stages/family/reporting.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/base/text.h"
#include "stages/family/few_rows.h"
#include "stages/family/outcome_sides.h"
#include "stages/family/tails.h"
#include "stages/family/vcov.h"

namespace kinflow::family {
namespace {

int64_t FewestPeople(const Design& design, const std::vector<size_t>& columns) {
  std::vector<int64_t> people;
  for (const size_t c : columns) people.push_back(design.columns[c].people);
  return FewestOf(people);
}

// Terms of the pair's larger model that the smaller one lacks.
std::vector<FormulaTerm> AddedTerms(const ModelSpec& spec, const StepPlan::Pair& pair) {
  const auto& reduced = spec.plan.models[pair.reduced].keep;
  const auto& full = spec.plan.models[pair.full].keep;
  std::vector<FormulaTerm> terms;
  for (size_t t = 0; t < full.size(); ++t) {
    if (full[t] != 0 && reduced[t] == 0) terms.push_back(spec.formula.terms[t]);
  }
  return terms;
}

// Why a column that could not be estimated says nothing even alone: "one has one level"; empty if
// it varies.
std::string ConstantText(const Formula& formula, const Design& design, size_t c) {
  if (design.columns[c].term == DesignColumn::kIntercept) return "";
  const double* x = design.Column(c);
  if (std::any_of(x, x + design.n, [x](double value) { return value != *x; })) return "";
  const std::string term = formula.TermLabel(formula.terms[design.columns[c].term]);
  // A factor's only level keeps its column, named by both.
  return term + (term == design.columns[c].name ? " has one value" : " has one level");
}

}  // namespace

RowKey KeyOf(const ModelSpec& spec, size_t model) {
  return {spec.analysis_id, spec.plan.models[model].id, spec.formula.Outcome(), spec.wave,
          spec.pgs,         spec.several_outcomes};
}

std::string NameOf(const RowKey& key) {
  std::string outcome = key.several_outcomes ? "/" + key.outcome : "";
  std::replace(outcome.begin(), outcome.end(), ' ', '_');  // names hold no blank: MergeWarnings
  return key.analysis_id + "/" + key.model_id + outcome + (key.wave == "NA" ? "" : "/" + key.wave) +
         (key.pgs == "NA" ? "" : "/" + key.pgs);
}

std::string EffectOf(const Formula& formula, const ModelFrame& frame, const std::string& role) {
  if (!IsMemberRole(role)) return "NA";
  bool others = false;
  for (const auto& term : formula.terms) {
    for (const uint32_t v : term.variables) {  // of products and functions too
      const std::string own = frame.InfoOf(formula.variables[v].column).role;
      others = others || (IsMemberRole(own) && own != role);
    }
  }
  if (!others) return "total";
  const std::string person = frame.PersonOf(formula.response);
  if (person.empty()) return "NA";
  return role == person ? "direct" : "indirect";
}

void AddCounts(const RowKey& key, const ModelFrame& frame, const Formula& formula,
               const RowSelection& selection, std::vector<CountRow>& out) {
  const auto add = [&](const char* quantity, const std::string& reason, uint64_t count) {
    out.push_back({key, quantity, reason, static_cast<int64_t>(count)});
  };
  add("n_input", "NA", selection.n_input);
  for (const auto& [reason, count] : selection.dropped) add("n_dropped", reason, count);
  add("n_used", "NA", selection.rows.size());
  if (!frame.cluster.empty()) add("n_clusters", "NA", selection.n_clusters);
  if (!frame.mother.empty()) add("n_mothers", "NA", selection.n_mothers);
  if (!frame.pregnancy.empty()) add("n_pregnancies", "NA", selection.n_pregnancies);
  const auto people = PeopleOfRows(frame, formula, selection.rows);
  AddPeople(key, *people, out);
  if (const auto sides = SidesOf(frame, formula, selection.rows, *people)) {
    AddSides(key, *sides, *people, out);
  }
}

void AddPeople(const RowKey& key, const People& people, std::vector<CountRow>& out) {
  if (people.repeated()) out.push_back({key, "n_people", "NA", people.count()});
}

void CheckEstimable(const ModelSpec& spec, const ModelFrame& frame, const Formula& formula,
                    const Design& design, const std::vector<int64_t>& position) {
  size_t terms = 0, estimable = 0, scores = 0, estimable_scores = 0;
  std::vector<size_t> lost, lost_scores;
  for (size_t c = 0; c < design.k; ++c) {
    const size_t t = design.columns[c].term;
    if (t == DesignColumn::kIntercept) continue;
    const bool ok = position[c] >= 0;
    ++terms;
    estimable += ok;
    if (!ok) lost.push_back(c);
    if (!IsMemberRole(TermInfo(formula, formula.terms[t], frame).role)) continue;
    ++scores;
    estimable_scores += ok;
    if (!ok) lost_scores.push_back(c);
  }
  // A smaller model of the analysis may come down to its intercept.
  const bool full = formula.terms == spec.formula.terms;
  if ((scores > 0 && estimable_scores == 0) || (full && terms > 0 && estimable == 0)) {
    const std::string which = scores > 0 ? "score term" : "term";
    std::string constant;
    for (const size_t c : scores > 0 ? lost_scores : lost) {
      if (constant.empty()) constant = ConstantText(formula, design, c);
    }
    throw Error(
        ErrorId::kNoEstimableTerm,
        constant.empty()
            ? fmt::format(
                  "no {} can be estimated: each is constant or a combination of other terms", which)
            : fmt::format("no {} can be estimated: {} in {}", which, constant,
                          RowsUsedText(design.n)))
        .Remedy("check the columns' values among the rows used");
  }
}

std::vector<Error> RefuseTests(const ModelSpec& spec, const std::string& kind, bool clustered,
                               const std::string& cluster_remedy) {
  std::vector<Error> errors;
  const auto refuse = [&](bool set, const char* key, const std::string& remedy) {
    if (!set) return;
    errors.push_back(Error(ErrorId::kConfigReference,
                           fmt::format("model {} does not know the key {}", kind, key))
                         .Field(key)
                         .Remedy(remedy));
  };
  refuse(clustered, "cluster", "leave the cluster out: " + cluster_remedy);
  refuse(spec.steps_given, "steps", "take it out, or use model ols or lmm");
  refuse(!spec.contrasts.empty(), "contrasts", "take it out, or use model ols or lmm");
  return errors;
}

std::vector<Error> RefuseMixedKeys(const ModelSpec& spec, const std::string& kind) {
  std::vector<Error> errors;
  if (spec.kenward_roger) {
    errors.push_back(
        Error(ErrorId::kConfigReference,
              fmt::format("model {} has no degrees of freedom by Kenward and Roger", kind))
            .Field("df")
            .Value("kr")
            .Remedy("leave df out, or use model lmm"));
  }
  if (spec.random_tests) {
    errors.push_back(
        Error(ErrorId::kConfigReference, fmt::format("model {} tests no random effects", kind))
            .Field("random_tests")
            .Value("true")
            .Remedy("take it out, or use model lmm"));
  }
  return errors;
}

std::vector<Error> RefuseCovariances(const ModelSpec& spec, const std::string& kind) {
  if (spec.vcov == std::vector<std::string>{"model"}) return {};
  return {Error(ErrorId::kConfigReference,
                fmt::format("model {} has standard errors of its own only", kind))
              .Field("vcov")
              .Value(spec.vcov.front())
              .Remedy("leave vcov out")};
}

void WarnOfAliased(const RowKey& key, const Formula& formula, const Design& design,
                   const std::vector<int64_t>& position, std::vector<std::string>& warnings) {
  for (size_t c = 0; c < design.k; ++c) {
    if (position[c] >= 0) continue;
    const std::string constant = ConstantText(formula, design, c);
    const std::string& name = design.columns[c].name;
    const std::string why =
        constant.empty()
            ? fmt::format("coefficient {} is a combination of the ones before it", name)
            : fmt::format("{} in the rows used: coefficient {} cannot be estimated", constant,
                          name);
    warnings.push_back(
        fmt::format("{}: [{}] {}; its row is NA", NameOf(key), ErrorName(ErrorId::kAliased), why));
  }
}

void WarnOfFewClusters(const RowKey& key, const std::string& vcov, size_t clusters,
                       size_t parameters, std::vector<std::string>& warnings) {
  constexpr size_t kFewClusters = 20;
  const auto type = FindVcov(vcov);
  const bool clustered = vcov == "robust" || (type && IsClustered(*type));
  if (!clustered || clusters == 0 || clusters >= kFewClusters) return;
  warnings.push_back(
      fmt::format("{}: {} standard errors and p values rest on {} clusters for {} parameters: with "
                  "fewer than {} they tend to be too small",
                  NameOf(key), vcov, clusters, parameters, kFewClusters));
}

EstimateRow CoefficientRow(const RowKey& key, const ModelSpec& spec, const ModelFrame& frame,
                           const Formula& formula, const Design& design, size_t c) {
  const DesignColumn& column = design.columns[c];
  EstimateRow row;
  row.key = key;
  row.term = column.name;
  row.role = "intercept";
  row.stat = spec.normal_df ? "z" : "t";
  row.conf_level = spec.conf_level;
  row.n = static_cast<int64_t>(design.n);
  if (!design.cluster.empty()) row.n_clusters = design.n_clusters;
  row.n_level = column.people;
  if (column.term == DesignColumn::kIntercept) return row;
  const FormulaTerm& term = formula.terms[column.term];
  const VariableInfo info = TermInfo(formula, term, frame);
  row.predictor = formula.TermLabel(term);
  row.role = info.role;
  row.effect = EffectOf(formula, frame, info.role);
  if (info.pgs != "NA") row.key.pgs = info.pgs;
  return row;
}

ComparisonRow PairRow(const ModelSpec& spec, const StepPlan::Pair& pair, const Design& full) {
  ComparisonRow row;
  row.key = KeyOf(spec, pair.full);
  row.reduced = spec.plan.models[pair.reduced].id;
  row.full = spec.plan.models[pair.full].id;
  for (const auto& term : AddedTerms(spec, pair)) {
    row.added += (row.added.empty() ? "" : " + ") + spec.formula.TermLabel(term);
  }
  row.n = static_cast<int64_t>(full.n);
  const Formula formula = spec.formula.Keep(spec.plan.models[pair.full].keep);
  row.n_level = FewestPeople(full, AddedColumns(spec, pair, formula, full));
  return row;
}

std::vector<size_t> AddedColumns(const ModelSpec& spec, const StepPlan::Pair& pair,
                                 const Formula& full, const Design& design) {
  const auto terms = AddedTerms(spec, pair);
  std::vector<size_t> columns;
  for (size_t c = 0; c < design.k; ++c) {
    const size_t t = design.columns[c].term;
    if (t == DesignColumn::kIntercept) continue;
    if (std::find(terms.begin(), terms.end(), full.terms[t]) != terms.end()) columns.push_back(c);
  }
  return columns;
}

void AddTest(ComparisonRow row, const std::string& test, const TestResult& result,
             std::vector<ComparisonRow>& out) {
  row.test = test;
  row.statistic = result.statistic;
  row.df1 = result.df1;
  row.df2 = result.df2;
  row.p = result.p;
  row.neg_log10_p = result.neg_log10_p;
  out.push_back(std::move(row));
}

std::vector<size_t> ColumnsOf(const LinearCombination& contrast, const Design& design) {
  std::vector<std::string> names;
  for (const auto& column : design.columns) names.push_back(column.name);
  std::vector<size_t> columns;
  for (const auto& name : contrast.names) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      const std::string near = NearestWord(name, names);
      throw Error(ErrorId::kConfigReference, "a contrast names a coefficient the model lacks")
          .Field("contrasts")
          .Value(name)
          .Remedy(near.empty() ? "use names of the column 'term'" : "did you mean " + near + "?");
    }
    columns.push_back(static_cast<size_t>(at - names.begin()));
  }
  return columns;
}

double Inference::Quantile(double df) {
  if (spec_.fixed_196) return 1.96;
  if (df != df_) {
    df_ = df;
    quantile_ = QuantileT(1 - (1 - spec_.conf_level) / 2, df);
  }
  return quantile_;
}

template <class Row>
void Inference::Fill(double df, Row& row) {
  const double used = spec_.normal_df ? std::numeric_limits<double>::infinity() : df;
  const Tail tail = TwoSidedT(row.statistic, used);
  row.df = std::isinf(used) ? kNa : df;
  row.p_value = tail.p;
  row.neg_log10_p = tail.neg_log10;
  row.conf_level = spec_.conf_level;
  const double quantile = Quantile(used);
  row.conf_low = row.estimate - quantile * row.std_error;
  row.conf_high = row.estimate + quantile * row.std_error;
}

void Inference::operator()(double df, EstimateRow& row) { Fill(df, row); }
void Inference::operator()(double df, ContrastRow& row) { Fill(df, row); }

void Infer(const ModelSpec& spec, double df, EstimateRow& row) { Inference{spec}(df, row); }
void Infer(const ModelSpec& spec, double df, ContrastRow& row) { Inference{spec}(df, row); }

ContrastRow ContrastRowOf(Inference& infer, size_t model, const LinearCombination& contrast,
                          const std::string& se_type, const LinearResult& result,
                          const Design& design, const std::vector<size_t>& columns) {
  ContrastRow row;
  row.key = KeyOf(infer.spec(), model);
  row.contrast = contrast.text;
  row.se_type = se_type;
  row.estimate = result.estimate;
  row.std_error = result.std_error;
  row.statistic = result.statistic;
  row.n = static_cast<int64_t>(design.n);
  row.n_level = FewestPeople(design, columns);
  infer(result.df, row);
  return row;
}

ContrastRow ContrastRowOf(const ModelSpec& spec, size_t model, const LinearCombination& contrast,
                          const std::string& se_type, const LinearResult& result,
                          const Design& design, const std::vector<size_t>& columns) {
  Inference infer(spec);
  return ContrastRowOf(infer, model, contrast, se_type, result, design, columns);
}

}  // namespace kinflow::family
