#include "stages/family/models/sem_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "pipeline/base/text.h"
#include "stages/family/regression_run.h"
#include "stages/family/sem/fit_indices.h"
#include "stages/family/sem/path_syntax.h"
#include "stages/family/sem/sem_data.h"
#include "stages/family/sem/variants.h"
#include "stages/family/vcov.h"

namespace kinflow::family {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr const char* kRobust = "robust";
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class SemRun {
 public:
  SemRun(const ModelFrame& frame, const ModelSpec& spec, std::string kind,
         std::vector<Variant> variants)
      : frame_(frame), spec_(spec), kind_(std::move(kind)), variants_(std::move(variants)) {}

  Results Go() {
    out_.tested = {variants_.front().id};
    try {
      rows_ = SelectSemRows(frame_, variants_.front().model, kind_);
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
    return std::move(out_);
  }

 private:
  RowKey KeyOf(const Variant& variant) const {
    return {spec_.analysis_id, variant.id, "NA", "NA", spec_.pgs};
  }
  static std::string FormulaOf(const Variant& variant) {
    return fmt::format("{}", fmt::join(variant.statements, "; "));
  }
  bool Scaled() const {
    return std::find(spec_.vcov.begin(), spec_.vcov.end(), kRobust) != spec_.vcov.end();
  }

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
      variant.maximum =
          Maximise(rows_.data, variant.model, fmt::format("{} {}", kind_, variant.id));
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      out_.Fail(KeyOf(variant), kind_, FormulaOf(variant), error);
      AddRows(variant);
      return;
    }
    AddRows(variant);
    AddFit(variant);
    AddModelRow(variant);
    WarnOfNegativeVariances(variant);
    const VectorXd standard =
        Standardise(rows_.data, variant.model, variant.maximum->theta, spec_.options.std_nox);
    for (const auto& name : spec_.vcov) {
      const MatrixXd covariance = CovarianceNamed(name, variant);
      const VectorXd errors = StandardisedErrors(rows_.data, variant.model, variant.maximum->theta,
                                                 covariance, spec_.options.std_nox);
      for (size_t i = 0; i < variant.model.paths.size(); ++i) {
        const auto at = static_cast<Eigen::Index>(i);
        AddEstimate(variant, name, i, covariance, standard(at), errors(at));
      }
      AddDefinitions(variant, name, covariance);
      AddContrasts(variant, name, covariance);
    }
  }

  MatrixXd CovarianceNamed(const std::string& name, const Variant& variant) {
    if (name != kRobust) return variant.maximum->covariance;
    MatrixXd robust = RobustCovariance(rows_.data, variant.model, *variant.maximum);
    if (rows_.data.cluster.empty()) return robust;
    Vcov few;
    RefuseFewClusters(rows_.selection.n_clusters, variant.model.parameters(), few);
    if (few.reason.empty()) {
      WarnOfFewClusters(KeyOf(variant), name, rows_.selection.n_clusters,
                        variant.model.parameters(), out_.warnings);
      return robust;
    }
    out_.warnings.push_back(
        fmt::format("{}: {} standard errors are NA: {}", NameOf(KeyOf(variant)), name, few.reason));
    return MatrixXd::Constant(robust.rows(), robust.cols(), kNa);
  }

  void AddRows(const Variant& variant) {
    AddCounts(KeyOf(variant), frame_, rows_.selection, out_.rows);
    out_.rows.push_back(
        {KeyOf(variant), "n_patterns", "NA", static_cast<int64_t>(rows_.data.patterns.size())});
  }

  void AddFit(Variant& variant) {
    if (references_) {
      variant.indices =
          IndicesOf(rows_.data, variant.model, *variant.maximum, *references_, Scaled());
    }
    out_.fit.push_back({KeyOf(variant), rows_.data.rows(),
                        static_cast<int64_t>(rows_.data.patterns.size()), variant.indices});
  }

