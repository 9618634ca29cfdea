#include "stages/family/sem/sem_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "stages/family/regression_run.h"
#include "stages/family/sem/fit_indices.h"
#include "stages/family/sem/fixed_paths.h"
#include "stages/family/sem/path_diagram.h"
#include "stages/family/sem/path_roles.h"
#include "stages/family/sem/sem_data.h"
#include "stages/family/sem/sem_people.h"
#include "stages/family/sem/variance_warnings.h"
#include "stages/family/vcov.h"

namespace kinflow::family {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kRounding = 1e-6;  // of a standardised value

/// Errors of one kind. Of parameters that have none `vcov` has NaN and the reason.
struct Errors {
  std::string name;
  MatrixXd covariance;
  Vcov vcov;
};

class SemRun {
 public:
  SemRun(const ModelFrame& frame, const ModelSpec& spec, std::string kind,
         std::vector<Variant> variants, size_t groups = 1)
      : frame_(frame),
        spec_(spec),
        kind_(std::move(kind)),
        variants_(std::move(variants)),
        groups_(groups) {}

  Results Go() {
    out_.tested = {variants_.front().id};
    try {
      rows_ = SelectSemRows(frame_, variants_.front().model, kind_);
      rows_.data.groups = groups_;
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      for (const Variant& variant : variants_) {
        out_.Fail(KeyOf(variant), kind_, FormulaOf(variant), error);
      }
      return std::move(out_);
    }
    FitReferencesOrWarn();
    for (Variant& variant : variants_) Fit(variant);
    for (size_t v = 1; v < variants_.size(); ++v) CompareWithFirst(variants_[v]);
    out_.more["paths"] = PathsTable(paths_);
    return std::move(out_);
  }

 private:
  RowKey KeyOf(const Variant& variant) const {
    return {spec_.analysis_id, variant.id, "NA", "NA", spec_.pgs};
  }
  static std::string FormulaOf(const Variant& variant) {
    return fmt::format("{}", fmt::join(variant.statements, "; "));
  }
  bool Asked(const char* errors) const {
    return std::find(spec_.vcov.begin(), spec_.vcov.end(), errors) != spec_.vcov.end();
  }
  bool Scaled() const { return Asked(kRobust); }

  void FitReferencesOrWarn() {
    try {
      references_ = FitReferences(rows_.data, variants_.front().model, Scaled(), kind_);
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      out_.warnings.push_back(
          fmt::format("{}: fit indices are NA: {}", spec_.analysis_id, error.OneLine()));
    }
  }

  void Fit(Variant& variant) {
    try {
      SetStarts(rows_.data, variant.model);
      variant.maximum = Maximise(rows_.data, variant.model, fmt::format("{} {}", kind_, variant.id),
                                 spec_.options.nonneg);
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      out_.Fail(KeyOf(variant), kind_, FormulaOf(variant), error);
      AddRows(variant);
      return;
    }
    if (Scaled()) {
      variant.scaling_trace = ScalingTrace(rows_.data, variant.model, *variant.maximum);
    }
    AddRows(variant);
    AddFit(variant);
    const auto improper = VarianceWarnings(variant.model, *variant.maximum);
    AddModelRow(variant, !improper.empty());
    for (const auto& text : improper) {
      out_.warnings.push_back(NameOf(KeyOf(variant)) + ": " + text);
    }
    people_ = PeopleByParameter(variant.model, rows_.data,
                                People(frame_, spec_.formula, rows_.selection.rows));
    const VectorXd standard =
        Standardise(rows_.data, variant.model, variant.maximum->theta, spec_.options.std_nox);
    for (const auto& name : spec_.vcov) {
      const Errors errors = ErrorsNamed(name, variant);
      const VectorXd of_standard = ErrorsOfStandardised(variant, errors);
      for (size_t i = 0; i < variant.model.paths.size(); ++i) {
        const auto at = static_cast<Eigen::Index>(i);
        const EstimateRow row = EstimateOf(variant, errors, i, standard(at), of_standard(at));
        if (name == spec_.vcov.front()) AddPath(variant, variant.model.paths[i], row);
        if (variant.model.paths[i].parameter >= 0) out_.estimates.push_back(row);
      }
      AddDefinitions(variant, errors);
      AddContrasts(variant, errors);
    }
  }

