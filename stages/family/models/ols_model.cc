#include "stages/family/models/ols_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "pipeline/base/text.h"
#include "stages/family/attenuation_rows.h"
#include "stages/family/case_weights.h"
#include "stages/family/nested.h"
#include "stages/family/ols.h"
#include "stages/family/reporting.h"
#include "stages/family/second_cluster.h"
#include "stages/family/step_fits.h"
#include "stages/family/trajectories.h"
#include "stages/family/vcov.h"

namespace kinflow::family {
namespace {

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
  OlsRun(const ModelFrame& frame, const ModelSpec& spec)
      : frame_(frame),
        spec_(spec),
        fits_(frame, spec,
              [this](const auto& formula, const auto& rows) { return FitOne(formula, rows); }) {}

  OlsOutcome Go() {
    for (size_t i = 0; i < fits_.size(); ++i) Report(i);
    for (const auto& pair : spec_.plan.pairs) Compare(pair);
    Contrasts();
    Predict();
    if (spec_.options.attenuation.asked_for()) {
      out_.more["attenuation"] = AttenuationTable(attenuation_);
    }
    OlsOutcome outcome{std::move(out_), std::nullopt};
    if (auto full = fits_.TakeFull()) {
      outcome.full =
          FullOls{std::move(full->selection), std::move(full->design), std::move(full->fit)};
    }
    return outcome;
  }

 private:
  Fitted FitOne(const Formula& formula, const RowSelection& selection) const {
    Fitted out;
    out.formula = formula;
    out.selection = selection;
    out.design = BuildDesign(formula, frame_, selection.rows);
    out.design.weight = CaseWeightsOf(frame_, spec_, selection.rows);
    AddSecondCluster(frame_, spec_, selection.rows, out.design);
    out.fit = FitOls(out.design);
    CheckEstimable(spec_, frame_, formula, out.design, out.fit.position);
    for (const auto& name : spec_.vcov) {
      out.vcov.push_back(CovarianceOf(out.design, out.fit, *FindVcov(name)));
    }
    return out;
  }

  void Report(size_t i) {
    if (!fits_[i]) {
      fits_.ReportFailure(i, "ols", out_);
      return;
    }
    const RowKey key = KeyOf(spec_, i);
    const Fitted& fitted = *fits_[i];
    AddCounts(key, frame_, fitted.formula, fitted.selection, out_.rows);
    AddModelRow(key, fitted);
    Warn(key, fitted);
    Correct(key, fitted);
    const auto squares = SpreadsOf(fitted.design);
    const auto vif = Vif(fitted.design, fitted.fit, squares),
               std_xy = StandardisedXy(fitted.design, fitted.fit.coef, squares);
    for (const Vcov& vcov : fitted.vcov) {
      const std::string missing = MissingErrors(vcov, VcovName(vcov.type));
      if (!missing.empty()) out_.warnings.push_back(NameOf(key) + ": " + missing);
      if (vcov.reason.empty()) {
        WarnOfFewClusters(key, VcovName(vcov.type), FewestClusters(fitted.design),
                          fitted.fit.qr.rank, out_.warnings);
      }
      for (size_t c = 0; c < fitted.design.k; ++c) {
        AddEstimate(key, fitted, vcov, c, vif[c], std_xy[c]);
      }
    }
  }

  void Correct(const RowKey& key, const Fitted& fitted) {
    if (!spec_.options.attenuation.asked_for()) return;
    std::string reason;
    auto rows = AttenuationRows(key, spec_, frame_, fitted.formula, fitted.design, fitted.fit,
                                MomentsOf(fitted.design, fitted.fit), fitted.vcov, reason);
    for (auto& row : rows) attenuation_.push_back(std::move(row));
    WarnOfNoCorrection(key, reason, out_.warnings);
  }

  void Warn(const RowKey& key, const Fitted& fitted) {
    WarnOfAliased(key, fitted.formula, fitted.design, fitted.fit.position, out_.warnings);
    if (fitted.fit.perfect) {
      out_.warnings.push_back(NameOf(key) +
                              ": the fit is perfect; its standard errors mean nothing, its p "
                              "values are NA");
    }
  }

