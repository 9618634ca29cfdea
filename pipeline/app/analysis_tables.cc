#include "pipeline/app/analysis_tables.h"

#include <utility>

#include "pipeline/data/concatenate.h"

namespace kinflow {

Table AnalysisTable(const ArtifactStore& store, const Manifests& manifests,
                    const std::string& name) {
  Table all;
  for (const Manifest& m : manifests) {
    const H5Reader file = store.Open(m, 0);
    if (file.Has("/" + name)) all = Concatenate(std::move(all), file.ReadTable("/" + name));
  }
  return all;
}

Table AnalysisTables::Shared(const ArtifactStore& store, const Manifests& manifests,
                             const std::string& name) {
  std::vector<Digest> keys;
  for (const Manifest& m : manifests) keys.push_back(m.key);
  if (!disclosure_ || keys != keys_) {
    keys_ = std::move(keys);
    for (const char* telling : {"rows", "groups", "areas"}) {
      telling_[telling] = AnalysisTable(store, manifests, telling);
    }
    disclosure_.emplace(telling_["rows"], telling_["groups"], telling_["areas"], small_cell_);
  }
  const auto known = telling_.find(name);
  if (known != telling_.end()) return disclosure_->Shared(name, known->second);
  return disclosure_->Shared(name, AnalysisTable(store, manifests, name));
}

}  // namespace kinflow