  Errors ErrorsNamed(const std::string& name, const Variant& variant) {
    const bool robust = name == kRobust, clustered = !rows_.data.cluster.empty();
    Errors out{name, variant.maximum->covariance, {}};
    if (robust) out.covariance = RobustCovariance(rows_.data, variant.model, *variant.maximum);
    Vcov& vcov = out.vcov;
    vcov.rank = variant.model.parameters();
    vcov.values.assign(out.covariance.data(), out.covariance.data() + out.covariance.size());
    if (!robust) return out;
    FixedByOne fixed = FixedPaths(rows_.data, variant.model);
    if (clustered) {
      RefuseFewClusters(rows_.selection.n_clusters, vcov.rank - fixed.combinations, vcov);
    }
    if (vcov.reason.empty()) {
      RefuseFixed(std::move(fixed.columns), clustered, vcov);
      if (clustered) {
        WarnOfFewClusters(KeyOf(variant), name, rows_.selection.n_clusters, vcov.rank,
                          out_.warnings);
      }
    }
    const std::string missing = MissingErrors(vcov, name);
    if (!missing.empty()) out_.warnings.push_back(NameOf(KeyOf(variant)) + ": " + missing);
    return out;
  }

  // A standardised value that depends on a parameter without an error has none either: the part of
  // its model-based error that comes from such parameters is not 0.
  VectorXd ErrorsOfStandardised(const Variant& variant, const Errors& errors) const {
    const SemMaximum& at = *variant.maximum;
    const auto of = [&](const MatrixXd& covariance) {
      return StandardisedErrors(rows_.data, variant.model, at.theta, covariance,
                                spec_.options.std_nox);
    };
    VectorXd out = of(errors.covariance);
    if (!errors.vcov.reason.empty()) out.setConstant(kNa);
    if (errors.vcov.fixed.empty()) return out;
    MatrixXd missing = MatrixXd::Zero(at.theta.size(), at.theta.size());
    for (Eigen::Index i = 0; i < at.theta.size(); ++i) {
      if (errors.vcov.fixed[static_cast<size_t>(i)] != 0) missing(i, i) = at.covariance(i, i);
    }
    return (of(missing).array() > kRounding).select(kNa, out);
  }

  void AddRows(const Variant& variant) {
    AddCounts(KeyOf(variant), frame_, spec_.formula, rows_.selection, out_.rows);
    out_.rows.push_back(
        {KeyOf(variant), "n_patterns", "NA", static_cast<int64_t>(rows_.data.patterns.size())});
  }

  void AddFit(Variant& variant) {
    if (references_) {
      variant.indices = IndicesOf(rows_.data, variant.model, *variant.maximum, *references_,
                                  variant.scaling_trace);
    }
    out_.fit.push_back({KeyOf(variant), rows_.data.rows(),
                        static_cast<int64_t>(rows_.data.patterns.size()), variant.indices});
  }

  void AddModelRow(const Variant& variant, bool improper) {
    const SemMaximum& at = *variant.maximum;
    ModelRow row;
    row.key = KeyOf(variant);
    row.model = kind_;
    row.n = rows_.data.rows();
    if (!rows_.data.cluster.empty()) {
      row.n_clusters = static_cast<int64_t>(rows_.selection.n_clusters);
    }
    const auto k = static_cast<double>(variant.model.parameters());
    row.k = static_cast<int64_t>(variant.model.parameters());
    row.df_resid = variant.indices.df;
    row.log_lik = at.log_lik;
    row.aic = -2 * at.log_lik + 2 * k;
    row.bic = -2 * at.log_lik + std::log(static_cast<double>(row.n)) * k;
    row.converged = "true";  // else the model has failed
    row.iterations = at.iterations;
    row.max_abs_score = at.max_abs_score;
    row.newton_step = at.last_step;
    row.singular = improper ? "true" : "false";
    row.formula = FormulaOf(variant);
    if (groups_ == 1)
      row.call =
          fmt::format("lavaan::{}(\"{}\", data = d, missing = \"ML\", estimator = \"{}\"{}{})",
                      kind_ == "sem" ? "sem" : "lavaan", row.formula, Scaled() ? "MLR" : "ML",
                      kind_ == "sem" ? "" : ", int.ov.free = TRUE",
                      spec_.options.nonneg ? ", bounds = \"pos.var\"" : "");
    out_.models.push_back(std::move(row));
  }

