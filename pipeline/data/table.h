#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kinflow {

/// A small result table: named columns of equal length. Missing: NaN for doubles, kMissingInt for
/// integers, "NA" for strings. The unit of every TSV and HDF5 table kinflow writes.
class Table {
 public:
  static constexpr int64_t kMissingInt = INT64_MIN;
  using Ints = std::vector<int64_t>;
  using Doubles = std::vector<double>;
  using Strings = std::vector<std::string>;
  using Column = std::variant<Ints, Doubles, Strings>;

  void Add(std::string name, Column column);
  /// Rows of a table with the same columns.
  void Append(const Table& more);
  size_t columns() const { return names_.size(); }
  size_t rows() const;
  const std::string& name(size_t c) const { return names_[c]; }
  const Column& column(size_t c) const { return data_[c]; }
  /// Index of a column or -1.
  int64_t Find(std::string_view name) const;
  /// Throws kColumnMissing / kInternal if absent or of another type.
  const Ints& IntsOf(std::string_view name) const;
  const Doubles& DoublesOf(std::string_view name) const;
  const Strings& StringsOf(std::string_view name) const;
  /// Text of one cell as in the TSV ("NA" for missing).
  std::string Cell(size_t row, size_t column) const;
  void AppendCell(size_t row, size_t column, std::string& text) const;

 private:
  std::vector<std::string> names_;
  std::vector<Column> data_;
};

/// Tables of one form, one after the other, into one TSV: for results too long to hold at once.
class TsvWriter {
 public:
  explicit TsvWriter(const std::string& path);
  ~TsvWriter();
  void Append(const Table& table);  // the first one gives the header
  void Commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Tab-separated with one header line; doubles in shortest form that reads back the same. Gzip if
/// the name ends in .gz. Published atomically, mode 0600.
void WriteTsv(const Table& table, const std::string& path);

}  // namespace kinflow
