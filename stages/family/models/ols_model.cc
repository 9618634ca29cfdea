#include "stages/family/models/ols_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "pipeline/base/text.h"
#include "stages/family/nested.h"
#include "stages/family/ols.h"
#include "stages/family/reporting.h"
#include "stages/family/vcov.h"

namespace kinflow::family {
namespace {

/// Rows of the rarer value of a column of zeros and ones; missing for any other column.
int64_t RarerValueCount(const Design& design, size_t column) {
  const double* x = design.Column(column);
  int64_t ones = 0;
  for (size_t i = 0; i < design.n; ++i) {
    if (x[i] != 0 && x[i] != 1) return Table::kMissingInt;
    ones += x[i] == 1 ? 1 : 0;
  }
  return std::min(ones, static_cast<int64_t>(design.n) - ones);
}

struct Fitted {
  Formula formula;
  RowSelection selection;
  Design design;
  OlsFit fit;
  std::vector<Vcov> vcov;  // in the order of ModelSpec::vcov
};

/// One call of Fit(): the models of one analysis and score.
class OlsRun {
 public:
  OlsRun(const ModelFrame& frame, const ModelSpec& spec) : frame_(frame), spec_(spec) {}

  Results Go() {
    const auto& plan = spec_.plan;
    fits_.resize(plan.models.size());
    const RowSelection* common = nullptr;
    // The full model first: it defines the common sample.
    for (size_t i = plan.models.size(); i-- > 0;) {
      try {
        fits_[i] = FitOne(FormulaOf(i), common);
      } catch (const Error& error) {
        if (!IsModelFault(error.id())) throw;
        errors_.emplace_back(i, error);
        if (spec_.common_sample && i + 1 == plan.models.size() && !full_rows_) break;
      }
      if (spec_.common_sample && full_rows_) common = &*full_rows_;
    }
    for (size_t i = 0; i < plan.models.size(); ++i) Report(i);
    for (const auto& pair : plan.pairs) Compare(pair);
    Contrasts();
    return std::move(out_);
  }

 private:
  Formula FormulaOf(size_t model) const {
    return spec_.formula.Keep(spec_.plan.models[model].keep);
  }
  Fitted FitOne(const Formula& formula, const RowSelection* common) {
    Fitted out;
    out.formula = formula;
    out.selection = common != nullptr ? *common : SelectRows(frame_, formula.Columns());
    if (!full_rows_ && formula.terms == spec_.formula.terms) full_rows_ = out.selection;
    out.design = BuildDesign(formula, frame_, out.selection.rows);
    out.fit = FitOls(out.design);
    CheckEstimable(out);
    for (const auto& name : spec_.vcov) {
      out.vcov.push_back(CovarianceOf(out.design, out.fit, *FindVcov(name)));
    }
    return out;
  }

  void CheckEstimable(const Fitted& fitted) const {
    size_t terms = 0, estimable = 0, scores = 0, estimable_scores = 0;
    for (size_t c = 0; c < fitted.design.k; ++c) {
      const size_t t = fitted.design.columns[c].term;
      if (t == DesignColumn::kIntercept) continue;
      const bool ok = fitted.fit.position[c] >= 0;
      const auto info = TermInfo(fitted.formula, fitted.formula.terms[t], frame_);
      ++terms;
      estimable += ok;
      if (!IsMemberRole(info.role)) continue;
      ++scores;
      estimable_scores += ok;
    }
    if ((scores > 0 && estimable_scores == 0) || (terms > 0 && estimable == 0)) {
      throw Error(ErrorId::kNoEstimableTerm,
                  scores > 0 ? "no score term can be estimated: each is constant or a combination "
                               "of other terms"
                             : "no term can be estimated: each is constant or a combination of "
                               "other terms")
          .Remedy("check the columns' values among the rows used");
    }
  }

  void Report(size_t i) {
    const RowKey key = KeyOf(spec_, i);
    for (const auto& [model, error] : errors_) {
      if (model == i) {
        out_.Fail(key, "ols", FormulaOf(i).Text(), error);
        if (full_rows_ && model + 1 == fits_.size()) AddCounts(key, frame_, *full_rows_, out_.rows);
      }
    }
    if (!fits_[i]) {
      const bool listed =
          std::any_of(errors_.begin(), errors_.end(), [&](const auto& e) { return e.first == i; });
      if (!listed) {
        out_.Fail(key, "ols", FormulaOf(i).Text(),
                  Error(errors_.front().second.id(),
                        "the full model has no usable rows, so there is no common sample")
                      .Remedy(errors_.front().second.Advice()));
      }
      return;
    }
    const Fitted& fitted = *fits_[i];
    AddCounts(key, frame_, fitted.selection, out_.rows);
    AddModelRow(key, fitted);
    Warn(key, fitted);
    const auto vif = Vif(fitted.design, fitted.fit),
               std_xy = StandardisedXy(fitted.design, fitted.fit);
    for (const Vcov& vcov : fitted.vcov) {
      if (!vcov.reason.empty()) {
        out_.warnings.push_back(fmt::format("{}: {} standard errors are NA: {}", NameOf(key),
                                            VcovName(vcov.type), vcov.reason));
      }
      for (size_t c = 0; c < fitted.design.k; ++c) {
        AddEstimate(key, fitted, vcov, c, vif[c], std_xy[c]);
      }
    }
  }

