#include "stages/family/second_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kinflow::family {

void AddSecondCluster(const ModelFrame& frame, const ModelSpec& spec,
                      const std::vector<uint32_t>& rows, Design& design) {
  const std::string& column = spec.options.second_cluster;
  if (column.empty()) return;
  const auto c = static_cast<size_t>(frame.columns.Find(column));
  RowCodes clusters = Renumber(CodesOf(frame.columns.column(c)), rows);
  design.second_cluster = std::move(clusters.codes);
  design.n_second_clusters = clusters.n;
}

void CheckSecondCluster(const ModelSpec& spec, bool clustered, std::vector<Error>& errors) {
  const std::string& column = spec.options.second_cluster;
  if (column.empty()) return;
  if (!clustered) {
    errors.push_back(Error(ErrorId::kConfigReference, "a second cluster without a first one")
                         .Field("second_cluster")
                         .Value(column)
                         .Remedy("name it as the cluster, or both"));
  }
  for (const char* name : {"CR2", "CR3"}) {
    if (std::find(spec.vcov.begin(), spec.vcov.end(), name) == spec.vcov.end()) continue;
    errors.push_back(Error(ErrorId::kConfigReference,
                           fmt::format("{} is not defined for two ways of clustering", name))
                         .Field("vcov")
                         .Value(name)
                         .Remedy("use CR1S"));
  }
}

}  // namespace kinflow::family
