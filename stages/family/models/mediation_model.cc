#include "stages/family/models/mediation_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "stages/family/few_rows.h"
#include "stages/family/groups/mediation.h"
#include "stages/family/outcome_sides.h"
#include "stages/family/regression_run.h"
#include "stages/family/vcov.h"

namespace kinflow::family {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Index of the mediator's main effect; terms.size() if it has none.
size_t MediatorTerm(const Formula& formula, const std::string& mediator) {
  for (size_t t = 0; t < formula.terms.size(); ++t) {
    const auto& variables = formula.terms[t].variables;
    if (variables.size() == 1 && formula.variables[variables[0]].column == mediator) return t;
  }
  return formula.terms.size();
}

/// A regression of one of the three.
struct Regression {
  Formula formula;
  Design design;
  OlsFit fit;
  Vcov vcov;
};

class MediationRun {
 public:
  MediationRun(const ModelFrame& frame, const ModelSpec& spec) : frame_(frame), spec_(spec) {
    key_ = KeyOf(spec, spec.plan.models.size() - 1);
  }

  Results Go() {
    try {
      rows_ = SelectRows(frame_, spec_.formula.Columns());
      FitAll();
      AddCounts(key_, frame_, spec_.formula, rows_, out_.rows);
      Report("mediator", mediator_);
      Report("total", total_);
      Report(key_.model_id, outcome_);
      AddEffects();
      TellProducts();
      TellTwoValues();
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      out_ = Results{};
      out_.Fail(key_, "mediation", spec_.formula.Text(), error);
    }
    return std::move(out_);
  }

 private:
  Regression FitOne(const Formula& formula) const {
    Regression out;
    out.formula = formula;
    out.design = BuildDesign(formula, frame_, rows_.rows);
    out.fit = FitOls(out.design);
    if (out.fit.perfect) {
      throw Error(ErrorId::kModelFailed,
                  fmt::format("mediation: {} is explained without a rest", formula.Outcome()))
          .Field("formula")
          .Value(formula.Text())
          .Remedy("take out the term that holds the same values");
    }
    out.vcov = CovarianceOf(out.design, out.fit, *FindVcov(spec_.vcov.front()));
    return out;
  }

  void FitAll() {
    const size_t at = MediatorTerm(spec_.formula, spec_.options.mediator);
    std::vector<uint8_t> others(spec_.formula.terms.size(), 1);
    others[at] = 0;
    const Formula without = spec_.formula.Keep(others);
    outcome_ = FitOne(spec_.formula);
    total_ = FitOne(without);
    Formula of_mediator = without;
    of_mediator.response = spec_.options.mediator;
    of_mediator.response_transform = Transform::kNone;
    mediator_ = FitOne(of_mediator);
    for (size_t c = 0; c < outcome_.design.k; ++c) {
      if (outcome_.design.columns[c].term == at) b_ = c;
    }
    CheckExposure();
    if (outcome_.fit.position[b_] >= 0) return;
    throw Error(ErrorId::kNoEstimableTerm,
                fmt::format("mediation: {} follows from the other terms", spec_.options.mediator))
        .Field("mediator")
        .Value(spec_.options.mediator)
        .Remedy("take out the term that holds the same values");
  }

  // Columns of the exposure in the mediator's design that can be estimated.
  std::vector<size_t> ExposureColumns() const {
    constexpr size_t kExposure = 0;
    std::vector<size_t> columns;
    for (size_t c = 0; c < mediator_.design.k; ++c) {
      if (mediator_.design.columns[c].term == kExposure && mediator_.fit.position[c] >= 0) {
        columns.push_back(c);
      }
    }
    return columns;
  }

  void CheckExposure() const {
    if (!ExposureColumns().empty()) return;
    const std::string exposure = spec_.formula.TermLabel(spec_.formula.terms.front());
    throw Error(ErrorId::kNoEstimableTerm,
                fmt::format("mediation: the exposure {} has one value in {}", exposure,
                            RowsUsedText(rows_.rows.size())))
        .Field(exposure)
        .Remedy("check its coding and what the complete-case rule left");
  }