  void Warn(const RowKey& key, const Fitted& fitted) {
    for (size_t c = 0; c < fitted.design.k; ++c) {
      if (fitted.fit.position[c] >= 0) continue;
      out_.warnings.push_back(
          fmt::format("{}: [{}] coefficient {} is a combination of the ones "
                      "before it; its row is NA",
                      NameOf(key), ErrorName(ErrorId::kAliased), fitted.design.columns[c].name));
    }
    if (fitted.fit.perfect) {
      out_.warnings.push_back(NameOf(key) +
                              ": the fit is perfect; its standard errors mean nothing");
    }
  }

  void AddEstimate(const RowKey& key, const Fitted& fitted, const Vcov& vcov, size_t c, double vif,
                   double std_xy) {
    const DesignColumn& column = fitted.design.columns[c];
    EstimateRow row;
    row.key = key;
    row.term = column.name;
    row.se_type = VcovName(vcov.type);
    row.role = "intercept";
    row.stat = spec_.normal_df ? "z" : "t";
    row.conf_level = spec_.conf_level;
    if (column.term != DesignColumn::kIntercept) {
      const FormulaTerm& term = fitted.formula.terms[column.term];
      const VariableInfo info = TermInfo(fitted.formula, term, frame_);
      row.predictor = fitted.formula.TermLabel(term);
      row.role = info.role;
      row.effect = EffectOf(fitted.formula, frame_, info.role);
      if (info.pgs != "NA") row.key.pgs = info.pgs;
      row.vif = vif;
      row.n_level = RarerValueCount(fitted.design, c);
      row.std_estimate = std_xy;
      row.std_type = "std_xy";
    }
    row.n = static_cast<int64_t>(fitted.design.n);
    if (!fitted.design.cluster.empty()) row.n_clusters = fitted.design.n_clusters;
    if (fitted.fit.position[c] < 0) {
      row.reason = "aliased";
    } else {
      const auto i = static_cast<size_t>(fitted.fit.position[c]);
      row.estimate = fitted.fit.coef[c];
      row.std_error = std::sqrt(vcov.At(i, i));
      row.statistic = row.estimate / row.std_error;
      if (!vcov.reason.empty()) row.reason = vcov.reason;
      Infer(spec_, vcov.df[i], row);
    }
    out_.estimates.push_back(std::move(row));
  }

  void AddModelRow(const RowKey& key, const Fitted& fitted) {
    ModelRow row;
    row.key = key;
    row.model = "ols";
    row.n = static_cast<int64_t>(fitted.design.n);
    if (!fitted.design.cluster.empty()) row.n_clusters = fitted.design.n_clusters;
    row.k = static_cast<int64_t>(fitted.fit.qr.rank);
    row.df_resid = static_cast<double>(fitted.fit.df_resid);
    row.log_lik = fitted.fit.log_lik;
    row.aic = fitted.fit.aic;
    row.bic = fitted.fit.bic;
    row.sigma = fitted.fit.sigma;
    row.r2 = fitted.fit.r2;
    row.adj_r2 = fitted.fit.adj_r2;
    row.deviance = fitted.fit.rss;
    row.formula = fitted.formula.Text();
    row.call = "lm(" + row.formula + ", data = d)";
    out_.models.push_back(std::move(row));
  }

  void Compare(const StepPlan::Pair& pair) {
    if (!fits_[pair.reduced] || !fits_[pair.full]) return;
    const Fitted& full = *fits_[pair.full];
    std::optional<Fitted> refitted;
    if (fits_[pair.reduced]->selection.rows != full.selection.rows) {
      refitted = FitOne(FormulaOf(pair.reduced), &full.selection);
    }
    const Fitted& reduced = refitted ? *refitted : *fits_[pair.reduced];
    ComparisonRow row;
    row.key = KeyOf(spec_, pair.full);
    row.reduced = spec_.plan.models[pair.reduced].id;
    row.full = spec_.plan.models[pair.full].id;
    const auto columns = AddedColumns(pair, full, row.added);
    row.n = static_cast<int64_t>(full.design.n);
    const NestedTests tests = CompareNested(reduced.fit, full.fit);
    row.delta_r2 = tests.delta_r2;
    row.partial_r2 = tests.partial_r2;
    AddComparison(row, "F", tests.f);
    AddComparison(row, "LRT", tests.lrt);
    for (const Vcov& vcov : full.vcov) {
      if (vcov.type == VcovType::kConst) continue;  // its Wald test is the F test above
      AddComparison(row, std::string("Wald-") + VcovName(vcov.type),
                    WaldTest(full.fit, vcov, columns));
    }
  }

