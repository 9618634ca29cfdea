#include "stages/family/model_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace kinflow::family {

std::vector<std::string> ModelOptions::Columns() const {
  std::vector<std::string> out;
  for (const auto& name : {time, case_weights, second_cluster, wave}) {
    if (!name.empty()) out.push_back(name);
  }
  return out;
}

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
      s::Int("quadrature",
             "logit with a random intercept: nodes of adaptive Gauss-Hermite quadrature")
          .Within(5, 99)
          .Default("15"),
      s::Choice("link", "ordinal: logistic or normal thresholds", {"logit", "probit"})
          .Default("logit"),
      s::Choice("distribution", "gee: of the outcome; binomial has the logit link",
                {"gaussian", "binomial"})
          .Default("gaussian"),
      s::Choice("correlation", "gee: working correlation within a cluster",
                {"independence", "exchangeable", "ar1"})
          .Default("exchangeable"),
      s::Text(
          "time",
          "gee: column of whole numbers by which rows of a cluster are apart, for ar1, or of names "
          "of waves, one step each; null: the column of waves of a long table (in kinflow fit "
          "where "
          "--data-format names one), else the order of the table")
          .Nullable(),
      s::Text(
          "case_weights",
          "ols, logit, ordinal, gee: column of weights, as of attrition; use robust errors; lmm: "
          "of precisions")
          .Nullable(),
      AttenuationSchema(),
      s::Text("wave",
              "ols_by_wave: column whose values are the waves, of a long table (layout: long)")
          .Nullable(),
      s::Text(
          "second_cluster",
          "ols, logit: column whose values share errors too, beside the cluster (two-way CR0, CR1, "
          "CR1S)")
          .Nullable(),
      s::Number("low",
                "groups, group_waves: values up to this one are the low category; null: none")
          .Nullable(),
      s::Number("cases_beyond_sd",
                "ptdt: cases have an outcome so many SD above the mean of all children, or below "
                "it if negative; null: the larger of the outcome's two values")
          .Within(-10, 10)
          .Nullable(),
      s::Text("neighbours",
              "spatial: table with two columns, the names of two areas that are neighbours")
          .Nullable(),
      s::Choice("weights", "spatial: of neighbours; row_standardised: those of an area sum to 1",
                {"row_standardised", "binary"})
          .Default("row_standardised"),
      s::Int("permutations", "spatial: of the values over the areas")
          .Within(99, 1e6)
          .Default("999"),
      s::Text("mediator",
              "mediation: the column that stands between the first term and the outcome")
          .Nullable(),
      s::Int("bootstrap", "mediation: samples of the percentile intervals; 0: none")
          .Within(0, 1e6)
          .Default("2000"),
      s::Int("seed", "spatial, mediation: of the random numbers").Within(0, 1e15).Default("1"),
      s::TextList("paths",
                  "sem: statements \"y ~ a*x + m\", \"f =~ x1 + x2\", \"x ~~ y\"; equal labels "
                  "are one parameter"),
      s::TextList("x", "riclpm: columns of the first variable, one a wave"),
      s::TextList("y", "riclpm: columns of the second variable, one a wave"),
      s::TextList("w", "riclpm: columns of a third variable, one a wave"),
      s::Text("group", "riclpm: column whose values are groups with a model each").Nullable(),
      s::TextList("predictors", "riclpm: columns that predict all variables").OneOrMore(),
      s::Choice("predictors_of",
                "riclpm: what they predict; within: components of each wave, which pass it on to "
                "the next ones",
                {"observed", "within"})
          .Default("observed"),
      s::Bool("equal_predictors", "riclpm: predictors act alike at all waves").Default("false"),
      s::List(
          "variants", "riclpm: models to fit; later ones are tested against the first",
          s::Choice("", "variant",
                    {"free", "equal_lags", "equal_innovations", "equal_means",
                     "equal_lags_innovations", "equal_lags_means", "equal_innovations_means",
                     "equal_lags_innovations_means", "equal_predictors", "equal_lags_predictors",
                     "clpm", "clpm_equal_lags", "equal_groups", "equal_lags_groups"}))
          .DefaultList({"free"})
          .OneOrMore(),
      s::Bool("blups", "lmm: predicted random effects of every level, in private/blups.tsv")
          .Default("false"),
      s::Choice("relatedness",
                "family_reml: a genetic effect that relatives share, by pedigree or by the kinship "
                "of genotypes (kinship.compute)",
                {"none", "pedigree", "genotypes"})
          .Default("none"),
      s::Number("h2f",
                "family_reml: heritability from variation within families; adjusts the effects for "
                "assortative mating")
          .Within(1e-6, 1)
          .Nullable(),
      s::Number("h2f_se", "family_reml: its standard error").Within(0, 1).Default("0"),
      s::Number("rk",
                "family_reml: correlation of the parents' scores; null: that of the rows' parents")
          .Within(-1, 1)
          .Nullable(),
      s::Number("rk_se", "family_reml: its standard error").Within(0, 1).Default("0"),
      s::Choice("bounds", "sem, riclpm: of variances; nonneg: 0 or more, told where one is at 0",
                {"none", "nonneg"})
          .Default("none"),
      s::Choice("standardised",
                "sem, riclpm: by both ends of a path (all), or not by exogenous predictors (nox)",
                {"all", "nox"})
          .Default("all")};
}