  void Report(const std::string& model, const Regression& regression) {
    RowKey key = key_;
    key.model_id = model;
    key.outcome = regression.formula.Outcome();
    ModelRow row;
    row.key = key;
    row.model = "mediation";
    row.n = static_cast<int64_t>(regression.fit.n);
    if (!regression.design.cluster.empty()) row.n_clusters = regression.design.n_clusters;
    row.k = static_cast<int64_t>(regression.fit.qr.rank);
    row.df_resid = static_cast<double>(regression.fit.df_resid);
    row.sigma = regression.fit.sigma;
    row.r2 = regression.fit.r2;
    row.adj_r2 = regression.fit.adj_r2;
    row.formula = regression.formula.Text();
    row.call = "lm(" + row.formula + ", data = d)";
    out_.models.push_back(std::move(row));
    if (model != key_.model_id) {
      const People people(frame_, spec_.formula, rows_.rows);
      AddPeople(key, people, out_.rows);
      if (const auto sides = SidesOf(frame_, regression.formula, rows_.rows, people)) {
        out_.rows.push_back({key, "n_used", "NA", static_cast<int64_t>(rows_.rows.size())});
        AddSides(key, *sides, people, out_.rows);
      }
    }
    WarnOfAliased(key, regression.formula, regression.design, regression.fit.position,
                  out_.warnings);
    for (size_t c = 0; c < regression.design.k; ++c) {
      EstimateRow estimate =
          CoefficientRow(key, spec_, frame_, regression.formula, regression.design, c);
      estimate.se_type = spec_.vcov.front();
      const LinearResult result = LinearContrast(regression.fit, regression.vcov, {c}, {1});
      if (regression.fit.position[c] < 0) {
        estimate.reason = "aliased";
      } else {
        estimate.estimate = result.estimate;
        estimate.std_error = result.std_error;
        estimate.statistic = result.statistic;
        const std::string& missing =
            regression.vcov.ReasonOf(static_cast<size_t>(regression.fit.position[c]));
        if (!missing.empty()) estimate.reason = missing;
        Infer(spec_, DfOf(regression, c), estimate);
      }
      out_.estimates.push_back(std::move(estimate));
    }
  }

  static double DfOf(const Regression& regression, size_t column) {
    const int64_t at = regression.fit.position[column];
    return at < 0 ? kNa : regression.vcov.df[static_cast<size_t>(at)];
  }

  // Of a column of the mediator's design.
  ContrastRow RowOf(const char* what, size_t column, const std::string& type) const {
    ContrastRow row;
    row.key = key_;
    row.contrast = what + mediator_.design.columns[column].name;
    row.se_type = type;
    row.conf_level = spec_.conf_level;
    row.n = static_cast<int64_t>(rows_.rows.size());
    row.n_level =
        FewestOf({mediator_.design.columns[column].people, outcome_.design.columns[b_].people});
    return row;
  }

  void Add(ContrastRow row, const LinearResult& result) {
    row.estimate = result.estimate;
    row.std_error = result.std_error;
    row.statistic = result.statistic;
    Infer(spec_, result.df, row);
    out_.contrasts.push_back(row);
  }

  void AddEffects() {
    const std::vector<size_t> columns = ExposureColumns();
    for (const size_t c : columns) AddEffect(c);
    if (spec_.options.bootstrap > 0) AddBootstrap(columns);
  }

  // Standard errors of a b: Sobel's is the delta method's first order with the errors of the two
  // regressions, Aroian's its second order; "delta" has errors of maximum likelihood (n instead of
  // n - k), as a path model.
  void AddEffect(size_t c) {
    const std::string& name = mediator_.design.columns[c].name;
    const LinearResult a = LinearContrast(mediator_.fit, mediator_.vcov, {c}, {1});
    const LinearResult b = LinearContrast(outcome_.fit, outcome_.vcov, {b_}, {1});
    const auto add = [&](const char* type, double se_a, double se_b, bool second_order) {
      const double va = a.estimate * a.estimate * se_b * se_b,
                   vb = b.estimate * b.estimate * se_a * se_a,
                   both = second_order ? se_a * se_a * se_b * se_b : 0;
      LinearResult out{a.estimate * b.estimate, std::sqrt(va + vb + both), 0, kInfinity};
      out.statistic = out.estimate / out.std_error;
      Add(RowOf("indirect ", c, type), out);
    };
    add("Sobel", a.std_error, b.std_error, false);
    add("Aroian", a.std_error, b.std_error, true);
    if (spec_.vcov.front() == "const") {
      const auto to_ml = [](const Regression& r) {
        return std::sqrt(static_cast<double>(r.fit.df_resid) / static_cast<double>(r.fit.n));
      };
      add("delta", a.std_error * to_ml(mediator_), b.std_error * to_ml(outcome_), false);
    }
    const auto plain = [&](const char* what, const Regression& regression) {
      const auto& all = regression.design.columns;
      const auto at = std::find_if(all.begin(), all.end(),
                                   [&](const DesignColumn& column) { return column.name == name; });
      const auto column = static_cast<size_t>(at - all.begin());
      LinearResult result = LinearContrast(regression.fit, regression.vcov, {column}, {1});
      result.df = DfOf(regression, column);
      Add(RowOf(what, c, spec_.vcov.front()), result);
    };
    plain("direct ", outcome_);
    plain("total ", total_);
  }

  void AddBootstrap(const std::vector<size_t>& columns) {
    const Bootstrap bootstrap =
        BootstrapIndirect(total_.design, mediator_.design.y, columns, spec_.options.bootstrap,
                          spec_.options.seed, spec_.conf_level);
    for (size_t i = 0; i < columns.size(); ++i) {
      ContrastRow row = RowOf("indirect ", columns[i], "bootstrap");
      row.estimate = mediator_.fit.coef[columns[i]] * outcome_.fit.coef[b_];
      row.std_error = bootstrap.effects[i].std_error;
      row.conf_low = bootstrap.effects[i].low;
      row.conf_high = bootstrap.effects[i].high;
      out_.contrasts.push_back(row);
    }
    if (bootstrap.fitted == spec_.options.bootstrap) return;
    out_.warnings.push_back(fmt::format(
        "{}: {} of {} bootstrap samples could not be fitted and do not count", NameOf(key_),
        spec_.options.bootstrap - bootstrap.fitted, spec_.options.bootstrap));
  }

