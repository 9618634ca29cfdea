#include "stages/family/model_options.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace kinflow::family {

std::vector<SchemaNode> ModelOptionKeys() {
  namespace s = schema;
  return {
      s::Bool("firth", "logit: Firth's penalty, finite also where the outcome is separated")
          .Default("false"),
      s::Number("prevalence",
                "logit: share of cases in the population, for R2 on the liability scale; null: "
                "that of the sample")
          .Within(1e-6, 1 - 1e-6)
          .Nullable(),
      s::Choice("link", "ordinal: logistic or normal thresholds", {"logit", "probit"})
          .Default("logit"),
      s::Choice("distribution", "gee: of the outcome; binomial has the logit link",
                {"gaussian", "binomial"})
          .Default("gaussian"),
      s::Choice("correlation", "gee: working correlation within a cluster",
                {"independence", "exchangeable", "ar1"})
          .Default("exchangeable"),
      s::Number("low", "groups: values up to this one are the low category; null: none").Nullable(),
      s::TextList("paths",
                  "sem: statements \"y ~ a*x + m\", \"f =~ x1 + x2\", \"x ~~ y\"; equal labels "
                  "are one parameter"),
      s::TextList("x", "riclpm: columns of the first variable, one a wave"),
      s::TextList("y", "riclpm: columns of the second variable, one a wave"),
      s::TextList("predictors", "riclpm: columns that predict both variables").OneOrMore(),
      s::Bool("equal_predictors", "riclpm: predictors act alike at all waves").Default("false"),
      s::List("variants", "riclpm: models to fit; later ones are tested against the first",
              s::Choice("", "variant", {"free", "equal_lags", "clpm", "clpm_equal_lags"}))
          .DefaultList({"free"})
          .OneOrMore(),
      s::Choice("standardised",
                "sem, riclpm: by both ends of a path (all), or not by exogenous predictors (nox)",
                {"all", "nox"})
          .Default("all")};
}

ModelOptions ReadModelOptions(const ConfigNode& node) {
  ModelOptions out;
  out.firth = node.Bool("firth");
  if (node.Has("prevalence")) out.prevalence = node.Number("prevalence");
  out.link = node.Text("link");
  out.distribution = node.Text("distribution");
  out.correlation = node.Text("correlation");
  if (node.Has("low")) out.low = node.Number("low");
  out.paths = node.TextList("paths");
  out.x = node.TextList("x");
  out.y = node.TextList("y");
  out.predictors = node.TextList("predictors");
  out.equal_predictors = node.Bool("equal_predictors");
  out.variants = node.TextList("variants");
  out.std_nox = node.Text("standardised") == "nox";
  return out;
}

std::string ModelOptionsJson(const ModelOptions& options) {
  nlohmann::json json{{"firth", options.firth},
                      {"link", options.link},
                      {"distribution", options.distribution},
                      {"correlation", options.correlation},
                      {"paths", options.paths},
                      {"x", options.x},
                      {"y", options.y},
                      {"predictors", options.predictors},
                      {"equal_predictors", options.equal_predictors},
                      {"variants", options.variants},
                      {"std_nox", options.std_nox}};
  if (!std::isnan(options.prevalence)) json["prevalence"] = options.prevalence;
  if (!std::isnan(options.low)) json["low"] = options.low;
  return json.dump();
}

std::vector<Error> UnusedOptions(const ModelOptions& options, const std::string& model) {
  std::vector<Error> errors;
  const ModelOptions plain;
  const auto check = [&](bool set, const char* key, const char* of) {
    if (!set || model == of) return;
    errors.push_back(
        Error(ErrorId::kConfigReference, fmt::format("{} is a key of model {} only", key, of))
            .Field(key)
            .Value(model)
            .Remedy(fmt::format("take it out, or use model {}", of)));
  };
  check(options.firth, "firth", "logit");
  check(!std::isnan(options.prevalence), "prevalence", "logit");
  check(options.link != plain.link, "link", "ordinal");
  check(options.distribution != plain.distribution, "distribution", "gee");
  check(options.correlation != plain.correlation, "correlation", "gee");
  check(!std::isnan(options.low), "low", "groups");
  check(options.std_nox && model != "riclpm", "standardised", "sem");
  check(!options.paths.empty(), "paths", "sem");
  check(!options.x.empty(), "x", "riclpm");
  check(!options.y.empty(), "y", "riclpm");
  check(!options.predictors.empty(), "predictors", "riclpm");
  check(options.equal_predictors, "equal_predictors", "riclpm");
  check(options.variants != plain.variants, "variants", "riclpm");
  return errors;
}

}  // namespace kinflow::family
