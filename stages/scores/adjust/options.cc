#include "stages/scores/adjust/options.h"

#include <array>
#include <nlohmann/json.hpp>

namespace kinflow {
namespace {

constexpr std::array kFitOnNames = {"all", "mother", "father", "child", "founder"};

constexpr std::array kUseNames = {"none", "z_pop", "z_norm1", "z_norm2"};

FitOn FitOnOf(const std::string& name) {
  for (size_t i = 0; i < kFitOnNames.size(); ++i) {
    if (name == kFitOnNames[i]) return static_cast<FitOn>(i);
  }
  return FitOn::kAll;
}

SchemaNode AncestrySchema(const std::vector<std::string>& people) {
  using namespace schema;
  return Map(
      "ancestry", "scores against people of similar ancestry, as the PGS Catalog calculator",
      {Int("pcs", "principal components that mean and variance follow: columns PC1 to PCn")
           .Within(0, 100)
           .Default("0"),
       Text("group", "column with the most similar population, for z_pop and percentiles within it")
           .Nullable(),
       Text("reference",
            "table of a reference panel: IID, PC1 ..., the group column, and each score; without "
            "one the cohort itself is the reference")
           .Nullable(),
       Choice("fit_on", "people of the cohort who are the reference, where no panel is named",
              people)
           .Default("all"),
       Choice("use", "what the analyses take for the score",
              std::vector<std::string>(kUseNames.begin(), kUseNames.end()))
           .Default("none")});
}

AncestryOptions AncestryFrom(const ConfigNode& node) {
  AncestryOptions options;
  options.pcs = static_cast<uint32_t>(node.Int("pcs"));
  if (node.Has("group")) options.group = node.Text("group");
  if (node.Has("reference")) options.reference = node.Text("reference");
  options.fit_on = FitOnOf(node.Text("fit_on"));
  for (size_t i = 0; i < kUseNames.size(); ++i) {
    if (node.Text("use") == kUseNames[i]) options.use = static_cast<AncestryOptions::Use>(i);
  }
  return options;
}

}  // namespace

const char* FitOnName(FitOn people) { return kFitOnNames[static_cast<size_t>(people)]; }

SchemaNode AdjustSchema() {
  using namespace schema;
  const std::vector<std::string> people(kFitOnNames.begin(), kFitOnNames.end());
  SchemaNode residualise =
      Map("residualise", "covariates taken out of each score by linear regression",
          {Int("pcs", "principal components: columns PC1 to PCn of the phenotype tables")
               .Within(0, 100)
               .Default("0"),
           TextList("factors", "columns of groups, such as genotyping batches").OneOrMore(),
           TextList("covariates", "other terms of a formula, such as age or PC1:factor(batch)")
               .OneOrMore(),
           Choice("kind", "rstandard: residual / (s sqrt(1 - h)) as R's rstandard; or plain",
                  {"rstandard", "plain"})
               .Default("rstandard"),
           Choice("by", "one regression over everybody, or one a role", {"all", "role"})
               .Default("all")});
  SchemaNode composite =
      Map("", "one composite",
          {Text("name", "its name in outputs and formulas").Required(),
           Choice("method",
                  "pc1: first principal component of the z-scored scores, its sign such "
                  "that the loadings have a positive sum",
                  {"pc1"})
               .Default("pc1"),
           TextList("of", "scores it is made of").OneOrMore().Required(),
           Choice("fit_on", "people whose means, SDs and loadings are used for everybody", people)
               .Default("all")});
  std::vector<std::string> scales = {"none"};
  scales.insert(scales.end(), people.begin(), people.end());
  return Map(
      "adjust", "scores after summing: residuals, composites, scale; used by the analyses",
      {AncestrySchema(people), std::move(residualise),
       List("composites", "scores made of other scores (after residualising)",
            std::move(composite)),
       Choice("standardise", "whose mean and SD all people share; none: scores keep their unit",
              std::move(scales))
           .Default("none"),
       Bool("percentiles", "percentiles among the people of standardise (none: everybody)")
           .Default("false")});
}

AdjustOptions AdjustOptions::FromConfig(const ConfigNode& node) {
  AdjustOptions options;
  options.ancestry = AncestryFrom(node.At("ancestry"));
  for (int64_t pc = 1; pc <= node.Int("residualise.pcs"); ++pc) {
    options.residuals.terms.push_back("PC" + std::to_string(pc));
  }
  for (const auto& factor : node.TextList("residualise.factors")) {
    options.residuals.terms.push_back("factor(`" + factor + "`)");
  }
  for (auto& term : node.TextList("residualise.covariates")) {
    options.residuals.terms.push_back(std::move(term));
  }
  options.residuals.studentise = node.Text("residualise.kind") == "rstandard";
  options.residuals.by_role = node.Text("residualise.by") == "role";
  for (const ConfigNode& item : node.At("composites").items()) {
    options.composites.push_back(
        {item.Text("name"), item.TextList("of"), FitOnOf(item.Text("fit_on"))});
  }
  const std::string& scale = node.Text("standardise");
  options.standardise = scale != "none";
  options.scale_on = FitOnOf(scale);
  options.percentiles = node.Bool("percentiles");
  return options;
}

std::string AdjustOptions::ToJson() const {
  nlohmann::json made_of = nlohmann::json::array();
  for (const auto& composite : composites) {
    made_of.push_back(
        {{"fit_on", FitOnName(composite.fit_on)}, {"name", composite.name}, {"of", composite.of}});
  }
  nlohmann::json json = {{"composites", std::move(made_of)},
                         {"percentiles", percentiles},
                         {"standardise", standardise ? FitOnName(scale_on) : "none"}};
  json["residualise"] = {{"by", residuals.by_role ? "role" : "all"},
                         {"kind", residuals.studentise ? "rstandard" : "plain"},
                         {"terms", residuals.terms}};
  if (ancestry.asked_for()) {
    json["ancestry"] = {{"fit_on", FitOnName(ancestry.fit_on)},
                        {"group", ancestry.group},
                        {"pcs", ancestry.pcs},
                        {"use", kUseNames[static_cast<size_t>(ancestry.use)]}};
  }
  return json.dump();
}

}  // namespace kinflow
