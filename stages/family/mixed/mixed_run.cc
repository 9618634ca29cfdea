#include "stages/family/mixed/mixed_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "stages/family/case_weights.h"
#include "stages/family/mixed/blups.h"
#include "stages/family/mixed/centring.h"
#include "stages/family/mixed/mixed_attenuation.h"
#include "stages/family/mixed/projection.h"
#include "stages/family/mixed/random_terms.h"
#include "stages/family/mixed/variance_components.h"
#include "stages/family/ols.h"
#include "stages/family/reporting.h"
#include "stages/family/tails.h"
#include "stages/family/trajectories.h"

namespace kinflow::family {
namespace {

// Levels of the factor that the formula names first, the outermost one if it is nested.
int64_t FirstGroupLevels(const MixedStep& fitted) {
  if (fitted.formula.random.empty()) {
    return static_cast<int64_t>(fitted.random.blocks.front().levels());
  }
  const RandomTerm& term = fitted.formula.random.front();
  size_t levels = SIZE_MAX;
  for (const auto& block : fitted.random.blocks) {
    if (block.term == term.text) levels = std::min(levels, block.levels());
  }
  return static_cast<int64_t>(levels);
}

size_t EffectsALevel(const RandomDesign& random) {
  size_t effects = 0;
  for (const auto& block : random.blocks) effects += block.q();
  return effects;
}

/// One call of Fit(): the models of one analysis and score.
class MixedRun {
 public:
  MixedRun(const ModelFrame& frame, const ModelSpec& spec, std::string kind)
      : frame_(frame),
        spec_(spec),
        kind_(std::move(kind)),
        fits_(frame, spec, [this](const auto& formula, const auto& rows) {
          return FitOne(formula, rows, spec_.reml);
        }) {}

  Results Go(const AfterMixed& after) {
    for (size_t i = 0; i < fits_.size(); ++i) Report(i);
    for (const auto& pair : spec_.plan.pairs) {
      KeepGoing([&] { Compare(pair); });
    }
    if (spec_.random_tests && fits_[fits_.size() - 1]) {
      TestRandomEffects();
    }
    Contrasts();
    Predict();
    if (const auto& full = fits_[fits_.size() - 1]; full && spec_.options.blups) {
      out_.individual["blups"] =
          BlupTable(KeyOf(spec_, fits_.size() - 1), frame_, full->selection.rows, full->design,
                    full->random, full->fit);
    }
    if (spec_.options.attenuation.asked_for()) {
      out_.more["attenuation"] = AttenuationTable(attenuation_);
    }
    if (after) after(fits_, out_);
    return std::move(out_);
  }

 private:
  MixedStep FitOne(const Formula& formula, const RowSelection& selection, bool reml) const {
    MixedStep out;
    out.formula = formula;
    out.selection = selection;
    out.design = BuildDesign(formula, frame_, selection.rows);
    out.design.weight = CaseWeightsOf(frame_, spec_, selection.rows);
    out.random = BuildRandomEffects(formula, frame_, selection.rows);
    out.fit = FitMixed(out.design, out.random, reml);
    CheckEstimable(spec_, frame_, formula, out.design, out.fit.position);
    if (spec_.kenward_roger && reml) out.kenward_roger.emplace(out.design, out.random, out.fit);
    return out;
  }

  const char* Errors() const { return spec_.kenward_roger ? kKenwardRoger : kMixedErrors; }

  // A test whose further fit fails is left out, with a warning.
  template <class Test>
  void KeepGoing(const Test& test) {
    try {
      test();
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      out_.warnings.push_back(
          fmt::format("{}: a test is left out: {}", spec_.analysis_id, error.OneLine()));
    }
  }

