#include "stages/pca/options.h"

#include <nlohmann/json.hpp>

namespace kinflow::pca {

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
              Int("max_passes", "most passes over the calls").Default("40").Within(1, 1000)});
}

PcaOptions PcaOptions::FromConfig(const ConfigNode& pca) {
  PcaOptions o;
  o.compute = pca.Bool("compute");
  o.components = static_cast<uint32_t>(pca.Int("components"));
  o.max_kinship = pca.Number("max_kinship");
  o.tolerance = pca.Number("tolerance");
  o.max_passes = static_cast<uint32_t>(pca.Int("max_passes"));
  return o;
}

std::string PcaOptions::ToJson() const {
  return nlohmann::json{{"components", components},
                        {"max_kinship", max_kinship},
                        {"tolerance", tolerance},
                        {"max_passes", max_passes}}
      .dump();
}

}  // namespace kinflow::pca