  void AddEstimate(const RowKey& key, const Fitted& fitted, const Vcov& vcov, size_t c, double vif,
                   double std_xy) {
    EstimateRow row = CoefficientRow(key, spec_, frame_, fitted.formula, fitted.design, c);
    row.se_type = VcovName(vcov.type);
    if (fitted.design.columns[c].term != DesignColumn::kIntercept) {
      row.vif = vif;
      row.std_estimate = std_xy;
      row.std_type = "std_xy";
    }
    if (fitted.fit.position[c] < 0) {
      row.reason = "aliased";
    } else {
      const auto i = static_cast<size_t>(fitted.fit.position[c]);
      row.estimate = fitted.fit.coef[c];
      row.std_error = std::sqrt(vcov.At(i, i));
      row.statistic = row.estimate / row.std_error;
      if (!vcov.ReasonOf(i).empty()) row.reason = vcov.ReasonOf(i);
      infer_(vcov.df[i], row);
      if (fitted.fit.perfect) {  // rounding noise must not enter a family of tests
        row.p_value = row.neg_log10_p = kNa;
        row.reason = "the fit is perfect";
      }
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
    row.call = "lm(" + row.formula + ", data = d" + WeightsArgument(spec_) + ")";
    out_.models.push_back(std::move(row));
  }

  void Compare(const StepPlan::Pair& pair) {
    if (!fits_[pair.reduced] || !fits_[pair.full]) return;
    const Fitted& full = *fits_[pair.full];
    std::optional<Fitted> refitted;
    if (fits_[pair.reduced]->selection.rows != full.selection.rows) {
      refitted = FitOne(fits_.FormulaOf(pair.reduced), full.selection);
    }
    const Fitted& reduced = refitted ? *refitted : *fits_[pair.reduced];
    ComparisonRow row = PairRow(spec_, pair, full.design);
    const auto columns = AddedColumns(spec_, pair, full.formula, full.design);
    const NestedTests tests = CompareNested(reduced.fit, full.fit);
    const size_t before = out_.comparisons.size();
    row.delta_r2 = tests.delta_r2;
    row.partial_r2 = tests.partial_r2;
    AddTest(row, "F", tests.f, out_.comparisons);
    AddTest(row, "LRT", tests.lrt, out_.comparisons);
    for (const Vcov& vcov : full.vcov) {
      if (vcov.type == VcovType::kConst) continue;  // its Wald test is the F test above
      const TestResult wald = WaldTest(full.fit, vcov, columns);
      AddTest(row, std::string("Wald-") + VcovName(vcov.type), wald, out_.comparisons);
      if (vcov.satterthwaite && vcov.fixed.empty() && wald.df1 > 1 && std::isnan(wald.statistic)) {
        out_.warnings.push_back(fmt::format(
            "{}: the Wald-CR2 test of {} is NA: too few clusters tell of these {} coefficients",
            NameOf(row.key), row.added, wald.df1));
      }
    }
    if (!full.fit.perfect) return;
    for (size_t r = before; r < out_.comparisons.size(); ++r) {
      out_.comparisons[r].p = out_.comparisons[r].neg_log10_p = kNa;
    }
  }

  void Contrasts() {
    const size_t last = fits_.size() - 1;
    if (!fits_[last]) return;
    const Fitted& full = *fits_[last];
    for (const Vcov& vcov : full.vcov) {
      for (const auto& contrast : spec_.contrasts) {
        const auto columns = ColumnsOf(contrast, full.design);
        const LinearResult result = LinearContrast(full.fit, vcov, columns, contrast.weights);
        out_.contrasts.push_back(ContrastRowOf(infer_, last, contrast, VcovName(vcov.type), result,
                                               full.design, columns));
        ContrastRow& row = out_.contrasts.back();
        if (full.fit.perfect) row.p_value = row.neg_log10_p = kNa;
      }
    }
  }

  void Predict() {
    if (!spec_.trajectories.asked_for()) return;
    std::vector<TrajectoryRow> rows;
    if (const auto& full = fits_[fits_.size() - 1]) {
      for (const Vcov& vcov : full->vcov) {
        const auto linear = [&](const auto& columns, const auto& weights) {
          return LinearContrast(full->fit, vcov, columns, weights);
        };
        auto more = Trajectories(spec_, frame_, full->selection.rows, full->design,
                                 VcovName(vcov.type), linear, out_.warnings);
        if (more.empty()) break;
        rows.insert(rows.end(), more.begin(), more.end());
      }
    }
    out_.more["trajectories"] = TrajectoryTable(rows);
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  StepFits<Fitted> fits_;
  Inference infer_{spec_};
  std::vector<AttenuationRow> attenuation_;
  Results out_;
};

class OlsModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return RunOls(frame, spec).results;
  }

  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    std::vector<Error> errors = RefuseMixedKeys(spec, "ols");
    if (!spec.formula.random.empty()) {
      errors.push_back(Error(ErrorId::kConfigReference, "model ols takes no random terms")
                           .Field("formula")
                           .Value("(" + spec.formula.random.front().text + ")")
                           .Remedy("take it out, or use a mixed model"));
      return errors;  // the default errors are those of a mixed model then
    }
    const bool cr2 = std::find(spec.vcov.begin(), spec.vcov.end(), "CR2") != spec.vcov.end();
    RefuseWithWeights(spec, cr2, "vcov", "CR2", "use CR1S or CR3", errors);
    CheckSecondCluster(spec, clustered, errors);
    RefuseWithWeights(spec, spec.options.attenuation.asked_for(), "attenuation", "attenuation",
                      "take case_weights or attenuation out", errors);
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
                .Remedy("name the cluster (kinflow fit: --cluster COLUMN), or use HC3"));
      }
    }
    return errors;
  }

  std::vector<std::string> DefaultVcov(bool clustered,
                                       const ModelOptions& /*options*/) const override {
    if (clustered) return {"const", "HC3", "CR1S"};
    return {"const", "HC3"};
  }
};

}  // namespace

OlsOutcome RunOls(const ModelFrame& frame, const ModelSpec& spec) {
  return OlsRun(frame, spec).Go();
}

std::unique_ptr<Model> MakeOls() { return std::make_unique<OlsModel>(); }

}  // namespace kinflow::family
