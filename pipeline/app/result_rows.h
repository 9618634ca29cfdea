#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/line_reader.h"

namespace kinflow {

/// Rows of a result table (TSV, plain or gzip), streamed, cells by name of the column.
class ResultRows {
 public:
  explicit ResultRows(const std::string& path);

  bool Next();
  /// "" where the table has no such column. Valid until Next.
  std::string_view operator[](std::string_view column) const;
  const std::vector<std::string>& columns() const { return columns_; }

 private:
  LineReader reader_;
  std::vector<std::string> columns_;
  std::vector<std::string_view> cells_;
};

}  // namespace kinflow