  void Report(size_t i) {
    if (!fits_[i]) {
      fits_.ReportFailure(i, kind_, out_);
      return;
    }
    const RowKey key = KeyOf(spec_, i);
    const MixedStep& fitted = *fits_[i];
    AddCounts(key, frame_, fitted.formula, fitted.selection, out_.rows);
    AddModelRow(key, fitted);
    AddVarianceComponents(key, fitted.random, fitted.fit, out_.varcomp);
    WarnOfAliased(key, fitted.formula, fitted.design, fitted.fit.position, out_.warnings);
    if (!spec_.options.case_weights.empty()) {
      out_.warnings.push_back(
          NameOf(key) +
          ": case weights count as precisions (residual variance sigma^2 / weight), and errors are "
          "the model's: for weights of attrition or sampling use model gee or ols, whose errors "
          "are "
          "robust");
    }
    if (fitted.fit.singular) out_.warnings.push_back(NameOf(key) + ": " + kSingularFit);
    if (const auto slope = FarSlope(fitted.random)) {
      out_.warnings.push_back(fmt::format(
          "{}: slope {} of ({}) lies far from 0 and is not correlated with an intercept: its "
          "variance is that of effects from 0 on, where there are no rows; write its difference "
          "from "
          "a value in its middle, or (1 + {} | GROUP)",
          NameOf(key), slope->name, slope->term, slope->name));
    }
    const auto std_xy = StandardisedXy(fitted.design, fitted.fit.coef, SpreadsOf(fitted.design));
    for (size_t c = 0; c < fitted.design.k; ++c) AddEstimate(key, fitted, c, std_xy[c]);
    if (spec_.options.attenuation.asked_for()) Correct(key, fitted);
  }

  void Correct(const RowKey& key, const MixedStep& fitted) {
    std::string reason;
    auto rows = AttenuationRows(
        key, spec_, frame_, fitted.formula, fitted.design, {fitted.fit.coef, fitted.fit.position},
        MomentsOf(fitted.design, fitted.random, fitted.fit), {MixedVcov(fitted.fit)}, reason);
    for (auto& row : rows) attenuation_.push_back(std::move(row));
    WarnOfNoCorrection(key, reason, out_.warnings);
  }

  void AddEstimate(const RowKey& key, const MixedStep& fitted, size_t c, double std_xy) {
    EstimateRow row = CoefficientRow(key, spec_, frame_, fitted.formula, fitted.design, c);
    row.se_type = Errors();
    row.n_clusters = FirstGroupLevels(fitted);
    if (fitted.design.columns[c].term != DesignColumn::kIntercept) {
      row.std_estimate = std_xy;
      row.std_type = "std_xy";
    }
    if (fitted.fit.position[c] < 0) {
      row.reason = "aliased";
    } else {
      const LinearResult result = fitted.Contrast({c}, {1});
      row.estimate = result.estimate;
      row.std_error = result.std_error;
      row.statistic = result.statistic;
      Infer(spec_, result.df, row);
      if (std::isnan(row.p_value)) {
        row.reason = std::isnan(row.std_error) ? "its variance is not positive"
                                               : "its degrees of freedom are not defined";
        out_.warnings.push_back(
            fmt::format("{}: the p value of {} is NA: {}", NameOf(key), row.term, row.reason));
      }
    }
    out_.estimates.push_back(std::move(row));
  }

  void AddModelRow(const RowKey& key, const MixedStep& fitted) {
    const MixedFit& fit = fitted.fit;
    ModelRow row;
    row.key = key;
    row.model = kind_;
    row.n = static_cast<int64_t>(fit.n);
    row.n_clusters = FirstGroupLevels(fitted);
    row.k = static_cast<int64_t>(fit.rank);
    row.df_resid =
        static_cast<double>(fit.n) - static_cast<double>(fit.rank + fitted.random.thetas() + 1);
    row.log_lik = fit.log_lik;
    row.criterion = fit.criterion;
    row.reml = fit.reml ? 1 : 0;
    row.aic = fit.aic;
    row.bic = fit.bic;
    row.sigma = fit.sigma;
    row.r2_marginal = fit.r2_marginal;
    row.r2_conditional = fit.r2_conditional;
    row.icc = fit.icc;
    if (!fit.reml) row.deviance = fit.criterion;
    row.converged = "true";  // else the model has failed
    row.iterations = fit.iterations;
    row.singular = fit.singular ? "true" : "false";
    row.max_abs_score = fit.max_gradient;
    row.newton_step = fit.last_step;
    row.formula = fitted.formula.Text();
    if (!HasRelatives(fitted.random)) {
      row.call = fmt::format("lmerTest::lmer({}, data = d, REML = {}{})", row.formula,
                             fit.reml ? "TRUE" : "FALSE", WeightsArgument(spec_));
    }
    out_.models.push_back(std::move(row));
  }

