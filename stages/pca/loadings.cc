#include "stages/pca/loadings.h"

#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/h5_file.h"

namespace kinflow::pca {
namespace {

constexpr const char* kRemedy =
    "give the pca_loadings.h5 that kinflow pca left in the folder private of its results";

Error NoLoadings(const std::string& path, ErrorId id, const char* what) {
  return Error(id, what).InFile(path).Field("pca.project").Remedy(kRemedy);
}

/// Runs `read` on the file; what HDF5 cannot read is a fault of the input, not of the store.
template <class Read>
auto FromFile(const std::string& path, Read read) {
  FileHandle::OpenRead(path);  // tells a missing file
  try {
    return read(H5Reader(path));
  } catch (const Error& e) {
    if (e.id() != ErrorId::kShardDamaged) throw;
    throw NoLoadings(path, ErrorId::kFormatUnknown, "not a file of loadings, or a damaged one");
  }
}

void Check(const Loadings& read, size_t rows, const std::string& path) {
  const size_t variants = read.variants.size();
  bool good = rows == variants && read.frequency.size() == variants && read.loadings.cols() > 0 &&
              static_cast<int64_t>(read.eigenvalues.rows()) == read.loadings.cols() &&
              read.eigenvalues.Find("SHRINKAGE") >= 0 && read.loadings.allFinite();
  uint64_t varying = 0;
  for (const double p : read.frequency) {
    good = good && (std::isnan(p) || (p >= 0 && p <= 1));
    varying += p > 0 && p < 1 ? 1 : 0;
  }
  if (good && varying == read.varying && varying > 0) return;
  throw NoLoadings(path, ErrorId::kMalformed, "the parts of a file of loadings do not fit");
}

}  // namespace

void WriteLoadings(const ArtifactStore& store, const Manifest& pca, const std::string& path) {
  const H5Reader from = store.Open(pca, 0);
  size_t rows = 0, columns = 0;
  const std::vector<double> loadings = from.ReadMatrix("/loadings", rows, columns);
  const std::string partial = PartialName(path);
  H5Writer to(partial);
  to.WriteVariants("/variants", from.ReadVariants("/variants"));
  to.Write("/frequency", std::span<const double>(from.ReadF64("/frequency")));
  to.WriteMatrix("/loadings", loadings, rows, columns);
  to.WriteTable("/eigenvalues", from.ReadTable("/eigenvalues"));
  to.Attribute("/", "variants", from.AttributeInt("/", "variants"));
  to.Close();
  PublishFile(partial, path);
}

Loadings ReadLoadings(const std::string& path) {
  return FromFile(path, [&path](const H5Reader& file) {
    Loadings read;
    size_t rows = 0, columns = 0;
    const std::vector<double> loadings = file.ReadMatrix("/loadings", rows, columns);
    read.loadings =
        Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
            loadings.data(), static_cast<int64_t>(rows), static_cast<int64_t>(columns));
    read.variants = file.ReadVariants("/variants");
    read.frequency = file.ReadF64("/frequency");
    read.eigenvalues = file.ReadTable("/eigenvalues");
    read.varying = static_cast<uint64_t>(file.AttributeInt("/", "variants"));
    Check(read, rows, path);
    return read;
  });
}

uint32_t LoadingsComponents(const std::string& path) {
  return FromFile(path, [](const H5Reader& file) {
    return static_cast<uint32_t>(file.ReadTable("/eigenvalues").rows());
  });
}

}  // namespace kinflow::pca
