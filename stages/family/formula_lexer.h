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

/// One-token-lookahead scanner that reports faults with a caret.
class FormulaLexer {
 public:
  FormulaLexer(std::string_view source, ErrorId id);

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
  size_t position_ = 0;
  FormulaToken token_;
};

}  // namespace kinflow::family
