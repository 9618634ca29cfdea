#include "stages/family/formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/family/formula_lexer.h"

namespace kinflow::family {
namespace {

using Terms = std::vector<FormulaTerm>;

void AddOnce(Terms& terms, const FormulaTerm& term) {
  if (std::find(terms.begin(), terms.end(), term) == terms.end()) terms.push_back(term);
}

FormulaTerm Product(const FormulaTerm& a, const FormulaTerm& b) {
  FormulaTerm out;
  std::set_union(a.variables.begin(), a.variables.end(), b.variables.begin(), b.variables.end(),
                 std::back_inserter(out.variables));
  return out;
}

// Value of a sub-expression: terms, and what it says about the intercept (-1 nothing, 0, 1).
struct Value {
  Terms terms;
  int intercept = -1;
};

class Parser {
 public:
  Parser(std::string_view source, ErrorId id) : lexer_(source, id) {}

  Formula Whole() {
    const FormulaToken name = lexer_.Next();
    if (name.kind != FormulaToken::kName) {
      lexer_.Fail(name.offset, "expected the outcome's name before '~'");
    }
    formula_.response = name.text;
    lexer_.Expect('~', "after the outcome");
    return Finish();
  }
  Formula RightSide(Formula base) {
    formula_ = std::move(base);
    formula_.terms.clear();
    return Finish();
  }

 private:
  Formula Finish() {
    const Value value = Sum(0);
    if (lexer_.peek().kind != FormulaToken::kEnd) {
      lexer_.Fail(lexer_.peek().offset, "expected '+' or the end");
    }
    formula_.terms = value.terms;
    formula_.intercept = value.intercept != 0;
    std::stable_sort(formula_.terms.begin(), formula_.terms.end(),
                     [](const FormulaTerm& a, const FormulaTerm& b) {
                       return a.variables.size() < b.variables.size();
                     });
    return std::move(formula_);
  }

  Value Sum(int depth) {
    if (depth > 20) lexer_.Fail(lexer_.peek().offset, "too many parentheses");
    Value out;
    bool minus = lexer_.Accept('-');
    if (!minus) lexer_.Accept('+');
    while (true) {
      const size_t offset = lexer_.peek().offset;
      Item(minus, offset, depth, out);
      if (lexer_.Accept('+')) {
        minus = false;
      } else if (lexer_.Accept('-')) {
        minus = true;
      } else {
        return out;
      }
    }
  }

  void Item(bool minus, size_t offset, int depth, Value& out) {
    if (lexer_.peek().kind == FormulaToken::kNumber) {
      const std::string number = lexer_.Next().text;
      if (number != "0" && number != "1") {
        lexer_.Fail(offset, "the only numbers here are 0 and 1 (without or with intercept)");
      }
      out.intercept = (number == "1") != minus ? 1 : 0;
      return;
    }
    const Value value = Cross(depth);
    for (const FormulaTerm& term : value.terms) {
      if (!minus) {
        AddOnce(out.terms, term);
        continue;
      }
      const auto found = std::find(out.terms.begin(), out.terms.end(), term);
      if (found == out.terms.end()) lexer_.Fail(offset, "nothing to take away here");
      out.terms.erase(found);
    }
    if (value.intercept >= 0) out.intercept = value.intercept;
  }

  Value Cross(int depth) {
    Value left = Interaction(depth);
    while (lexer_.Accept('*')) {
      const Value right = Interaction(depth);
      Terms both;
      for (const auto& a : left.terms) AddOnce(both, a);
      for (const auto& b : right.terms) AddOnce(both, b);
      for (const auto& a : left.terms) {
        for (const auto& b : right.terms) AddOnce(both, Product(a, b));
      }
      CheckSize(both);
      left.terms = std::move(both);
    }
    return left;
  }

