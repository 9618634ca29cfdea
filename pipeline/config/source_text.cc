#include "pipeline/config/source_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/utf8.h"

namespace kinflow {
namespace {

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// One printable column a character: terminals must not obey control bytes of a broken config.
std::string Printable(std::string_view text) {
  const bool valid = FindInvalidUtf8(text) == std::string_view::npos;
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '\t') {
      out += ' ';
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !valid)) {
      out += '?';
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

SourceText::SourceText(std::string_view text) : text_(text), starts_{0} {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts_.push_back(i + 1);
  }
}

std::string_view SourceText::Line(uint64_t line) const {
  if (line == 0 || line > starts_.size()) return {};
  const size_t begin = starts_[line - 1];
  const size_t end = line == starts_.size() ? text_.size() : starts_[line] - 1;
  std::string_view out = text_.substr(begin, end - begin);
  if (!out.empty() && out.back() == '\r') out.remove_suffix(1);
  return out;
}

char SourceText::At(const SourceMark& mark) const {
  const std::string_view line = Line(mark.line);
  return mark.column == 0 || mark.column > line.size() ? '\0' : line[mark.column - 1];
}

SourceMark SourceText::MarkOf(size_t offset) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const auto line = static_cast<uint64_t>(next - starts_.begin());
  return {SourceMark::kFile, line, offset - starts_[line - 1] + 1};
}

uint64_t SourceText::DisplayColumn(const SourceMark& mark) const {
  if (mark.column == 0) return 0;
  const std::string_view line = Line(mark.line);
  const size_t bytes = std::min<size_t>(mark.column - 1, line.size());
  return CountCodePoints(line.substr(0, bytes)) + 1;
}

std::string SourceText::Snippet(const SourceMark& mark) const {
  constexpr size_t kBefore = 60, kAfter = 40;
  const std::string_view line = Line(mark.line);
  if (mark.line == 0 || mark.column == 0 || line.empty()) return {};
  const size_t at = std::min<size_t>(mark.column - 1, line.size());
  size_t begin = at > kBefore ? at - kBefore : 0;
  size_t end = std::min(line.size(), at + kAfter);
  while (begin > 0 && IsContinuation(line[begin])) --begin;
  while (end < line.size() && IsContinuation(line[end])) ++end;
  const std::string before = (begin > 0 ? "..." : "") + Printable(line.substr(begin, at - begin));
  const std::string after = Printable(line.substr(at, end - at)) + (end < line.size() ? "..." : "");
  const std::string number = std::to_string(mark.line);
  return fmt::format("\n  {} | {}{}\n  {} | {}^", number, before, after,
                     std::string(number.size(), ' '), std::string(CountCodePoints(before), ' '));
}

}  // namespace kinflow
