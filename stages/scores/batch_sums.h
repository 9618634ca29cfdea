#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "pipeline/store/h5_file.h"

namespace kinflow {

/// The files in which batches of people ended, read as if the people had been summed at once. One
/// is open at a time: each holds memory for what it knows of its columns. Used by one thread.
class BatchSums {
 public:
  using Open = std::function<H5Reader(size_t batch)>;
  /// `people` of each file, in their order.
  BatchSums(Open open, std::vector<uint32_t> people)
      : open_(std::move(open)), people_(std::move(people)) {}

  /// Columns [first, first + n) that LaneSums wrote below `group`, by sample; 0 for people whose
  /// file has none, empty if no file has it.
  std::vector<std::vector<int64_t>> Columns(std::string_view group, size_t first, size_t n) const;

 private:
  Open open_;
  std::vector<uint32_t> people_;
};

}  // namespace kinflow