  // Of a fixed path the value alone: standardised it would tell of variables that hold few people.
  EstimateRow EstimateOf(const Variant& variant, const Errors& errors, size_t i, double standard,
                         double standard_error) {
    const Path& path = variant.model.paths[i];
    EstimateRow row;
    row.key = KeyOf(variant);
    row.key.outcome = variant.model.Left(path);
    row.predictor = variant.model.Right(path);
    row.term = variant.model.Text(path);
    row.role = RoleOf(variant.model, path);
    if (row.role == "covariate") {
      const VariableInfo info = frame_.InfoOf(row.predictor);
      row.role = info.role;
      row.effect = EffectOf(frame_, variant.model, path, info.role);
      if (info.pgs != "NA") row.key.pgs = info.pgs;
    }
    row.stat = "z";
    row.se_type = errors.name;
    row.conf_level = spec_.conf_level;
    row.n = rows_.data.rows();
    if (!rows_.data.cluster.empty()) {
      row.n_clusters = static_cast<int64_t>(rows_.selection.n_clusters);
    }
    row.std_type = spec_.options.std_nox ? "std_nox" : "std_all";
    row.estimate = path.value;
    if (path.parameter < 0) return row;
    row.n_level = people_[static_cast<size_t>(path.parameter)];
    row.estimate = variant.maximum->theta(path.parameter);
    row.std_estimate = standard;
    if (variant.maximum->IsAtBound(path.parameter)) {
      row.reason = "at its bound of 0";
      return row;
    }
    const auto at = static_cast<size_t>(path.parameter);
    row.std_error = std::sqrt(errors.vcov.At(at, at));
    if (!errors.vcov.ReasonOf(at).empty()) row.reason = errors.vcov.ReasonOf(at);
    row.statistic = row.estimate / row.std_error;
    row.std_estimate_error = std::isnan(standard) ? kNa : standard_error;
    Infer(spec_, kInfinity, row);
    return row;
  }

  // Paths fixed at zero are none.
  void AddPath(const Variant& variant, const Path& path, const EstimateRow& estimate) {
    if (path.parameter < 0 && path.value == 0) return;
    const PathModel& model = variant.model;
    const auto type = [&](size_t v) { return v < model.observed.size() ? "observed" : "latent"; };
    PathRow row;
    row.key = KeyOf(variant);
    row.to = model.Name(path.to);
    row.to_type = type(path.to);
    const bool by_constant = path.kind == Path::kExogenous && path.from == 0;
    row.from = path.kind == Path::kExogenous ? model.Right(path) : model.Name(path.from);
    row.from_type = by_constant                     ? "constant"
                    : path.kind == Path::kExogenous ? "observed"
                                                    : type(path.from);
    const std::string role = RoleOf(model, path);
    row.kind = role == "lag" || role == "covariate" ? "regression" : role;
    row.at = estimate;
    paths_.push_back(std::move(row));
  }

  ContrastRow ContrastOf(const Variant& variant, const std::string& name, const Errors& errors,
                         double estimate, const VectorXd& slopes) {
    ContrastRow row;
    row.key = KeyOf(variant);
    row.contrast = name;
    row.se_type = errors.name;
    row.estimate = estimate;
    row.std_error = std::sqrt(slopes.dot(errors.covariance * slopes));
    for (Eigen::Index i = 0; i < slopes.size(); ++i) {
      const bool none =
          variant.maximum->IsAtBound(i) || !errors.vcov.ReasonOf(static_cast<size_t>(i)).empty();
      if (slopes(i) != 0 && none) row.std_error = kNa;
    }
    row.statistic = row.estimate / row.std_error;
    row.n = rows_.data.rows();
    row.n_level = FewestPeople(slopes);
    Infer(spec_, kInfinity, row);
    return row;
  }