  Value Interaction(int depth) {
    Value left = Atom(depth);
    while (lexer_.Accept(':')) {
      const Value right = Atom(depth);
      Terms both;
      for (const auto& a : left.terms) {
        for (const auto& b : right.terms) AddOnce(both, Product(a, b));
      }
      CheckSize(both);
      left.terms = std::move(both);
    }
    return left;
  }

  void CheckSize(const Terms& terms) {
    if (terms.size() > 5000) lexer_.Fail(lexer_.peek().offset, "more than 5,000 terms");
  }

  Value Atom(int depth) {
    const FormulaToken token = lexer_.Next();
    if (token.kind == FormulaToken::kOperator && token.text == "(") return Group(token, depth);
    if (token.kind != FormulaToken::kName) {
      lexer_.Fail(token.offset, "expected a column name, factor(name) or ( ... )");
    }
    FormulaVariable variable{token.text, false};
    if (lexer_.Accept('(')) {
      if (token.text != "factor") {
        lexer_.Fail(token.offset, fmt::format("unknown function {}(): only factor() is known; "
                                              "make other columns beforehand",
                                              token.text));
      }
      const FormulaToken inner = lexer_.Next();
      if (inner.kind != FormulaToken::kName) lexer_.Fail(inner.offset, "expected a column name");
      lexer_.Expect(')', "after the column of factor()");
      variable = {inner.text, true};
    }
    if (variable.column == ".") {
      lexer_.Fail(token.offset, "'.' is not expanded: name the columns");
    }
    return {{FormulaTerm{{IndexOf(variable)}}}, -1};
  }

  // ( sum ) or ( sum | group ): the latter is a random term and adds no fixed term.
  Value Group(const FormulaToken& open, int depth) {
    Value inner = Sum(depth + 1);
    if (!lexer_.Accept('|')) {
      lexer_.Expect(')', "to close the parenthesis");
      return inner;
    }
    if (depth > 0) lexer_.Fail(open.offset, "a random term stands alone, joined by '+'");
    RandomTerm random;
    random.correlated = !lexer_.Accept('|');
    random.intercept = inner.intercept != 0;
    random.slopes = inner.terms;
    do {
      const FormulaToken group = lexer_.Next();
      if (group.kind != FormulaToken::kName) {
        lexer_.Fail(group.offset, "expected the grouping column");
      }
      random.groups.push_back(group.text);
    } while (lexer_.Accept('/'));
    lexer_.Expect(')', "after the grouping column");
    random.text = RandomText(random);
    formula_.random.push_back(std::move(random));
    return {};
  }

  std::string RandomText(const RandomTerm& random) const {
    std::string text = random.intercept ? "1" : "0";
    for (const auto& slope : random.slopes) text += " + " + formula_.TermLabel(slope);
    text += random.correlated ? " | " : " || ";
    for (size_t g = 0; g < random.groups.size(); ++g) {
      text += (g == 0 ? "" : "/") + random.groups[g];
    }
    return text;
  }

  uint32_t IndexOf(const FormulaVariable& variable) {
    auto& all = formula_.variables;
    const auto found = std::find(all.begin(), all.end(), variable);
    if (found != all.end()) return static_cast<uint32_t>(found - all.begin());
    all.push_back(variable);
    return static_cast<uint32_t>(all.size() - 1);
  }

  FormulaLexer lexer_;
  Formula formula_;
};

bool IsPlainName(const std::string& name) {
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
                        static_cast<unsigned char>(c) >= 128;
    if (!letter && !(digit && i > 0)) return false;
  }
  return !name.empty() && !(name[0] == '.' && name.size() > 1 && name[1] >= '0' && name[1] <= '9');
}

std::string Quoted(const std::string& name) { return IsPlainName(name) ? name : "`" + name + "`"; }

std::string QuotedTerm(const Formula& formula, const FormulaTerm& term) {
  std::string text;
  for (const uint32_t v : term.variables) {
    const auto& variable = formula.variables[v];
    text += text.empty() ? "" : ":";
    text +=
        variable.as_factor ? "factor(" + Quoted(variable.column) + ")" : Quoted(variable.column);
  }
  return text;
}

}  // namespace