  // Fixed effects are compared by maximum likelihood: restricted likelihoods of different fixed
  // parts are of different data.
  const MixedStep& MaximumLikelihood(size_t model, const RowSelection& rows) {
    auto& fitted = ml_[{model, rows.rows}];
    if (!fitted) fitted = FitOne(fits_.FormulaOf(model), rows, false);
    return *fitted;
  }

  void Compare(const StepPlan::Pair& pair) {
    if (!fits_[pair.reduced] || !fits_[pair.full]) return;
    const MixedStep& full = *fits_[pair.full];
    const MixedStep& full_ml = MaximumLikelihood(pair.full, full.selection);
    const MixedStep& reduced_ml = MaximumLikelihood(pair.reduced, full.selection);
    ComparisonRow row = PairRow(spec_, pair, full.design);
    row.delta_r2 = full_ml.fit.r2_marginal - reduced_ml.fit.r2_marginal;
    const double df =
        static_cast<double>(full_ml.fit.rank) - static_cast<double>(reduced_ml.fit.rank);
    TestResult lrt{kNa, df, kNa, kNa, kNa};
    if (df > 0) {
      lrt.statistic = std::max(0.0, reduced_ml.fit.criterion - full_ml.fit.criterion);
      const Tail tail = UpperChi2(lrt.statistic, df);
      lrt.p = tail.p;
      lrt.neg_log10_p = tail.neg_log10;
    }
    AddTest(row, "LRT", lrt, out_.comparisons);
    const auto added = AddedColumns(spec_, pair, full.formula, full.design);
    if (full.kenward_roger) {
      AddTest(row, "F-Kenward-Roger", full.kenward_roger->F(added), out_.comparisons);
    } else {
      AddTest(row, "F-Satterthwaite", MixedF(full.fit, added), out_.comparisons);
    }
  }

  // The full model against each that lacks one random effect, by the same criterion: the fixed part
  // is the same.
  void TestRandomEffects() {
    const MixedStep& full = *fits_[fits_.size() - 1];
    const People people(frame_, full.formula, full.selection.rows);
    for (const auto& reduced : WithoutEachEffect(full.formula)) {
      KeepGoing([&] { TestRandomEffect(full, reduced, people.count()); });
    }
  }

  void TestRandomEffect(const MixedStep& full, const WithoutEffect& reduced, int64_t people) {
    const MixedStep other = FitOne(reduced.formula, full.selection, spec_.reml);
    ComparisonRow row;
    row.key = KeyOf(spec_, fits_.size() - 1);
    row.reduced = other.formula.Text();
    row.full = full.formula.Text();
    row.added = reduced.effect;
    row.n = static_cast<int64_t>(full.fit.n);
    row.n_level = people;
    const size_t variances = EffectsALevel(full.random) - EffectsALevel(other.random);
    AddVarianceTest(row, other.fit.criterion - full.fit.criterion,
                    full.random.thetas() - other.random.thetas(), out_.comparisons, variances);
    if (variances < 2) return;
    out_.warnings.push_back(
        fmt::format("{}: LRT-random-mixture of {} is NA: {} variances leave at once, for which the "
                    "mixture of chi-squares is not known",
                    NameOf(row.key), reduced.effect, variances));
  }

  void Contrasts() {
    const size_t last = fits_.size() - 1;
    if (!fits_[last]) return;
    const MixedStep& full = *fits_[last];
    for (const auto& contrast : spec_.contrasts) {
      const auto columns = ColumnsOf(contrast, full.design);
      const LinearResult result = full.Contrast(columns, contrast.weights);
      out_.contrasts.push_back(
          ContrastRowOf(spec_, last, contrast, Errors(), result, full.design, columns));
    }
  }

