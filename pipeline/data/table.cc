#include "pipeline/data/table.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text_writer.h"

namespace kinflow {
namespace {

template <class T>
const T& TypedColumn(const Table& table, std::string_view name) {
  const int64_t c = table.Find(name);
  const T* column = c < 0 ? nullptr : std::get_if<T>(&table.column(static_cast<size_t>(c)));
  if (column == nullptr) {
    throw Error(ErrorId::kColumnMissing, fmt::format("table has no such column: {}", name));
  }
  return *column;
}

}  // namespace

void Table::Add(std::string name, Column column) {
  const size_t n = std::visit([](const auto& v) { return v.size(); }, column);
  if (!data_.empty() && n != rows()) {
    throw Error(ErrorId::kInternal, fmt::format("column {} has {} rows, not {}", name, n, rows()));
  }
  names_.push_back(std::move(name));
  data_.push_back(std::move(column));
}

size_t Table::rows() const {
  return data_.empty() ? 0 : std::visit([](const auto& v) { return v.size(); }, data_.front());
}

int64_t Table::Find(std::string_view name) const {
  for (size_t c = 0; c < names_.size(); ++c) {
    if (names_[c] == name) return static_cast<int64_t>(c);
  }
  return -1;
}

const Table::Ints& Table::IntsOf(std::string_view name) const {
  return TypedColumn<Ints>(*this, name);
}
const Table::Doubles& Table::DoublesOf(std::string_view name) const {
  return TypedColumn<Doubles>(*this, name);
}
const Table::Strings& Table::StringsOf(std::string_view name) const {
  return TypedColumn<Strings>(*this, name);
}

std::string Table::Cell(size_t row, size_t column) const {
  const Column& data = data_[column];
  if (const auto* ints = std::get_if<Ints>(&data)) {
    return (*ints)[row] == kMissingInt ? "NA" : fmt::format("{}", (*ints)[row]);
  }
  if (const auto* doubles = std::get_if<Doubles>(&data)) return FormatDouble((*doubles)[row]);
  return std::get<Strings>(data)[row];
}

struct TsvWriter::Impl {
  TextWriter out;
  bool has_header = false;
};

TsvWriter::TsvWriter(const std::string& path) : impl_(new Impl{TextWriter(path)}) {}
TsvWriter::~TsvWriter() = default;

void TsvWriter::Append(const Table& table) {
  std::string line;
  if (!impl_->has_header) {
    for (size_t c = 0; c < table.columns(); ++c) line += (c == 0 ? "" : "\t") + table.name(c);
    impl_->out.Write(line + "\n");
    impl_->has_header = true;
  }
  for (size_t r = 0; r < table.rows(); ++r) {
    line.clear();
    for (size_t c = 0; c < table.columns(); ++c) {
      if (c > 0) line += '\t';
      line += table.Cell(r, c);
    }
    line += '\n';
    impl_->out.Write(line);
  }
}

void TsvWriter::Commit() { impl_->out.Commit(); }

void WriteTsv(const Table& table, const std::string& path) {
  TsvWriter out(path);
  out.Append(table);
  out.Commit();
}

}  // namespace kinflow
