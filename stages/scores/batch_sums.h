#pragma once

#include <string_view>
#include <vector>

#include "pipeline/store/h5_file.h"

namespace kinflow {

/// The files in which batches of people ended, read as if the people had been summed at once. Used
/// by one thread.
class BatchSums {
 public:
  /// One file a batch, in the order of people.
  BatchSums(std::vector<H5Reader> files, std::vector<uint32_t> people)
      : files_(std::move(files)), people_(std::move(people)) {}

  /// A column that LaneSums wrote below `group`, by sample; 0 for people whose file has none, empty
  /// if no file has it.
  std::vector<int64_t> Column(std::string_view group, size_t column) const;
  /// The same of columns [first, first + n).
  std::vector<std::vector<int64_t>> Columns(std::string_view group, size_t first, size_t n) const;

 private:
  std::vector<H5Reader> files_;
  std::vector<uint32_t> people_;  // of each file
};

}  // namespace kinflow
