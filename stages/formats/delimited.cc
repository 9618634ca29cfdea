#include "stages/formats/delimited.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "pipeline/base/utf8.h"

namespace kinflow {
namespace {

constexpr size_t kMaxRowBytes = 64u << 20;

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Walks a row byte by byte: where quoted fields begin and end follows RFC 4180. In blank-separated
// rows a run of blanks is one border, elsewhere every delimiter is.
class QuoteScanner {
 public:
  explicit QuoteScanner(char delimiter) : delimiter_(delimiter) {}
  // True if the byte lies outside quotes.
  bool Step(char c) {
    if (in_quotes_) {
      if (c == '"') in_quotes_ = false;
      return false;
    }
    if (c == '"' && (at_start_ || was_quote_)) {  // was_quote_: "" inside a quoted field
      in_quotes_ = true;
      was_quote_ = true;
      at_start_ = false;
      return false;
    }
    const bool border = c == delimiter_ || (delimiter_ == ' ' && c == '\t');
    was_quote_ = false;
    at_start_ = border || (at_start_ && (c == ' ' || c == '\t'));
    return true;
  }
  bool in_quotes() const { return in_quotes_; }

 private:
  char delimiter_;
  bool in_quotes_ = false, at_start_ = true, was_quote_ = false;
};

bool EndsInQuotes(std::string_view row, char delimiter) {
  if (row.find('"') == std::string_view::npos) return false;
  QuoteScanner scanner(delimiter);
  for (const char c : row) scanner.Step(c);
  return scanner.in_quotes();
}

char TellDelimiter(std::string_view header) {
  char best = ' ';
  size_t most = 0;
  for (const char candidate : {'\t', ',', ';'}) {
    QuoteScanner scanner(candidate);
    size_t count = 0;
    for (const char c : header) {
      if (scanner.Step(c) && c == candidate) ++count;
    }
    if (count > most) {
      most = count;
      best = candidate;
    }
  }
  return best;
}

const char* DelimiterName(char delimiter) {
  switch (delimiter) {
    case '\t':
      return "tabs";
    case ',':
      return "commas";
    case ';':
      return "semicolons";
    default:
      return "blanks";
  }
}

}  // namespace

bool LooksLikeData(const std::vector<std::string>& columns) {
  return std::any_of(columns.begin(), columns.end(), [](const std::string& name) {
    return ParseDouble(name) || (!name.empty() && IsMissing(name));
  });
}

std::string ListColumns(const std::vector<std::string>& columns) {
  if (LooksLikeData(columns)) return "none: the first line looks like data, not like column names";
  constexpr size_t kLimit = 20;
  std::string out;
  for (size_t i = 0; i < std::min(columns.size(), kLimit); ++i) {
    out += (i == 0 ? "'" : ", '") + columns[i].substr(0, 60) + "'";
  }
  if (columns.size() > kLimit) out += fmt::format(" and {} more", columns.size() - kLimit);
  return out;
}

DelimitedReader::DelimitedReader(std::string path, char delimiter) : lines_(std::move(path)) {
  ReadHeader(delimiter);
}

void DelimitedReader::ReadHeader(char delimiter) {
  std::string_view line;
  if (!lines_.Next(line)) {
    throw Error(ErrorId::kMalformed, "the table is empty: it has no header line")
        .InFile(path())
        .Remedy("the first line must hold the column names");
  }
  const auto fail = [&](std::string what, std::string_view remedy) {
    return Error(ErrorId::kMalformed, std::move(what)).InFile(path()).AtLine(1).Remedy(remedy);
  };
  if (Trim(line).empty()) {
    throw fail("the first line is empty", "the first line must hold the column names");
  }
  if (FindInvalidUtf8(line) != std::string_view::npos) {
    throw fail("the header is not valid UTF-8", "save the table as UTF-8");
  }
  delimiter_ = delimiter != '\0' ? delimiter : TellDelimiter(line);
  row_ = line;
  row_line_ = 1;
  if (EndsInQuotes(row_, delimiter_)) {
    throw fail("a quote in the header has no end", "close the quote, or delete it");
  }
  CutFields(row_);
  for (size_t i = 0; i < ends_.size(); ++i) {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    columns_.emplace_back(Trim(std::string_view(cells_).substr(begin, ends_[i] - begin)));
  }
  if (columns_[0].size() > 1 && columns_[0][0] == '#') columns_[0].erase(0, 1);
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].empty()) continue;
    const auto [first, added] = seen.emplace(columns_[i], i);
    if (added) continue;
    if (LooksLikeData(columns_)) {
      throw fail("the first line looks like data, not like column names",
                 "put a line with the names of the columns on top of the table");
    }
    throw fail(fmt::format("columns {} and {} have the same name", first->second + 1, i + 1),
               "rename one of them")
        .Field(columns_[i]);
  }
}