  // Of the parameters that a function with these slopes is of.
  int64_t FewestPeople(const VectorXd& slopes) const {
    std::vector<int64_t> people;
    for (Eigen::Index i = 0; i < slopes.size(); ++i) {
      if (slopes(i) != 0) people.push_back(people_[static_cast<size_t>(i)]);
    }
    return FewestOf(people);
  }

  // Sums of products of parameters, by the delta method.
  void AddDefinitions(const Variant& variant, const Errors& errors) {
    const VectorXd& theta = variant.maximum->theta;
    for (const Definition& definition : variant.model.definitions) {
      VectorXd slopes = VectorXd::Zero(theta.size());
      for (const auto& product : definition.products) {
        for (size_t i = 0; i < product.parameters.size(); ++i) {
          double slope = product.factor;
          for (size_t j = 0; j < product.parameters.size(); ++j) {
            if (j != i) slope *= theta(static_cast<Eigen::Index>(product.parameters[j]));
          }
          slopes(static_cast<Eigen::Index>(product.parameters[i])) += slope;
        }
      }
      out_.contrasts.push_back(
          ContrastOf(variant, definition.name, errors, definition.Value(theta.data()), slopes));
    }
  }

  // Sums of labelled parameters.
  void AddContrasts(const Variant& variant, const Errors& errors) {
    const auto& labels = variant.model.labels;
    for (const LinearCombination& contrast : spec_.contrasts) {
      VectorXd weights = VectorXd::Zero(static_cast<Eigen::Index>(labels.size()));
      bool known = true;
      for (size_t i = 0; i < contrast.names.size(); ++i) {
        const auto at = std::find(labels.begin(), labels.end(), contrast.names[i]);
        known = known && at != labels.end();
        if (known) weights(at - labels.begin()) += contrast.weights[i];
      }
      if (!known) {
        out_.warnings.push_back(fmt::format("{}: contrast {} names no label of this model",
                                            NameOf(KeyOf(variant)), contrast.text));
        continue;
      }
      out_.contrasts.push_back(
          ContrastOf(variant, contrast.text, errors, weights.dot(variant.maximum->theta), weights));
    }
  }

  void CompareWithFirst(const Variant& other) {
    const Variant& first = variants_.front();
    if (Nested(other, first)) {
      Compare(other, first);
    } else if (Nested(first, other)) {
      Compare(first, other);
    } else {
      out_.warnings.push_back(
          fmt::format("{}: not tested against {}: neither is nested in the other",
                      NameOf(KeyOf(other)), first.id));
    }
  }

  void Compare(const Variant& reduced, const Variant& full) {
    ComparisonRow row;
    row.key = KeyOf(full);
    row.reduced = reduced.id;
    row.full = full.id;
    row.n = rows_.data.rows();
    if (Asked(kModelBased)) AddVariantTests(reduced, full, row, std::nullopt, out_.comparisons);
    if (!Scaled()) return;
    const double scaling = DifferenceScaling(reduced, full);
    const size_t before = out_.comparisons.size();
    AddVariantTests(reduced, full, row, scaling, out_.comparisons);
    if (!std::isnan(scaling) || out_.comparisons.size() == before) return;
    out_.warnings.push_back(fmt::format(
        "{}: the scaled test of {} is NA: the scaling factor of the difference is not above 0, "
        "which small samples give",
        NameOf(row.key), reduced.id));
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  std::string kind_;
  std::vector<Variant> variants_;
  size_t groups_;
  SemRows rows_;
  std::vector<int64_t> people_;  // by parameter of the variant at hand
  std::optional<SemReferences> references_;
  std::vector<PathRow> paths_;
  Results out_;
};

}  // namespace

Results RunPathModels(const ModelFrame& frame, const ModelSpec& spec, const std::string& kind,
                      std::vector<Variant> variants, size_t groups) {
  return SemRun(frame, spec, kind, std::move(variants), groups).Go();
}

}  // namespace kinflow::family
