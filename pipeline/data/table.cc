#include "pipeline/data/table.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>

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

std::string Lines(const Table& table, size_t begin, size_t end) {
  std::string text;
  for (size_t r = begin; r < end; ++r) {
    for (size_t c = 0; c < table.columns(); ++c) {
      if (c > 0) text += '\t';
      table.AppendCell(r, c, text);
    }
    text += '\n';
  }
  return text;
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

void Table::Append(const Table& more) {
  for (size_t c = 0; c < columns(); ++c) {
    std::visit(
        [&](auto& rows) {
          const auto& extra = std::get<std::decay_t<decltype(rows)>>(more.column(c));
          rows.insert(rows.end(), extra.begin(), extra.end());
        },
        data_[c]);
  }
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
  std::string text;
  AppendCell(row, column, text);
  return text;
}

void Table::AppendCell(size_t row, size_t column, std::string& text) const {
  const Column& data = data_[column];
  if (const auto* ints = std::get_if<Ints>(&data)) {
    const int64_t value = (*ints)[row];
    value == kMissingInt ? text.append("NA") : text.append(fmt::format_int(value).str());
  } else if (const auto* doubles = std::get_if<Doubles>(&data)) {
    text += FormatDouble((*doubles)[row]);
  } else {
    text += std::get<Strings>(data)[row];
  }
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
  // Texts of some parts at a time: of a wide table all of them would not fit into memory.
  constexpr size_t kCellsOfPart = 1 << 17, kPartsAtOnce = 16;
  const size_t rows_of_part =
      std::max<size_t>(1, kCellsOfPart / std::max<size_t>(1, table.columns()));
  std::vector<std::string> parts(kPartsAtOnce);
  for (size_t first = 0; first < table.rows(); first += rows_of_part * kPartsAtOnce) {
    oneapi::tbb::parallel_for(size_t{0}, kPartsAtOnce, [&](size_t i) {
      const size_t begin = std::min(table.rows(), first + i * rows_of_part);
      parts[i] = Lines(table, begin, std::min(table.rows(), begin + rows_of_part));
    });
    for (const std::string& part : parts) impl_->out.Write(part);
  }
}

void TsvWriter::Commit() { impl_->out.Commit(); }

void WriteTsv(const Table& table, const std::string& path) {
  TsvWriter out(path);
  out.Append(table);
  out.Commit();
}

}  // namespace kinflow
