#include "stages/scores/batch_sums.h"

#include <algorithm>
#include <numeric>

#include "pipeline/base/error.h"
#include "stages/scores/many_columns.h"

namespace kinflow {

std::vector<std::vector<int64_t>> BatchSums::Columns(std::string_view group, size_t first,
                                                     size_t n) const {
  const auto everybody = std::accumulate(people_.begin(), people_.end(), size_t{0});
  std::vector<std::vector<int64_t>> columns(n);
  size_t before = 0;
  for (size_t b = 0; b < people_.size(); ++b) {
    const H5Reader file = open_(b);
    for (size_t c = 0; c < n; ++c) {
      const std::string path = PathOfMany(group, first + c);
      if (!file.Has(path)) continue;
      const auto values = file.ReadI64(path);
      if (values.size() != people_[b]) {
        throw Error(ErrorId::kShardDamaged, "sums of another number of people").InFile(file.path());
      }
      columns[c].resize(everybody, 0);
      std::copy(values.begin(), values.end(),
                columns[c].begin() + static_cast<std::ptrdiff_t>(before));
    }
    before += people_[b];
  }
  return columns;
}

}  // namespace kinflow
