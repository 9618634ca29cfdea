#include <algorithm>

#include "stages/family/formula.h"

namespace kinflow::family {
namespace {

bool IsPlainName(const std::string& name) {
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                        static_cast<unsigned char>(c) >= 128;
    if (!letter && !((digit || c == '_') && i > 0)) return false;
  }
  return !name.empty() && !(name[0] == '.' && name.size() > 1 && name[1] >= '0' && name[1] <= '9');
}

std::string Quoted(const std::string& name) { return IsPlainName(name) ? name : "`" + name + "`"; }

std::string QuotedTerm(const Formula& formula, const FormulaTerm& term) {
  std::string text;
  for (const uint32_t v : term.variables) {
    const auto& variable = formula.variables[v];
    text += text.empty() ? "" : ":";
    text += variable.Text(Quoted(variable.column));
  }
  return text;
}

}  // namespace

std::string FormulaVariable::Text(const std::string& name) const {
  if (as_factor) return "factor(" + name + ")";
  if (power > 1) return "I(" + name + "^" + std::to_string(power) + ")";
  if (degree > 0) return "poly(" + name + ", " + std::to_string(degree) + ")";
  return TransformText(transform, name, added);
}

std::string Formula::TermLabel(const FormulaTerm& term) const {
  std::string label;
  for (const uint32_t v : term.variables)
    label += (label.empty() ? "" : ":") + variables[v].Label();
  return label;
}

std::string Formula::RandomText(const RandomTerm& term) const {
  std::string out = term.intercept ? "1" : "0";
  for (const auto& slope : term.slopes) out += " + " + QuotedTerm(*this, slope);
  out += term.correlated ? " | " : " || ";
  size_t outer = 0;  // columns that the level before holds already
  for (size_t level = 0; level < term.groups.size(); ++level) {
    const auto& names = term.groups[level];
    for (size_t i = 0; i + outer < names.size(); ++i) {
      out += (i > 0 ? ":" : level > 0 ? "/" : "") + Quoted(names[i]);
    }
    outer = names.size();
  }
  return out;
}

std::string Formula::Text() const {
  std::string text = TransformText(response_transform, Quoted(response), response_added) + " ~ ";
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
    // Outer groups first, as written.
    for (auto name = r.groups.back().rbegin(); name != r.groups.back().rend(); ++name) add(*name);
  }
  return names;
}

std::vector<std::string> Formula::GroupColumns() const {
  std::vector<std::string> names;
  for (const auto& name : Columns()) {
    const auto is_it = [&name](const FormulaVariable& v) { return v.column == name; };
    if (name != response && std::none_of(variables.begin(), variables.end(), is_it)) {
      names.push_back(name);
    }
  }
  return names;
}

bool Formula::HasOutcomeOnRight() const {
  const auto is_outcome = [this](const FormulaVariable& v) { return v.column == response; };
  return std::any_of(variables.begin(), variables.end(), is_outcome) ||
         std::any_of(random.begin(), random.end(), [this](const RandomTerm& term) {
           const auto& finest = term.groups.back();
           return std::find(finest.begin(), finest.end(), response) != finest.end();
         });
}

std::vector<std::string> Formula::NumericColumns() const {
  std::vector<std::string> names{response};
  for (const auto& variable : variables) {
    if (!variable.as_factor) names.push_back(variable.column);
  }
  return names;
}

}  // namespace kinflow::family