ModelOptions ReadModelOptions(const ConfigNode& node) {
  ModelOptions out;
  out.firth = node.Bool("firth");
  if (node.Has("prevalence")) out.prevalence = node.Number("prevalence");
  out.quadrature = static_cast<int>(node.Int("quadrature"));
  out.link = node.Text("link");
  out.distribution = node.Text("distribution");
  out.correlation = node.Text("correlation");
  if (node.Has("time")) out.time = node.Text("time");
  if (node.Has("case_weights")) out.case_weights = node.Text("case_weights");
  out.attenuation = ReadAttenuation(node.At("attenuation"));
  if (node.Has("wave")) out.wave = node.Text("wave");
  if (node.Has("second_cluster")) out.second_cluster = node.Text("second_cluster");
  if (node.Has("low")) out.low = node.Number("low");
  if (node.Has("cases_beyond_sd")) out.cases_beyond_sd = node.Number("cases_beyond_sd");
  if (node.Has("neighbours")) out.neighbours_file = node.Text("neighbours");
  out.row_standardised = node.Text("weights") == "row_standardised";
  out.permutations = node.Int("permutations");
  if (node.Has("mediator")) out.mediator = node.Text("mediator");
  out.bootstrap = node.Int("bootstrap");
  out.seed = static_cast<uint64_t>(node.Int("seed"));
  out.paths = node.TextList("paths");
  out.x = node.TextList("x");
  out.y = node.TextList("y");
  out.w = node.TextList("w");
  if (node.Has("group")) out.group = node.Text("group");
  out.blups = node.Bool("blups");
  out.predictors = node.TextList("predictors");
  out.equal_predictors = node.Bool("equal_predictors");
  out.predictors_within = node.Text("predictors_of") == "within";
  out.variants = node.TextList("variants");
  out.relatedness = node.Text("relatedness");
  if (node.Has("h2f")) out.assortment.h2f = node.Number("h2f");
  out.assortment.h2f_se = node.Number("h2f_se");
  if (node.Has("rk")) out.assortment.rk = node.Number("rk");
  out.assortment.rk_se = node.Number("rk_se");
  out.nonneg = node.Text("bounds") == "nonneg";
  out.std_nox = node.Text("standardised") == "nox";
  return out;
}

std::string PathKeyOf(const ModelOptions& options, const std::string& column) {
  const std::pair<const char*, const std::vector<std::string>&> lists[] = {
      {"x", options.x}, {"y", options.y}, {"w", options.w}, {"predictors", options.predictors}};
  for (const auto& [key, names] : lists) {
    if (std::find(names.begin(), names.end(), column) != names.end()) return key;
  }
  return column == options.group ? "group" : "paths";
}

std::string ModelOptionsJson(const ModelOptions& options) {
  nlohmann::json json{{"firth", options.firth},
                      {"quadrature", options.quadrature},
                      {"link", options.link},
                      {"distribution", options.distribution},
                      {"correlation", options.correlation},
                      {"time", options.time},
                      {"case_weights", options.case_weights},
                      {"second_cluster", options.second_cluster},
                      {"wave", options.wave},
                      {"attenuation", nlohmann::json::parse(options.attenuation.ToJson())},
                      {"row_standardised", options.row_standardised},
                      {"permutations", options.permutations},
                      {"mediator", options.mediator},
                      {"bootstrap", options.bootstrap},
                      {"seed", options.seed},
                      {"paths", options.paths},
                      {"x", options.x},
                      {"y", options.y},
                      {"w", options.w},
                      {"group", options.group},
                      {"blups", options.blups},
                      {"predictors", options.predictors},
                      {"equal_predictors", options.equal_predictors},
                      {"predictors_within", options.predictors_within},
                      {"variants", options.variants},
                      {"relatedness", options.relatedness},
                      {"h2f_se", options.assortment.h2f_se},
                      {"rk_se", options.assortment.rk_se},
                      {"nonneg", options.nonneg},
                      {"std_nox", options.std_nox}};
  if (!std::isnan(options.assortment.h2f)) json["h2f"] = options.assortment.h2f;
  if (!std::isnan(options.assortment.rk)) json["rk"] = options.assortment.rk;
  if (!std::isnan(options.prevalence)) json["prevalence"] = options.prevalence;
  if (!std::isnan(options.low)) json["low"] = options.low;
  if (!std::isnan(options.cases_beyond_sd)) json["cases_beyond_sd"] = options.cases_beyond_sd;
  return json.dump();
}

