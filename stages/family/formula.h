#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/base/error_catalog.h"
#include "stages/family/transform.h"

namespace kinflow::family {

/// A column as a formula uses it: `parity`, `factor(parity)`, `I(parity^2)`, `poly(parity, 2)` and
/// `log(parity)` are variables of their own.
struct FormulaVariable {
  std::string column;
  bool as_factor = false;
  uint32_t power = 1;   // of I(column^power)
  uint32_t degree = 0;  // of poly(column, degree): orthogonal polynomials; 0 = none
  Transform transform = Transform::kNone;  // log(column)
  double added = 0;                        // log(column + 1)
  bool operator==(const FormulaVariable&) const = default;
  bool IsPolynomial() const { return power > 1 || degree > 0; }
  /// Of the column's numbers, other than these: its coefficient is no effect of a unit of them.
  bool IsFunction() const { return IsPolynomial() || transform != Transform::kNone; }
  /// The column's numbers as they are, or its texts.
  bool IsPlain() const { return !as_factor && !IsFunction(); }
  /// With the column written like this.
  std::string Text(const std::string& name) const;
  std::string Label() const { return Text(column); }
};

/// Product of variables: ascending indices into Formula::variables. One index = a main effect.
struct FormulaTerm {
  std::vector<uint32_t> variables;
  bool operator==(const FormulaTerm&) const = default;
};

/// (1 + time | m_id/preg_id). Parsed here for the mixed models; other models refuse it.
/// `a/b` is a and b within a, as two grouping factors {a} and {b, a}; `a:b` is one, {a, b}.
struct RandomTerm {
  bool intercept = true;
  std::vector<FormulaTerm> slopes;
  bool correlated = true;                        // `||` = false
  std::vector<std::vector<std::string>> groups;  // columns whose values together name the level
  std::string text;                              // as written, without parentheses
};

/// y ~ a + b + factor(c) + a:b, with R's rules: `a*b` = a + b + a:b, `-1` or `0 +` drops the
/// intercept, `- a:b` drops a term, terms are ordered by degree, then as written.
struct Formula {
  std::string response;  // its column
  Transform response_transform = Transform::kNone;
  double response_added = 0;  // log(y + 1)
  bool intercept = true;
  std::vector<FormulaVariable> variables;
  std::vector<FormulaTerm> terms;
  std::vector<RandomTerm> random;

  /// "y", "log(y)".
  std::string Outcome() const {
    return TransformText(response_transform, response, response_added);
  }
  std::string TermLabel(const FormulaTerm& term) const;
  /// "1 + time | m_id/preg_id".
  std::string RandomText(const RandomTerm& term) const;
  /// Canonical text; parses back to the same formula.
  std::string Text() const;
  /// The same formula with only the terms whose index has a nonzero flag.
  Formula Keep(const std::vector<uint8_t>& keep) const;
  /// Columns in use: response, terms in order, random slopes, groups; each once.
  std::vector<std::string> Columns() const;
  /// Columns that name grouping factors and nothing else.
  std::vector<std::string> GroupColumns() const;
  /// True if the outcome stands on the right as well.
  bool HasOutcomeOnRight() const;
  /// Columns used as numbers: the response and what no factor() holds.
  std::vector<std::string> NumericColumns() const;
};

/// Throws Error(`id`) with the position and a caret under the fault. Names: letters, digits, '_',
/// '.', bytes above 127, not starting with a digit; anything else in `back quotes`.
Formula ParseFormula(std::string_view text, ErrorId id = ErrorId::kConfigRange);

/// What to say of an outcome that stands on the right as well, where it explains itself.
Error OutcomeOnRight(const std::string& outcome, ErrorId id, const std::string& key);

/// Indices of the terms of `formula` that the right-hand side `rhs` ("a + a:b") names. Throws
/// kConfigReference for a term that the formula lacks.
std::vector<size_t> FindTerms(const Formula& formula, std::string_view rhs);

/// Weighted sum of coefficient names, "T_m - NT_m" or "0.5*a + 0.5*b".
struct LinearCombination {
  std::string text;
  std::vector<std::string> names;
  std::vector<double> weights;
};
LinearCombination ParseCombination(std::string_view text, ErrorId id = ErrorId::kConfigRange);

}  // namespace kinflow::family