  // Beside its products the exposure's coefficients are its effects at one value of the others.
  void TellProducts() {
    const Formula& formula = spec_.formula;
    const auto& exposure = formula.terms.front().variables;
    std::vector<std::string> where, products;
    for (const FormulaTerm& term : formula.terms) {
      std::vector<uint32_t> others;
      std::set_difference(term.variables.begin(), term.variables.end(), exposure.begin(),
                          exposure.end(), std::back_inserter(others));
      if (others.empty() || others.size() + exposure.size() != term.variables.size()) continue;
      products.push_back(formula.TermLabel(term));
      for (const uint32_t v : others) {
        const std::string at = ValueOfMainEffects(formula.variables[v]);
        if (std::find(where.begin(), where.end(), at) == where.end()) where.push_back(at);
      }
    }
    if (where.empty()) return;
    out_.warnings.push_back(
        fmt::format("{}: indirect, direct and total effects of {} are those at {}: the formula has "
                    "{}",
                    NameOf(key_), formula.TermLabel(formula.terms.front()), fmt::join(where, ", "),
                    fmt::join(products, ", ")));
  }

  std::string ValueOfMainEffects(const FormulaVariable& variable) const {
    const auto at = static_cast<size_t>(frame_.columns.Find(variable.column));
    const bool factor =
        variable.as_factor || std::holds_alternative<Table::Strings>(frame_.columns.column(at));
    return factor ? "the reference of " + variable.Label() : variable.Label() + " = 0";
  }

  // Regressions are linear, whatever they are of.
  void TellTwoValues() {
    for (const Regression* regression : {&outcome_, &mediator_}) {
      const auto& y = regression->design.y;
      if (!std::all_of(y.begin(), y.end(), [](double v) { return v == 0 || v == 1; })) continue;
      out_.warnings.push_back(fmt::format(
          "{}: {} is 0 or 1 and fitted by linear regression: its effects are differences of "
          "probability, not odds ratios; robust errors (HC3) allow for its unequal variance",
          NameOf(key_), regression->formula.Outcome()));
    }
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  RowKey key_;
  RowSelection rows_;
  Regression mediator_, total_, outcome_;
  size_t b_ = 0;  // column of the mediator in the outcome's design
  Results out_;
};

class MediationModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return MediationRun(frame, spec).Go();
  }
  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    auto errors = RefuseTests(spec, "mediation", false, "");
    for (auto& error : CheckRegression(spec, "mediation", clustered, VcovNames())) {
      errors.push_back(std::move(error));
    }
    const auto refuse = [&](ErrorId id, const char* field, const std::string& value,
                            const char* what, const char* remedy) {
      errors.push_back(Error(id, what).Field(field).Value(value).Remedy(remedy));
    };
    const Formula& formula = spec.formula;
    const std::string& mediator = spec.options.mediator;
    if (mediator.empty()) {
      refuse(ErrorId::kMissingKey, "mediator", "", "model mediation needs a mediator",
             "name the column of the formula that stands between exposure and outcome");
      return errors;
    }
    const size_t at = MediatorTerm(formula, mediator);
    const bool in_products =
        std::any_of(formula.terms.begin(), formula.terms.end(), [&](const FormulaTerm& term) {
          return term.variables.size() > 1 &&
                 std::any_of(term.variables.begin(), term.variables.end(),
                             [&](uint32_t v) { return formula.variables[v].column == mediator; });
        });
    const auto not_plain = [&](const FormulaTerm& term) {
      return !formula.variables[term.variables[0]].IsPlain();
    };
    const bool factor = at < formula.terms.size() && not_plain(formula.terms[at]);
    if (at == formula.terms.size() || in_products || factor) {
      refuse(ErrorId::kConfigReference, "mediator", mediator,
             "the mediator is one number in the formula, in no product, factor() or other function",
             "write \"y ~ exposure + mediator + covariates\"");
    } else if (at == 0 || formula.terms.size() < 2) {
      refuse(ErrorId::kConfigReference, "formula", formula.Text(),
             "model mediation: the exposure is the term named first",
             "write \"y ~ exposure + mediator + covariates\"");
    }
    return errors;
  }
  bool TestsCoefficients() const override { return false; }
  std::string MainTable() const override { return "contrasts"; }
  std::vector<std::string> DefaultVcov(bool clustered,
                                       const ModelOptions& /*options*/) const override {
    return {clustered ? "CR1S" : "const"};
  }
};

}  // namespace

std::unique_ptr<Model> MakeMediation() { return std::make_unique<MediationModel>(); }

}  // namespace kinflow::family
