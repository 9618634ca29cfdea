#include "pipeline/app/result_rows.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

namespace kinflow {

ResultRows::ResultRows(const std::string& path) : reader_(path) {
  std::string_view line;
  if (!reader_.Next(line)) return;
  for (const auto name : Split(line, '\t')) columns_.emplace_back(name);
}

bool ResultRows::Next() {
  std::string_view line;
  if (!reader_.Next(line)) return false;
  cells_ = Split(line, '\t');
  if (cells_.size() == columns_.size()) return true;
  throw Error(ErrorId::kMalformed, "row of a result table has another number of cells")
      .InFile(reader_.path())
      .AtLine(reader_.line_number())
      .Remedy("the table was changed after the run: run again");
}

std::string_view ResultRows::operator[](std::string_view column) const {
  for (size_t c = 0; c < columns_.size(); ++c) {
    if (columns_[c] == column) return cells_[c];
  }
  return "";
}

}  // namespace kinflow
