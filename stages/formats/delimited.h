#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/line_reader.h"

namespace kinflow {

/// Rows of a text table with one header line: tab, comma, semicolon, or runs of blanks; plain or
/// gzip; \n or \r\n; a UTF-8 byte order mark is passed over. A field may stand in double quotes
/// ("" inside means one), and may then hold delimiters and line ends. Every row has as many fields
/// as the header. Not thread-safe. Messages name columns and lines, never a field.
class DelimitedReader {
 public:
  /// `delimiter` '\0' = told from the header: the one of tab, comma, semicolon that occurs most
  /// outside quotes (in this order if equal), else blanks (' '). Throws kMalformed (no header, not
  /// UTF-8, a column name twice), and what LineReader throws.
  explicit DelimitedReader(std::string path, char delimiter = '\0');

  /// Names as in the header, without '#' in front of the first and blanks around any. May hold "".
  const std::vector<std::string>& columns() const { return columns_; }
  char delimiter() const { return delimiter_; }
  const std::string& path() const { return lines_.path(); }

  /// Index of a column, exactly as written, else without regard to case if that is unambiguous.
  std::optional<size_t> Find(std::string_view name) const;
  /// The same; throws kColumnMissing with the nearest name and those present.
  size_t Require(std::string_view name) const;

  /// Next row; `fields` are views valid until the next call, without blanks around unquoted ones.
  /// False at the end. Throws kMalformed (ragged row, quote without end, text behind a quote).
  bool Next(std::vector<std::string_view>& fields);
  uint64_t line_number() const { return row_line_; }  // first line of the last row, 1-based
  uint64_t record_number() const { return record_; }  // of the last row, 1-based, without header

 private:
  bool ReadRow();
  void ReadHeader(char delimiter);
  void CutFields(const std::string& row);
  void CheckWidth() const;

  LineReader lines_;
  char delimiter_ = '\t';
  std::vector<std::string> columns_;
  std::string row_;    // text of the row, lines joined where a quoted field spans several
  std::string cells_;  // field contents, end to end
  std::vector<size_t> ends_;
  uint64_t row_line_ = 0, record_ = 0, blank_line_ = 0;
};

/// True if a table has no header: a person's row stands in its place, which no message may show.
bool LooksLikeData(const std::vector<std::string>& columns);

/// Column names for a message: the first 20, quoted and joined by commas; none if they look like
/// data (a number or a missing value is among them), as a table without header has them.
std::string ListColumns(const std::vector<std::string>& columns);

}  // namespace kinflow