  void AddModelRow(const Variant& variant) {
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
    row.formula = FormulaOf(variant);
    row.call = fmt::format("lavaan::{}(\"{}\", data = d, missing = \"ML\", estimator = \"{}\"{})",
                           kind_ == "sem" ? "sem" : "lavaan", row.formula, Scaled() ? "MLR" : "ML",
                           kind_ == "sem" ? "" : ", int.ov.free = TRUE");
    out_.models.push_back(std::move(row));
  }

  void WarnOfNegativeVariances(const Variant& variant) {
    for (const Path& path : variant.model.paths) {
      if (path.kind != Path::kCovariance || path.to != path.from || path.parameter < 0) continue;
      const double value = variant.maximum->theta(path.parameter);
      if (value > 0) continue;
      out_.warnings.push_back(fmt::format(
          "{}: the variance {} is {:.4g}: negative; the model asks for more than the data hold",
          NameOf(KeyOf(variant)), variant.model.Text(path), value));
    }
  }

  static std::string RoleOf(const Variant& variant, const Path& path) {
    if (path.kind == Path::kCovariance) return path.to == path.from ? "variance" : "covariance";
    if (path.loading) return "loading";
    if (path.kind == Path::kExogenous) return path.from == 0 ? "intercept" : "covariate";
    const bool latent = path.to >= variant.model.observed.size();
    return latent ? "lag" : "covariate";
  }

  // direct: the score of the person whose outcome it is, beside other members'; else indirect.
  std::string EffectOf(const Variant& variant, const std::string& role) const {
    if (!IsMemberRole(role)) return "NA";
    const auto& names = variant.model.exogenous;
    const bool others = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      const std::string other = frame_.InfoOf(name).role;
      return IsMemberRole(other) && other != role;
    });
    if (!others) return "total";
    if (frame_.outcome_of.empty()) return "NA";
    return role == frame_.outcome_of ? "direct" : "indirect";
  }

  void AddEstimate(const Variant& variant, const std::string& vcov, size_t i,
                   const MatrixXd& covariance, double standard, double standard_error) {
    const Path& path = variant.model.paths[i];
    if (path.parameter < 0) return;
    EstimateRow row;
    row.key = KeyOf(variant);
    row.key.outcome = variant.model.Left(path);
    row.predictor = variant.model.Right(path);
    row.term = variant.model.Text(path);
    row.role = RoleOf(variant, path);
    if (row.role == "covariate") {
      const VariableInfo info = frame_.InfoOf(row.predictor);
      row.role = info.role;
      row.effect = EffectOf(variant, info.role);
      if (info.pgs != "NA") row.key.pgs = info.pgs;
    }
    row.stat = "z";
    row.se_type = vcov;
    row.conf_level = spec_.conf_level;
    row.n = rows_.data.rows();
    if (!rows_.data.cluster.empty()) {
      row.n_clusters = static_cast<int64_t>(rows_.selection.n_clusters);
    }
    row.estimate = variant.maximum->theta(path.parameter);
    row.std_error = std::sqrt(covariance(path.parameter, path.parameter));
    row.statistic = row.estimate / row.std_error;
    row.std_estimate = standard;
    row.std_estimate_error = standard_error;
    row.std_type = spec_.options.std_nox ? "std_nox" : "std_all";
    Infer(spec_, kInfinity, row);
    out_.estimates.push_back(std::move(row));
  }

  ContrastRow ContrastOf(const Variant& variant, const std::string& name, const std::string& vcov,
                         double estimate, const VectorXd& slopes, const MatrixXd& covariance) {
    ContrastRow row;
    row.key = KeyOf(variant);
    row.contrast = name;
    row.se_type = vcov;
    row.estimate = estimate;
    row.std_error = std::sqrt(slopes.dot(covariance * slopes));
    row.statistic = row.estimate / row.std_error;
    row.n = rows_.data.rows();
    Infer(spec_, kInfinity, row);
    return row;
  }

  // Sums of products of parameters, by the delta method.
  void AddDefinitions(const Variant& variant, const std::string& vcov, const MatrixXd& covariance) {
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
      out_.contrasts.push_back(ContrastOf(variant, definition.name, vcov,
                                          definition.Value(theta.data()), slopes, covariance));
    }
  }

  // Sums of labelled parameters.
  void AddContrasts(const Variant& variant, const std::string& vcov, const MatrixXd& covariance) {
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
      out_.contrasts.push_back(ContrastOf(
          variant, contrast.text, vcov, weights.dot(variant.maximum->theta), weights, covariance));
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
    AddVariantTests(reduced, full, row, out_.comparisons);
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  std::string kind_;
  std::vector<Variant> variants_;
  SemRows rows_;
  std::optional<SemReferences> references_;
  Results out_;
};

