#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/variant_table.h"
#include "pipeline/store/artifact_store.h"

namespace kinflow::pca {

/// What it takes to project people on the components of others (pca_loadings.h5).
struct Loadings {
  VariantTable variants;
  std::vector<double> frequency;  // of ALT among the fitted; NaN = nobody had a call
  Eigen::MatrixXd loadings;       // variants x components
  Table eigenvalues;              // pca_eigenvalues.tsv
  uint64_t varying = 0;           // variants that vary among the fitted
};

/// pca_loadings.h5: the artifact's variants, frequencies, loadings and eigenvalues, nobody's
/// scores.
void WriteLoadings(const ArtifactStore& store, const Manifest& pca, const std::string& path);
/// Throws kMissingFile, kFormatUnknown (no such file of kinflow), kMalformed (parts that do not
/// fit).
Loadings ReadLoadings(const std::string& path);
/// Components of the file, by its header. Throws as ReadLoadings.
uint32_t LoadingsComponents(const std::string& path);

}  // namespace kinflow::pca
