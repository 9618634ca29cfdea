#include "stages/family/models/sem_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "stages/family/regression_run.h"
#include "stages/family/sem/path_diagram.h"
#include "stages/family/sem/path_syntax.h"
#include "stages/family/sem/riclpm_paths.h"
#include "stages/family/sem/sem_run.h"

namespace kinflow::family {
namespace {

Variant VariantOf(std::string id, std::vector<std::string> statements, PathDefaults defaults) {
  Variant out;
  out.id = std::move(id);
  out.model = ParsePaths(statements, defaults);
  out.statements = std::move(statements);
  return out;
}

RiclpmPaths RiclpmOf(const ModelOptions& options, const std::string& variant) {
  RiclpmPaths paths;
  paths.series = {options.x, options.y};
  paths.z = options.predictors;
  if (!options.w.empty()) paths.series.push_back(options.w);
  paths.random_intercepts = variant.rfind("clpm", 0) != 0;
  const auto equal = [&](const char* what) { return variant.find(what) != std::string::npos; };
  paths.equal_lags = equal("_lags");
  paths.equal_innovations = equal("_innovations");
  paths.equal_means = equal("_means");
  paths.equal_groups = equal("_groups");
  paths.equal_predictors = options.equal_predictors || equal("_predictors");
  paths.z_within = options.predictors_within;
  return paths;
}

std::vector<const char*> UnusedPredictorKeys(const ModelOptions& options) {
  std::vector<const char*> out;
  if (!options.predictors.empty()) return out;
  if (options.equal_predictors) out.push_back("equal_predictors");
  if (options.predictors_within) out.push_back("predictors_of");
  return out;
}

void CheckVariants(const ModelOptions& options, std::vector<Error>& errors) {
  for (const auto& variant : options.variants) {
    if (variant.ends_with("groups") && options.group.empty()) {
      errors.push_back(Error(ErrorId::kConfigReference, "equal groups need groups")
                           .Field("variants")
                           .Value(variant)
                           .Remedy("name the column of the groups: group"));
    }
    if (variant.ends_with("_predictors") &&
        (options.predictors.empty() || options.equal_predictors)) {
      errors.push_back(Error(ErrorId::kConfigReference,
                             options.predictors.empty()
                                 ? "equal predictors need predictors"
                                 : "equal_predictors: true makes predictors equal in all variants")
                           .Field("variants")
                           .Value(variant)
                           .Remedy(options.predictors.empty()
                                       ? "name their columns: predictors"
                                       : "leave equal_predictors out to test it"));
    }
    if (RiclpmOf(options, variant).equal_means && !options.predictors.empty() &&
        (!options.equal_predictors || options.predictors_within)) {
      errors.push_back(
          Error(ErrorId::kConfigReference,
                "means cannot be equal at all waves beside predictors that change them by wave")
              .Field("variants")
              .Value(variant)
              .Remedy("set equal_predictors: true with predictors_of: observed, or take out the "
                      "predictors or the variant"));
    }
    if (options.x.size() > 2 || variant == "clpm") continue;
    errors.push_back(
        Error(ErrorId::kConfigReference,
              "model riclpm: random intercepts and what is equal over waves need 3 waves")
            .Field("variants")
            .Value(variant)
            .Remedy("use variant clpm"));
  }
}

class SemModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    std::vector<Variant> variants;
    variants.push_back(VariantOf("sem", spec.options.paths, PathDefaults::kSem));
    return RunPathModels(frame, spec, "sem", std::move(variants));
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
  std::vector<std::string> PathOutcomes(const ModelOptions& options) const override {
    if (options.paths.empty()) return {};
    return ParsePaths(options.paths, PathDefaults::kSem).observed;
  }
  std::map<std::string, Table> MoreTables() const override { return {{"paths", PathsTable({})}}; }
  std::string HowTold() const override {
    return "give paths (kinflow fit: --set 'paths=[\"m ~ a*x\", \"y ~ b*m + x\"]')";
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
    RiclpmPaths grouped = RiclpmOf(spec.options, "free");
    std::optional<ModelFrame> split;
    try {
      if (!spec.options.group.empty()) split = SplitByGroup(frame, spec.options.group, grouped);
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      Results out;
      out.Fail({spec.analysis_id, spec.options.variants.front(), "NA", "NA", spec.pgs}, "riclpm",
               spec.formula.Text(), error);
      return out;
    }
    std::vector<Variant> variants;
    for (const auto& name : spec.options.variants) {
      RiclpmPaths paths = RiclpmOf(spec.options, name);
      paths.groups = grouped.groups;
      variants.push_back(VariantOf(name, RiclpmStatements(paths), PathDefaults::kNone));
      variants.back().random_intercepts = paths.random_intercepts;
      variants.back().equal_lags = paths.equal_lags;
      variants.back().equal_groups = paths.equal_groups;
      variants.back().equal_innovations = paths.equal_innovations;
      variants.back().equal_means = paths.equal_means;
      variants.back().equal_predictors = paths.equal_predictors;
    }
    const size_t groups = std::max<size_t>(1, grouped.groups.size());
    return RunPathModels(split ? *split : frame, spec, "riclpm", std::move(variants), groups);
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
              .Remedy("list one column a wave in x and in y; make a long table wide first, in R: "
                      "tidyr::pivot_wider(d, id_cols = id, names_from = wave, values_from = c(x, "
                      "y))"));
      return errors;
    }
    if (!options.w.empty() && options.w.size() != waves) {
      errors.push_back(
          Error(ErrorId::kConfigReference,
                fmt::format("model riclpm: x has {} waves and w {}", waves, options.w.size()))
              .Field("w")
              .Remedy("list one column a wave in w too"));
    }
    for (const char* key : UnusedPredictorKeys(options)) {
      errors.push_back(
          Error(ErrorId::kConfigReference, fmt::format("{} means nothing without predictors", key))
              .Field(key)
              .Remedy("take it out, or give predictors"));
    }
    CheckVariants(options, errors);
    return errors;
  }
  std::vector<std::string> PathColumns(const ModelOptions& options) const override {
    std::vector<std::string> out = PathOutcomes(options);
    out.insert(out.end(), options.predictors.begin(), options.predictors.end());
    if (!options.group.empty()) out.push_back(options.group);
    return out;
  }
  std::vector<std::string> PathOutcomes(const ModelOptions& options) const override {
    std::vector<std::string> out = options.x;
    out.insert(out.end(), options.y.begin(), options.y.end());
    out.insert(out.end(), options.w.begin(), options.w.end());
    return out;
  }
  std::string HowTold() const override {
    return "give x and y, a column a wave (kinflow fit: --set 'x=[x1, x2, x3]' --set 'y=[y1, y2, "
           "y3]')";
  }
};

}  // namespace

std::unique_ptr<Model> MakeSem() { return std::make_unique<SemModel>(); }
std::unique_ptr<Model> MakeRiclpm() { return std::make_unique<RiclpmModel>(); }

}  // namespace kinflow::family
