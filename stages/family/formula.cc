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
  bool random = false;  // it was ( ... | group )
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
    if (lexer_.Accept('(')) TransformResponse(name);
    if (IsNext('^')) {
      lexer_.Fail(lexer_.peek().offset,
                  "no powers of the outcome: log(y), exp(y) and sqrt(y) are known; make other "
                  "columns beforehand");
    }
    lexer_.Expect('~', "after the outcome");
    return Finish();
  }
  Formula RightSide(Formula base) {
    formula_ = std::move(base);
    formula_.terms.clear();
    return Finish();
  }

 private:
  void TransformResponse(const FormulaToken& function) {
    const auto transform = FindTransform(function.text);
    if (!transform) {
      lexer_.Fail(
          function.offset,
          fmt::format("unknown function {}() of the outcome: log(y), log(y + 1), exp(y) and "
                      "sqrt(y) are known; make other columns beforehand",
                      function.text));
    }
    formula_.response = ColumnName();
    formula_.response_transform = *transform;
    formula_.response_added = Added();
    lexer_.Expect(')', fmt::format("to close {}()", function.text));
  }

  std::string ColumnName() {
    const FormulaToken name = lexer_.Next();
    if (name.kind != FormulaToken::kName) lexer_.Fail(name.offset, "expected a column name");
    return name.text;
  }

  Formula Finish() {
    const Value value = Sum(0);
    const FormulaToken& rest = lexer_.peek();
    if (rest.kind == FormulaToken::kOperator && rest.text == "|") {
      lexer_.Fail(rest.offset, "a random term stands in parentheses: (1 | group)");
    }
    if (rest.kind == FormulaToken::kOperator && rest.text == "^") {
      lexer_.Fail(rest.offset, "powers stand in I(): I(x^2); products are written a*b");
    }
    if (rest.kind != FormulaToken::kEnd) lexer_.Fail(rest.offset, "expected '+' or the end");
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
    if (value.random && minus) lexer_.Fail(offset, "a random term cannot be taken away");
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
    while (IsNext('*')) {
      RefuseRandom(left);
      lexer_.Next();
      const Value right = Interaction(depth);
      RefuseRandom(right);
      CheckProduct(left, right);
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
    while (IsNext(':')) {
      RefuseRandom(left);
      lexer_.Next();
      const Value right = Atom(depth);
      RefuseRandom(right);
      CheckProduct(left, right);
      Terms both;
      for (const auto& a : left.terms) {
        for (const auto& b : right.terms) AddOnce(both, Product(a, b));
      }
      CheckSize(both);
      left.terms = std::move(both);
    }
    return left;
  }

  bool IsNext(char op) const {
    return lexer_.peek().kind == FormulaToken::kOperator && lexer_.peek().text[0] == op;
  }

  // A random term is no factor of a product.
  void RefuseRandom(const Value& value) {
    if (value.random) lexer_.Fail(random_offset_, kAlone);
  }

  // Also where most products are the same term: each is sought among those before.
  void CheckProduct(const Value& left, const Value& right) {
    if (left.terms.size() * right.terms.size() <= 20'000) return;
    lexer_.Fail(lexer_.peek().offset, fmt::format("a product of {} and {} terms: more than 20,000",
                                                  left.terms.size(), right.terms.size()));
  }

  void CheckSize(const Terms& terms) {
    if (terms.size() > 1000) lexer_.Fail(lexer_.peek().offset, "more than 1,000 terms");
  }

  Value Atom(int depth) {
    const FormulaToken token = lexer_.Next();
    if (token.kind == FormulaToken::kOperator && token.text == "(") return Group(token, depth);
    if (token.kind != FormulaToken::kName) {
      lexer_.Fail(token.offset, "expected a column name, factor(name) or ( ... )");
    }
    FormulaVariable variable{token.text, false};
    if (lexer_.Accept('(')) variable = Call(token);
    if (variable.column == ".") {
      lexer_.Fail(token.offset, "'.' is not expanded: name the columns");
    }
    return {{FormulaTerm{{IndexOf(variable)}}}, -1, false};
  }

  // factor(x), I(x^2), poly(x, 2), log(x).
  FormulaVariable Call(const FormulaToken& function) {
    const std::string& name = function.text;
    const auto transform = FindTransform(name);
    if (!transform && name != "factor" && name != "I" && name != "poly") {
      lexer_.Fail(
          function.offset,
          fmt::format("unknown function {}(): factor(x), I(x^2), poly(x, 2), log(x), exp(x) "
                      "and sqrt(x) are known; make other columns beforehand",
                      name));
    }
    FormulaVariable out{ColumnName()};
    out.transform = transform.value_or(Transform::kNone);
    out.as_factor = name == "factor";
    if (transform) out.added = Added();
    if (name == "I") {
      lexer_.Expect('^', "and a power after the column of I()");
      out.power = Degree();
    } else if (name == "poly") {
      lexer_.Expect(',', "and a degree after the column of poly()");
      out.degree = Degree();
    }
    lexer_.Expect(')', fmt::format("to close {}()", name));
    return out;
  }

  // log(x + 1): the 1; 0 where nothing is added.
  double Added() {
    if (!lexer_.Accept('+')) return 0;
    const FormulaToken token = lexer_.Next();
    const auto value = token.kind == FormulaToken::kNumber ? ParseDouble(token.text) : std::nullopt;
    if (!value) {
      lexer_.Fail(token.offset,
                  "only a number can be added to the column, as in log(x + 1); make other columns "
                  "beforehand");
    }
    return *value;
  }

  uint32_t Degree() {
    const FormulaToken token = lexer_.Next();
    const bool digit = token.kind == FormulaToken::kNumber && token.text.size() == 1;
    if (!digit || token.text[0] < '2') {
      lexer_.Fail(token.offset, "powers and degrees are 2 to 9");
    }
    return static_cast<uint32_t>(token.text[0] - '0');
  }

  // ( sum ) or ( sum | group ): the latter is a random term and adds no fixed term.
  Value Group(const FormulaToken& open, int depth) {
    Value inner = Sum(depth + 1);
    if (!lexer_.Accept('|')) {
      lexer_.Expect(')', "to close the parenthesis");
      return inner;
    }
    if (depth > 0) lexer_.Fail(open.offset, kAlone);
    random_offset_ = open.offset;
    RandomTerm random;
    random.correlated = !lexer_.Accept('|');
    random.intercept = inner.intercept != 0;
    random.slopes = inner.terms;
    std::vector<std::string> nested = Crossed({});
    random.groups.push_back(nested);
    while (lexer_.Accept('/')) {
      nested = Crossed(std::move(nested));
      random.groups.push_back(nested);
    }
    lexer_.Expect(')', "after the grouping column");
    if (!random.intercept && random.slopes.empty()) {
      lexer_.Fail(open.offset, "a random term without an effect: write (1 | group)");
    }
    random.text = formula_.RandomText(random);
    for (const auto& other : formula_.random) {
      if (other.text == random.text)
        lexer_.Fail(open.offset, "this random term stands there twice");
    }
    formula_.random.push_back(std::move(random));
    return {.random = true};
  }

  // a:b, the groups within which they lie behind: "b" of a/b is {b, a}.
  std::vector<std::string> Crossed(std::vector<std::string> outer) {
    std::vector<std::string> names;
    do {
      const FormulaToken group = lexer_.Next();
      if (group.kind != FormulaToken::kName) {
        lexer_.Fail(group.offset, "expected the grouping column");
      }
      const auto is_it = [&](const std::string& name) { return name == group.text; };
      if (std::any_of(names.begin(), names.end(), is_it) ||
          std::any_of(outer.begin(), outer.end(), is_it)) {
        lexer_.Fail(group.offset, "this grouping column stands there twice");
      }
      names.push_back(group.text);
    } while (lexer_.Accept(':'));
    names.insert(names.end(), outer.begin(), outer.end());
    return names;
  }

  uint32_t IndexOf(const FormulaVariable& variable) {
    auto& all = formula_.variables;
    const auto found = std::find(all.begin(), all.end(), variable);
    if (found != all.end()) return static_cast<uint32_t>(found - all.begin());
    all.push_back(variable);
    return static_cast<uint32_t>(all.size() - 1);
  }

  static constexpr const char* kAlone = "a random term stands alone, joined by '+'";
  FormulaLexer lexer_;
  Formula formula_;
  size_t random_offset_ = 0;  // of the latest random term
};

}  // namespace

Formula ParseFormula(std::string_view text, ErrorId id) { return Parser(text, id).Whole(); }

Error OutcomeOnRight(const std::string& outcome, ErrorId id, const std::string& key) {
  return Error(id, "the outcome is on the right as well: it would explain itself")
      .Field(key)
      .Value(outcome)
      .Remedy(
          "take it out on the right; with several outcomes, give those that it explains an "
          "analysis of their own");
}

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
          .Remedy(near.empty() ? "add it to covariates, or to the formula"
                               : "did you mean " + near + "?");
    }
    found.push_back(static_cast<size_t>(at - formula.terms.begin()));
  }
  return found;
}

LinearCombination ParseCombination(std::string_view text, ErrorId id) {
  FormulaLexer lexer(text, id, kContrastText);
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