std::string Formula::TermLabel(const FormulaTerm& term) const {
  std::string label;
  for (const uint32_t v : term.variables)
    label += (label.empty() ? "" : ":") + variables[v].Label();
  return label;
}

std::string Formula::Text() const {
  std::string text = Quoted(response) + " ~ ";
  std::string separator;
  if (!intercept || (terms.empty() && random.empty())) {
    text += intercept ? "1" : "0";
    separator = " + ";
  }
  for (const auto& term : terms) {
    text += separator + QuotedTerm(*this, term);
    separator = " + ";
  }
  for (const auto& r : random) {
    text += separator + "(" + r.text + ")";
    separator = " + ";
  }
  return text;
}

Formula Formula::Keep(const std::vector<uint8_t>& keep) const {
  Formula out = *this;
  out.terms.clear();
  for (size_t t = 0; t < terms.size(); ++t) {
    if (keep[t] != 0) out.terms.push_back(terms[t]);
  }
  return out;
}

std::vector<std::string> Formula::Columns() const {
  std::vector<std::string> names{response};
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto& term : terms) {
    for (const uint32_t v : term.variables) add(variables[v].column);
  }
  for (const auto& r : random) {
    for (const auto& slope : r.slopes) {
      for (const uint32_t v : slope.variables) add(variables[v].column);
    }
    for (const auto& group : r.groups) add(group);
  }
  return names;
}

std::vector<std::string> Formula::NumericColumns() const {
  std::vector<std::string> names{response};
  for (const auto& variable : variables) {
    if (!variable.as_factor) names.push_back(variable.column);
  }
  return names;
}

Formula ParseFormula(std::string_view text, ErrorId id) { return Parser(text, id).Whole(); }

std::vector<size_t> FindTerms(const Formula& formula, std::string_view rhs) {
  Formula base = formula;
  base.random.clear();
  const Formula wanted = Parser(rhs, ErrorId::kConfigRange).RightSide(std::move(base));
  std::vector<size_t> found;
  for (const auto& term : wanted.terms) {
    const auto at = std::find(formula.terms.begin(), formula.terms.end(), term);
    if (at == formula.terms.end()) {
      std::vector<std::string> labels;
      for (const auto& t : formula.terms) labels.push_back(formula.TermLabel(t));
      const std::string label = wanted.TermLabel(term), near = NearestWord(label, labels);
      throw Error(ErrorId::kConfigReference, "a step names a term that the formula lacks")
          .Field("steps")
          .Value(label)
          .Remedy(near.empty() ? "add the term to the formula" : "did you mean " + near + "?");
    }
    found.push_back(static_cast<size_t>(at - formula.terms.begin()));
  }
  return found;
}

LinearCombination ParseCombination(std::string_view text, ErrorId id) {
  FormulaLexer lexer(text, id);
  LinearCombination out;
  out.text = Trim(text);
  double sign = lexer.Accept('-') ? -1 : 1;
  while (true) {
    double weight = sign;
    if (lexer.peek().kind == FormulaToken::kNumber) {
      const FormulaToken number = lexer.Next();
      const auto value = ParseDouble(number.text);
      if (!value) lexer.Fail(number.offset, "not a number");
      weight *= *value;
      lexer.Expect('*', "between the weight and the coefficient");
    }
    FormulaToken name = lexer.Next();
    if (name.kind != FormulaToken::kName) lexer.Fail(name.offset, "expected a coefficient's name");
    while (lexer.Accept(':')) name.text += ":" + lexer.Next().text;
    out.names.push_back(name.text);
    out.weights.push_back(weight);
    if (lexer.peek().kind == FormulaToken::kEnd) return out;
    if (lexer.Accept('-')) {
      sign = -1;
    } else {
      lexer.Expect('+', "between coefficients");
      sign = 1;
    }
  }
}

}  // namespace kinflow::family