Variant VariantOf(std::string id, std::vector<std::string> statements, PathDefaults defaults) {
  Variant out;
  out.id = std::move(id);
  out.model = ParsePaths(statements, defaults);
  out.statements = std::move(statements);
  return out;
}

RiclpmPaths RiclpmOf(const ModelOptions& options, const std::string& variant) {
  RiclpmPaths paths{options.x, options.y, options.predictors};
  paths.random_intercepts = variant.rfind("clpm", 0) != 0;
  paths.equal_lags = variant == "equal_lags" || variant == "clpm_equal_lags";
  paths.equal_predictors = options.equal_predictors;
  return paths;
}

class SemModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    std::vector<Variant> variants;
    variants.push_back(VariantOf("sem", spec.options.paths, PathDefaults::kSem));
    return SemRun(frame, spec, "sem", std::move(variants)).Go();
  }
  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    auto errors = CheckRegression(spec, "sem", clustered, {kModelBased, kRobust});
    if (spec.options.paths.empty()) {
      errors.push_back(Error(ErrorId::kMissingKey, "model sem needs paths")
                           .Field("paths")
                           .Remedy("write statements like \"y ~ x + m\" and \"m ~ x\""));
    }
    return errors;
  }
  std::vector<std::string> PathColumns(const ModelOptions& options) const override {
    if (options.paths.empty()) return {};
    return family::PathColumns(options.paths);
  }
  std::vector<std::string> DefaultVcov(bool clustered,
                                       const ModelOptions& /*options*/) const override {
    if (clustered) return {kModelBased, kRobust};
    return {kModelBased};
  }
};

class RiclpmModel : public SemModel {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    std::vector<Variant> variants;
    for (const auto& name : spec.options.variants) {
      const RiclpmPaths paths = RiclpmOf(spec.options, name);
      variants.push_back(VariantOf(name, RiclpmStatements(paths), PathDefaults::kNone));
      variants.back().random_intercepts = paths.random_intercepts;
      variants.back().equal_lags = paths.equal_lags;
    }
    return SemRun(frame, spec, "riclpm", std::move(variants)).Go();
  }
  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    auto errors = CheckRegression(spec, "riclpm", clustered, {kModelBased, kRobust});
    const auto& options = spec.options;
    const size_t waves = options.x.size();
    if (waves != options.y.size() || waves < 2) {
      errors.push_back(
          Error(ErrorId::kConfigReference,
                fmt::format("model riclpm: x has {} waves and y {}; they need the same number, at "
                            "least 3 (2 for variant clpm)",
                            waves, options.y.size()))
              .Field("x")
              .Remedy("list one column a wave in x and in y"));
      return errors;
    }
    for (const auto& variant : options.variants) {
      if (waves > 2 || variant == "clpm") continue;
      errors.push_back(Error(ErrorId::kConfigReference,
                             "model riclpm: random intercepts and equal lags need 3 waves")
                           .Field("variants")
                           .Value(variant)
                           .Remedy("use variant clpm"));
    }
    return errors;
  }
  std::vector<std::string> PathColumns(const ModelOptions& options) const override {
    std::vector<std::string> out = options.x;
    out.insert(out.end(), options.y.begin(), options.y.end());
    out.insert(out.end(), options.predictors.begin(), options.predictors.end());
    return out;
  }
};

}  // namespace

std::unique_ptr<Model> MakeSem() { return std::make_unique<SemModel>(); }
std::unique_ptr<Model> MakeRiclpm() { return std::make_unique<RiclpmModel>(); }

}  // namespace kinflow::family