std::vector<Error> UnusedOptions(const ModelOptions& options, const std::string& model) {
  std::vector<Error> errors;
  const ModelOptions plain;
  const auto check_all = [&](bool set, const char* key, const std::vector<std::string>& of) {
    if (!set || std::find(of.begin(), of.end(), model) != of.end()) return;
    errors.push_back(Error(ErrorId::kConfigReference,
                           fmt::format("{} is a key of model {} only", key, fmt::join(of, ", ")))
                         .Field(key)
                         .Value(model)
                         .Remedy(fmt::format("take it out, or use model {}", of.front())));
  };
  const auto check = [&](bool set, const char* key, const char* of) { check_all(set, key, {of}); };
  check(options.firth, "firth", "logit");
  check(!std::isnan(options.prevalence), "prevalence", "logit");
  check(options.quadrature != plain.quadrature, "quadrature", "logit");
  check(options.link != plain.link, "link", "ordinal");
  check(options.distribution != plain.distribution, "distribution", "gee");
  check(options.correlation != plain.correlation, "correlation", "gee");
  check(!options.time.empty(), "time", "gee");
  check_all(!options.case_weights.empty(), "case_weights",
            {"ols", "ols_by_wave", "logit", "ordinal", "gee", "lmm"});
  check_all(options.attenuation.asked_for(), "attenuation", {"ols", "ols_by_wave", "lmm"});
  check(!options.wave.empty(), "wave", "ols_by_wave");
  check_all(!options.second_cluster.empty(), "second_cluster", {"ols", "logit"});
  check_all(!std::isnan(options.low), "low", {"groups", "group_waves"});
  check(!std::isnan(options.cases_beyond_sd), "cases_beyond_sd", "ptdt");
  check(!options.neighbours_file.empty(), "neighbours", "spatial");
  check(!options.row_standardised, "weights", "spatial");
  check(options.permutations != plain.permutations, "permutations", "spatial");
  check(!options.mediator.empty(), "mediator", "mediation");
  check(options.bootstrap != plain.bootstrap, "bootstrap", "mediation");
  check_all(options.seed != plain.seed, "seed", {"spatial", "mediation"});
  check_all(options.nonneg, "bounds", {"sem", "riclpm"});
  check_all(options.std_nox, "standardised", {"sem", "riclpm"});
  check(options.relatedness != plain.relatedness, "relatedness", "family_reml");
  check(!std::isnan(options.assortment.h2f), "h2f", "family_reml");
  check(options.assortment.h2f_se > 0, "h2f_se", "family_reml");
  check(!std::isnan(options.assortment.rk), "rk", "family_reml");
  check(options.assortment.rk_se > 0, "rk_se", "family_reml");
  const Assortment& given = options.assortment;
  const auto needs = [&](bool set, const char* key, double other, const char* other_key) {
    if (!set || model != "family_reml" || !std::isnan(other)) return;
    errors.push_back(
        Error(ErrorId::kConfigReference, fmt::format("{} means nothing without {}", key, other_key))
            .Field(key)
            .Remedy(fmt::format("take it out, or give {}", other_key)));
  };
  needs(given.h2f_se > 0, "h2f_se", given.h2f, "h2f");
  needs(!std::isnan(given.rk), "rk", given.h2f, "h2f");
  needs(given.rk_se > 0, "rk_se", given.rk, "rk");
  check(!options.paths.empty(), "paths", "sem");
  check(!options.x.empty(), "x", "riclpm");
  check(!options.y.empty(), "y", "riclpm");
  check(!options.w.empty(), "w", "riclpm");
  check(!options.group.empty(), "group", "riclpm");
  check(options.blups, "blups", "lmm");
  check(!options.predictors.empty(), "predictors", "riclpm");
  check(options.equal_predictors, "equal_predictors", "riclpm");
  check(options.predictors_within, "predictors_of", "riclpm");
  check(options.variants != plain.variants, "variants", "riclpm");
  return errors;
}

}  // namespace kinflow::family
