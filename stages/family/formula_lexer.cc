#include "stages/family/formula_lexer.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"

namespace kinflow::family {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || u >= 128;
}

// Display columns before byte `offset`: UTF-8 continuation bytes take no place.
size_t DisplayColumn(std::string_view text, size_t offset) {
  size_t column = 0;
  for (size_t i = 0; i < offset && i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) ++column;
  }
  return column;
}

}  // namespace

FormulaLexer::FormulaLexer(std::string_view source, ErrorId id, const LexedText& kind)
    : source_(source), id_(id), kind_(kind) {
  for (char& c : source_) {
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  }
  token_ = Scan();
}

void FormulaLexer::Fail(size_t offset, const std::string& what) const {
  const size_t column = DisplayColumn(source_, offset);
  throw Error(id_, fmt::format("{}, column {}: {}\n    {}\n    {}^", kind_.what, column + 1, what,
                               source_, std::string(column, ' ')))
      .Field(kind_.field)
      .Remedy(kind_.remedy);
}

FormulaToken FormulaLexer::Scan() {
  while (position_ < source_.size() && source_[position_] == ' ') ++position_;
  FormulaToken token;
  token.offset = position_;
  if (position_ >= source_.size()) return token;
  const char c = source_[position_];
  size_t end = position_ + 1;
  if (c == '`') {
    end = source_.find('`', position_ + 1);
    if (end == std::string::npos) Fail(position_, "back quote without its partner");
    token.kind = FormulaToken::kName;
    token.text = source_.substr(position_ + 1, end - position_ - 1);
    if (token.text.empty()) Fail(position_, "empty name");
    position_ = end + 1;
    return token;
  }
  if (IsDigit(c) || (c == '.' && end < source_.size() && IsDigit(source_[end]))) {
    token.kind = FormulaToken::kNumber;
    while (end < source_.size() && (IsDigit(source_[end]) || source_[end] == '.')) ++end;
    if (end < source_.size() && IsNameStart(source_[end])) {
      Fail(position_, "a name cannot start with a digit (put it in `back quotes`)");
    }
  } else if (IsNameStart(c)) {
    token.kind = FormulaToken::kName;
    while (end < source_.size() && (IsNameStart(source_[end]) || IsDigit(source_[end]))) ++end;
  } else if (std::string_view("+-*:~()|/,^").find(c) != std::string_view::npos) {
    token.kind = FormulaToken::kOperator;
  } else {
    Fail(position_,
         "this character has no meaning here (names with other characters go in "
         "`back quotes`)");
  }
  token.text = source_.substr(position_, end - position_);
  position_ = end;
  return token;
}

FormulaToken FormulaLexer::Next() {
  FormulaToken token = token_;
  token_ = Scan();
  return token;
}

bool FormulaLexer::Accept(char op) {
  if (token_.kind != FormulaToken::kOperator || token_.text[0] != op) return false;
  token_ = Scan();
  return true;
}

void FormulaLexer::Expect(char op, std::string_view why) {
  if (Accept(op)) return;
  Fail(token_.offset, fmt::format("expected '{}' {}", op, why));
}

}  // namespace kinflow::family