std::optional<size_t> DelimitedReader::Find(std::string_view name) const {
  if (name.empty()) return std::nullopt;
  auto exact = std::find(columns_.begin(), columns_.end(), name);
  if (exact == columns_.end() && name.size() > 1 && name[0] == '#') {  // the first column lost it
    name.remove_prefix(1);
    exact = std::find(columns_.begin(), columns_.end(), name);
  }
  if (exact != columns_.end()) return static_cast<size_t>(exact - columns_.begin());
  std::optional<size_t> found;
  const std::string lower = Lower(name);
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (Lower(columns_[i]) != lower) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

size_t DelimitedReader::Require(std::string_view name) const {
  if (const auto found = Find(name)) return *found;
  const std::string near = LooksLikeData(columns_) ? "" : NearestWord(name, columns_);
  std::string remedy = near.empty() ? "" : fmt::format("did you mean '{}'? ", near);
  remedy += "columns present: " + ListColumns(columns_);
  if (columns_.size() == 1) {
    remedy += fmt::format(" (read as separated by {})", DelimiterName(delimiter_));
  }
  throw Error(ErrorId::kColumnMissing, fmt::format("the table has no column '{}'", name))
      .InFile(path())
      .AtLine(1)
      .Field(name)
      .Remedy(remedy);
}

// One row of text into row_; false at the end. Blank lines are allowed only behind the last row.
bool DelimitedReader::ReadRow() {
  std::string_view line;
  while (true) {
    if (!lines_.Next(line)) return false;
    if (!Trim(line).empty() || (delimiter_ == '\t' && columns_.size() > 1 && !line.empty())) break;
    if (blank_line_ == 0) blank_line_ = lines_.line_number();
  }
  if (blank_line_ != 0) {
    throw Error(ErrorId::kMalformed, "empty line within the table")
        .InFile(path())
        .AtLine(blank_line_)
        .Remedy("delete the line; a missing value is written NA");
  }
  row_ = line;
  row_line_ = lines_.line_number();
  while (EndsInQuotes(row_, delimiter_)) {
    if (row_.size() > kMaxRowBytes || !lines_.Next(line)) {
      throw Error(ErrorId::kMalformed, "a quote has no end")
          .InFile(path())
          .AtLine(row_line_)
          .Remedy("close the quote, or delete it");
    }
    row_ += '\n';
    row_ += line;
  }
  ++record_;
  return true;
}

void DelimitedReader::CutFields(const std::string& row) {
  cells_.clear();
  ends_.clear();
  const bool blanks = delimiter_ == ' ';
  const auto is_border = [&](char c) { return c == delimiter_ || (blanks && c == '\t'); };
  const auto skip_blanks = [&](size_t at) {
    while (at < row.size() && (row[at] == ' ' || (row[at] == '\t' && !is_border('\t')))) ++at;
    return at;
  };
  size_t at = 0;
  while (true) {
    if (blanks) {
      while (at < row.size() && is_border(row[at])) ++at;
      if (at == row.size()) break;
    }
    const size_t start = skip_blanks(at);
    if (start < row.size() && row[start] == '"') {
      for (at = start + 1; at < row.size(); ++at) {
        if (row[at] == '"' && (at + 1 == row.size() || row[at + 1] != '"')) break;
        if (row[at] == '"') ++at;
        cells_ += row[at];
      }
      at = blanks ? at + 1 : skip_blanks(at + 1);
      if (at < row.size() && !is_border(row[at])) {
        throw Error(ErrorId::kMalformed,
                    fmt::format("text behind the closing quote of field {}", ends_.size() + 1))
            .InFile(path())
            .AtLine(row_line_)
            .Remedy("write a quote inside a quoted field twice");
      }
    } else {
      at = start;
      while (at < row.size() && !is_border(row[at])) ++at;
      cells_ += Trim(std::string_view(row).substr(start, at - start));
    }
    ends_.push_back(cells_.size());
    if (at >= row.size()) break;
    ++at;
  }
}

void DelimitedReader::CheckWidth() const {
  if (ends_.size() == columns_.size()) return;
  std::string remedy = fmt::format("fields are separated by {} here; ", DelimiterName(delimiter_));
  if (ends_.size() == columns_.size() + 1 && record_ == 1) {
    remedy += "if the first field is a row name, write the table without row names";
  } else if (delimiter_ == ' ') {
    remedy += "a missing value is written NA";
  } else if (delimiter_ == ',' && ends_.size() > columns_.size()) {
    remedy += "write decimals with a point, and quote texts that hold a comma";
  } else {
    remedy += "quote texts that hold this character";
  }
  throw Error(ErrorId::kMalformed, fmt::format("row {} has {} fields, the header has {}", record_,
                                               ends_.size(), columns_.size()))
      .InFile(path())
      .AtLine(row_line_)
      .Remedy(remedy);
}

bool DelimitedReader::Next(std::vector<std::string_view>& fields) {
  if (!ReadRow()) return false;
  CutFields(row_);
  CheckWidth();
  fields.clear();
  size_t begin = 0;
  for (const size_t end : ends_) {
    fields.push_back(std::string_view(cells_).substr(begin, end - begin));
    begin = end;
  }
  return true;
}

}  // namespace kinflow
