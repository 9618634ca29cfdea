#include "stages/scores/batch_sums.h"

#include "pipeline/base/error.h"
#include "stages/scores/many_columns.h"

namespace kinflow {

std::vector<int64_t> BatchSums::Column(std::string_view group, size_t column) const {
  const std::string path = PathOfMany(group, column);
  std::vector<int64_t> all;
  uint32_t before = 0;
  bool found = false;
  for (size_t b = 0; b < files_.size(); ++b) {
    if (files_[b].Has(path)) {
      const auto values = files_[b].ReadI64(path);
      if (values.size() != people_[b]) {
        throw Error(ErrorId::kShardDamaged, "sums of another number of people")
            .InFile(files_[b].path());
      }
      all.resize(before, 0);
      all.insert(all.end(), values.begin(), values.end());
      found = true;
    }
    before += people_[b];
  }
  if (found) all.resize(before, 0);
  return all;
}

std::vector<std::vector<int64_t>> BatchSums::Columns(std::string_view group, size_t first,
                                                     size_t n) const {
  std::vector<std::vector<int64_t>> columns;
  for (size_t c = first; c < first + n; ++c) columns.push_back(Column(group, c));
  return columns;
}

}  // namespace kinflow
