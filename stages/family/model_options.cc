#include "stages/family/model_options.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace kinflow::family {

std::vector<SchemaNode> ModelOptionKeys() {
  namespace s = schema;
  return {s::Bool("firth", "logit: Firth's penalty, finite also where the outcome is separated")
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
              .Default("exchangeable")};
}

ModelOptions ReadModelOptions(const ConfigNode& node) {
  ModelOptions out;
  out.firth = node.Bool("firth");
  if (node.Has("prevalence")) out.prevalence = node.Number("prevalence");
  out.link = node.Text("link");
  out.distribution = node.Text("distribution");
  out.correlation = node.Text("correlation");
  return out;
}

std::string ModelOptionsJson(const ModelOptions& options) {
  nlohmann::json json{{"firth", options.firth},
                      {"link", options.link},
                      {"distribution", options.distribution},
                      {"correlation", options.correlation}};
  if (!std::isnan(options.prevalence)) json["prevalence"] = options.prevalence;
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
  return errors;
}

}  // namespace kinflow::family