  // Design columns of the full model whose terms the reduced one lacks; their labels in `added`.
  std::vector<size_t> AddedColumns(const StepPlan::Pair& pair, const Fitted& full,
                                   std::string& added) const {
    const auto& keep_reduced = spec_.plan.models[pair.reduced].keep;
    const auto& keep_full = spec_.plan.models[pair.full].keep;
    std::vector<FormulaTerm> terms;
    for (size_t t = 0; t < keep_full.size(); ++t) {
      if (keep_full[t] == 0 || keep_reduced[t] != 0) continue;
      terms.push_back(spec_.formula.terms[t]);
      added += (added.empty() ? "" : " + ") + spec_.formula.TermLabel(terms.back());
    }
    std::vector<size_t> columns;
    for (size_t c = 0; c < full.design.k; ++c) {
      const size_t t = full.design.columns[c].term;
      if (t == DesignColumn::kIntercept) continue;
      if (std::find(terms.begin(), terms.end(), full.formula.terms[t]) != terms.end()) {
        columns.push_back(c);
      }
    }
    return columns;
  }

  void AddComparison(ComparisonRow row, const std::string& test, const TestResult& result) {
    row.test = test;
    row.statistic = result.statistic;
    row.df1 = result.df1;
    row.df2 = result.df2;
    row.p = result.p;
    row.neg_log10_p = result.neg_log10_p;
    out_.comparisons.push_back(std::move(row));
  }

  void Contrasts() {
    if (fits_.empty() || !fits_.back()) return;
    const Fitted& full = *fits_.back();
    for (const Vcov& vcov : full.vcov) {
      for (const auto& contrast : spec_.contrasts) {
        const auto columns = ColumnsOf(contrast, full.design);
        const LinearResult result = LinearContrast(full.fit, vcov, columns, contrast.weights);
        ContrastRow row;
        row.key = KeyOf(spec_, fits_.size() - 1);
        row.contrast = contrast.text;
        row.se_type = VcovName(vcov.type);
        row.estimate = result.estimate;
        row.std_error = result.std_error;
        row.statistic = result.statistic;
        row.n = static_cast<int64_t>(full.design.n);
        Infer(spec_, result.df, row);
        out_.contrasts.push_back(std::move(row));
      }
    }
  }

  static std::vector<size_t> ColumnsOf(const LinearCombination& contrast, const Design& design) {
    std::vector<size_t> columns;
    std::vector<std::string> names;
    for (const auto& column : design.columns) names.push_back(column.name);
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

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  std::vector<std::optional<Fitted>> fits_;
  std::vector<std::pair<size_t, Error>> errors_;
  std::optional<RowSelection> full_rows_;
  Results out_;
};

class OlsModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return OlsRun(frame, spec).Go();
  }

  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    std::vector<Error> errors;
    if (!spec.formula.random.empty()) {
      errors.push_back(Error(ErrorId::kConfigReference, "model ols takes no random terms")
                           .Field("formula")
                           .Value("(" + spec.formula.random.front().text + ")")
                           .Remedy("take it out, or use a mixed model"));
    }
    for (const auto& name : spec.vcov) {
      const auto type = FindVcov(name);
      if (!type) {
        const std::string near = NearestWord(name, VcovNames());
        errors.push_back(Error(ErrorId::kConfigReference, "no covariance estimator of this name")
                             .Field("vcov")
                             .Value(name)
                             .Remedy(near.empty()
                                         ? "known: const, HC0-HC3, CR0, CR1, CR1S, CR2, CR3"
                                         : "did you mean " + near + "?"));
      } else if (IsClustered(*type) && !clustered) {
        errors.push_back(
            Error(ErrorId::kConfigReference, "cluster-robust standard errors need a cluster")
                .Field("vcov")
                .Value(name)
                .Remedy("name the cluster, or use HC3"));
      }
    }
    return errors;
  }
};

}  // namespace

std::unique_ptr<Model> MakeOls() { return std::make_unique<OlsModel>(); }

}  // namespace kinflow::family
