#include "stages/pca/options.h"

#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"

namespace kinflow::pca {

namespace {

SchemaNode ReferenceSchema() {
  using namespace schema;
  return Map(
      "reference", "the people of `project`, for the ancestry of everybody projected",
      {Text("file", "table with PC1, PC2, ... (their pca.tsv) and a column of groups").Nullable(),
       Text("group", "column with the group of each person").Default("group"),
       Int("components", "components that groups are told by").Default("5").Within(1, 100),
       Number("min_probability",
              "smallest probability of the most similar group that is CONFIDENT; 0.9 as "
              "in gnomAD v2")
           .Default("0.9")
           .Within(0, 1)});
}

}  // namespace

SchemaNode PcaSchema() {
  using namespace schema;
  return Map("pca",
             "principal components of unrelated founders by the variants of `kinship`; all others "
             "are projected",
             {Bool("compute", "compute principal components").Default("false"),
              Int("components", "number of components").Default("10").Within(1, 100),
              Number("max_kinship", "no two fitted people have a larger kinship")
                  .Default("0.0884")
                  .Within(0, 0.5),
              Number("tolerance", "largest error of an eigenvector, as a share of its eigenvalue")
                  .Default("1e-5")
                  .Within(1e-9, 0.1),
              Number("outlier_sd",
                     "people further than so many SD from the mean on a component are told as "
                     "outliers (OUTLIER of pca.tsv); 0 = off")
                  .Default("6")
                  .Within(0, 1000),
              Int("max_passes", "most passes over the calls").Default("40").Within(1, 1000),
              Text("project",
                   "pca_loadings.h5 of other people: everybody is projected on it, nobody fitted")
                  .Nullable(),
              Number("min_overlap", "smallest share of its variants that the genotypes must have")
                  .Default("0.75")
                  .Within(0, 1),
              Bool("correct_shrinkage",
                   "of people projected, who fall nearer to 0 than those fitted; false for people "
                   "who were fitted themselves and their relatives")
                  .Default("true"),
              ReferenceSchema()});
}

PcaOptions PcaOptions::FromConfig(const ConfigNode& pca) {
  PcaOptions o;
  o.compute = pca.Bool("compute");
  o.components = static_cast<uint32_t>(pca.Int("components"));
  o.max_kinship = pca.Number("max_kinship");
  o.tolerance = pca.Number("tolerance");
  o.outlier_sd = pca.Number("outlier_sd");
  o.max_passes = static_cast<uint32_t>(pca.Int("max_passes"));
  if (pca.Has("project")) o.project = pca.Text("project");
  o.min_overlap = pca.Number("min_overlap");
  o.correct_shrinkage = pca.Bool("correct_shrinkage");
  if (pca.Has("reference.file")) o.reference = pca.Text("reference.file");
  o.group = pca.Text("reference.group");
  o.reference_components = static_cast<uint32_t>(pca.Int("reference.components"));
  o.min_probability = pca.Number("reference.min_probability");
  if (!o.reference.empty() && !o.projects()) {
    throw Error(ErrorId::kMissingKey, "a reference needs the loadings of its people")
        .Field("pca.project")
        .Remedy("name the pca_loadings.h5 of the reference under pca.project (--project)");
  }
  o.compute = o.compute || o.projects();
  return o;
}

std::string PcaOptions::ToJson() const {
  return nlohmann::json{{"components", components},
                        {"max_kinship", max_kinship},
                        {"tolerance", tolerance},
                        {"max_passes", max_passes}}
      .dump();
}

std::string PcaOptions::OverlapJson() const {
  return nlohmann::json{{"min_overlap", min_overlap}}.dump();
}

std::string PcaOptions::ProjectionJson() const {
  return nlohmann::json{{"components", components},
                        {"correct_shrinkage", correct_shrinkage},
                        {"group", group},
                        {"reference_components", reference_components},
                        {"min_probability", min_probability}}
      .dump();
}

}  // namespace kinflow::pca
