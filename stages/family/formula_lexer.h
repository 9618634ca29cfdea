#pragma once

#include <string>
#include <string_view>

#include "pipeline/base/error_catalog.h"

namespace kinflow::family {

/// Tokens of a formula. One character operators are their own kind ('+', '~', '|', ...).
struct FormulaToken {
  enum Kind { kName, kNumber, kOperator, kEnd };
  Kind kind = kEnd;
  std::string text;   // name without back quotes
  size_t offset = 0;  // byte in the source
};

/// What a text is, for messages.
struct LexedText {
  const char *what, *field, *remedy;
};
inline constexpr LexedText kFormulaText{
    "formula", "formula",
    "write it like: y ~ pgs.mother + pgs.father + pgs.child + age + factor(batch)"};
inline constexpr LexedText kContrastText{
    "contrast", "contrasts",
    "write the sum of coefficients that is tested against 0, like: x - z, or 2*x + z (of names "
    "with other characters: `a (b)`)"};

/// One-token-lookahead scanner that reports faults with a caret.
class FormulaLexer {
 public:
  FormulaLexer(std::string_view source, ErrorId id, const LexedText& kind = kFormulaText);

  const FormulaToken& peek() const { return token_; }
  FormulaToken Next();
  /// Consumes the operator if it is next.
  bool Accept(char op);
  void Expect(char op, std::string_view why);
  [[noreturn]] void Fail(size_t offset, const std::string& what) const;

 private:
  FormulaToken Scan();

  std::string source_;
  ErrorId id_;
  LexedText kind_;
  size_t position_ = 0;
  FormulaToken token_;
};

}  // namespace kinflow::family
