#include "pipeline/base/text.h"

#include <algorithm>
#include <cctype>

#include "pipeline/base/utf8.h"

namespace kinflow {
namespace {

// Rows of tables are split by it: a search for one of several characters is slower.
bool IsBlank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::vector<std::string_view> Split(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  size_t start = 0;
  while (true) {
    const size_t end = line.find(separator, start);
    fields.push_back(line.substr(start, end - start));
    if (end == std::string_view::npos) return fields;
    start = end + 1;
  }
}

std::vector<std::string_view> SplitBlanks(std::string_view line) {
  std::vector<std::string_view> fields;
  fields.reserve(8);
  for (size_t start = 0, end = 0;; start = end) {
    while (start < line.size() && IsBlank(line[start])) ++start;
    if (start == line.size()) return fields;
    for (end = start; end < line.size() && !IsBlank(line[end]);) ++end;
    fields.push_back(line.substr(start, end - start));
  }
}

std::string_view Trim(std::string_view text) {
  const auto trimmed = [](char c) { return IsBlank(c) || c == '\r'; };
  while (!text.empty() && trimmed(text.front())) text.remove_prefix(1);
  while (!text.empty() && trimmed(text.back())) text.remove_suffix(1);
  return text;
}

std::string WordFault(std::string_view text) {
  const auto any = [&](auto is) { return std::any_of(text.begin(), text.end(), is); };
  // Nearly all names are of these characters: one look at each.
  if (!any([](char c) { return c <= ' ' || c > '~'; })) return "";
  if (any([](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; })) {
    return "a name holds a blank or control character";
  }
  const std::string bad = Utf8Fault(text);
  return bad.empty() ? "" : "a name holds what no table can: " + bad;
}

std::string NearestWord(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  // A letter of another case is half a difference.
  const auto difference = [](char a, char b) {
    return a == b ? 0u
           : std::tolower(static_cast<unsigned char>(a)) ==
                   std::tolower(static_cast<unsigned char>(b))
               ? 1u
               : 2u;
  };
  // Every letter of a short word may not be another one.
  const size_t edits =
      word.size() < 2 ? 0 : std::max(std::min<size_t>(2, word.size() - 1), word.size() / 3);
  size_t best_distance = std::max<size_t>(2, 2 * edits + 1);
  for (const auto& candidate : candidates) {
    std::vector<size_t> row(candidate.size() + 1);
    for (size_t j = 0; j < row.size(); ++j) row[j] = 2 * j;
    for (size_t i = 0; i < word.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = 2 * (i + 1);
      for (size_t j = 0; j < candidate.size(); ++j) {
        const size_t substitute = diagonal + difference(word[i], candidate[j]);
        diagonal = row[j + 1];
        row[j + 1] = std::min({row[j + 1] + 2, row[j] + 2, substitute});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

std::string NormaliseChrom(std::string_view name) {
  if (name.size() > 3 &&
      (name.substr(0, 3) == "chr" || name.substr(0, 3) == "Chr" || name.substr(0, 3) == "CHR")) {
    name.remove_prefix(3);
  }
  if (name == "23") return "X";
  if (name == "24") return "Y";
  if (name == "25" || name == "PAR1" || name == "PAR2") return "XY";
  if (name == "26" || name == "M") return "MT";
  if (name.size() == 2 && name[0] == '0') name.remove_prefix(1);
  return std::string(name);
}

}  // namespace kinflow