  void Predict() {
    if (!spec_.trajectories.asked_for()) return;
    std::vector<TrajectoryRow> rows;
    if (const auto& full = fits_[fits_.size() - 1]) {
      rows = Trajectories(
          spec_, frame_, full->selection.rows, full->design, Errors(),
          [&](const auto& columns, const auto& weights) {
            return full->Contrast(columns, weights);
          },
          out_.warnings);
    }
    out_.more["trajectories"] = TrajectoryTable(rows);
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  std::string kind_;
  StepFits<MixedStep> fits_;
  std::map<std::pair<size_t, std::vector<uint32_t>>, std::optional<MixedStep>> ml_;
  std::vector<AttenuationRow> attenuation_;
  Results out_;
};

}  // namespace

void AddVarianceTest(const ComparisonRow& row, double fall, size_t parameters,
                     std::vector<ComparisonRow>& out, size_t variances) {
  const double statistic = std::max(0.0, fall), df = static_cast<double>(parameters);
  const Tail naive = UpperChi2(statistic, df);
  AddTest(row, "LRT-random", {statistic, df, kNa, naive.p, naive.neg_log10}, out);
  // Half of chi-square with df, half with one less (0 is a point mass).
  const double less = df > 1 ? UpperChi2(statistic, df - 1).p : statistic > 0 ? 0 : 1;
  const double p = variances > 1 ? kNa : (naive.p + less) / 2;
  AddTest(row, "LRT-random-mixture", {statistic, df, kNa, p, -std::log10(p)}, out);
}

bool TestsRandomEffects(const Formula& formula) { return !WithoutEachEffect(formula).empty(); }

Error NothingToTest(const Formula& formula) {
  return Error(ErrorId::kConfigReference,
               "random_tests takes one of several random effects out: there is one only")
      .Field("random_tests")
      .Value(formula.Text())
      .Remedy("leave random_tests out");
}

std::vector<Error> CheckMixed(const ModelSpec& spec, const std::string& kind, bool clustered) {
  std::vector<Error> errors;
  if (spec.formula.random.empty() && spec.options.relatedness == "none") {
    errors.push_back(
        Error(ErrorId::kConfigReference, fmt::format("model {} needs a random term", kind))
            .Field("formula")
            .Value(spec.formula.Text())
            .Remedy(kind == "family_reml"
                        ? "set relatedness: pedigree or genotypes (kinflow fit: --person COLUMN "
                          "--set relatives=FILE), or add one, like (1 | m_id)"
                        : "add one to the formula or the covariates, like (1 | m_id), or use model "
                          "ols"));
  }
  if (auto repeated = RepeatedEffect(spec.formula)) errors.push_back(*std::move(repeated));
  if (clustered && !spec.formula.random.empty()) {
    errors.push_back(
        Error(ErrorId::kConfigReference, fmt::format("model {} takes no cluster", kind))
            .Field("cluster")
            .Remedy("name the groups in a random term: (1 | group)"));
  }
  if (spec.kenward_roger && !spec.reml) {
    errors.push_back(Error(ErrorId::kConfigReference, "Kenward and Roger's tests are of REML fits")
                         .Field("df")
                         .Value("kr")
                         .Remedy("use method: reml, or leave df out"));
  }
  RefuseWithWeights(spec, spec.kenward_roger, "df", "df: kr", "leave df out", errors);
  const bool attenuation = spec.options.attenuation.asked_for();
  RefuseWithWeights(spec, attenuation, "attenuation", "attenuation",
                    "take case_weights or attenuation out", errors);
  if (attenuation && spec.kenward_roger) {
    errors.push_back(Error(ErrorId::kConfigReference,
                           "attenuation is not defined with errors by Kenward and Roger")
                         .Field("attenuation")
                         .Remedy("leave df out, or attenuation"));
  }
  RefuseWithWeights(spec, spec.options.blups, "blups", "blups: true", "leave blups out", errors);
  for (auto& error : RefuseCovariances(spec, kind)) errors.push_back(std::move(error));
  return errors;
}

Results RunMixed(const ModelFrame& frame, const ModelSpec& spec, const std::string& kind,
                 const AfterMixed& after) {
  return MixedRun(frame, spec, kind).Go(after);
}

}  // namespace kinflow::family
