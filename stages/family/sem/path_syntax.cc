#include "stages/family/sem/path_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow::family {
namespace {

struct Statement {
  std::string left, op, right, label;
  bool fixed = false;
  double value = 0;
};

std::string Trimmed(std::string_view text) { return std::string(Trim(text)); }

[[noreturn]] void Refuse(const std::string& statement, const std::string& what) {
  throw Error(ErrorId::kConfigRange, "sem: " + what)
      .Field("paths")
      .Value(statement)
      .Remedy("write \"y ~ a*x + m\", \"f =~ x1 + x2\", \"x ~~ y\" or \"x ~ 1\"");
}

bool IsName(const std::string& text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return text.find_first_of(" \t+*~=()") == std::string::npos;
}

Statement TermOf(const std::string& whole, const std::string& left, const std::string& op,
                 const std::string& text) {
  Statement out{left, op, text, "", false, 0};
  if (const size_t star = text.find('*'); star != std::string::npos) {
    const std::string front = Trimmed(text.substr(0, star));
    out.right = Trimmed(text.substr(star + 1));
    if (const auto number = ParseDouble(front)) {
      out.fixed = true;
      out.value = *number;
    } else if (IsName(front)) {
      if (front != "NA") out.label = front;  // NA: free, where 1 would be the rule
    } else {
      Refuse(whole, "what stands before * is neither a number nor a label");
    }
    if (front == "NA") out.value = 1;
  }
  const bool mean = op == "~" && out.right == "1";
  if (!mean && !IsName(out.right)) Refuse(whole, "a name is missing or not one word");
  return out;
}

bool IsDefinition(const std::string& text) { return text.find(":=") != std::string::npos; }

std::vector<Statement> StatementsOf(const std::vector<std::string>& texts) {
  std::vector<Statement> out;
  for (const auto& whole : texts) {
    if (IsDefinition(whole)) continue;
    std::string op = "=~";
    size_t at = whole.find(op);
    for (const char* other : {"~~", "~"}) {
      if (at == std::string::npos) at = whole.find(op = other);
    }
    if (at == std::string::npos) Refuse(whole, "a path needs ~, ~~ or =~");
    for (const auto left : Split(std::string_view(whole).substr(0, at), '+')) {
      if (!IsName(Trimmed(left))) Refuse(whole, "the left side is not a name");
      for (const auto right : Split(std::string_view(whole).substr(at + op.size()), '+')) {
        out.push_back(TermOf(whole, Trimmed(left), op, Trimmed(right)));
      }
    }
  }
  return out;
}

// "total := c + a*b - 0.5*d" over the labels of a model.
Definition DefinitionOf(const std::string& whole, const std::vector<std::string>& labels) {
  const size_t at = whole.find(":=");
  Definition out{Trimmed(std::string_view(whole).substr(0, at)), {}};
  if (!IsName(out.name)) Refuse(whole, "the left side is not a name");
  std::string right = whole.substr(at + 2);
  for (size_t i = right.find('-'); i != std::string::npos; i = right.find('-', i + 4)) {
    right.replace(i, 1, "+-1*");
  }
  if (Trimmed(right).starts_with('+')) right = Trimmed(right).substr(1);
  for (const auto text : Split(right, '+')) {
    Definition::Product product;
    for (const auto part : Split(text, '*')) {
      const std::string name = Trimmed(part);
      const auto label = std::find(labels.begin(), labels.end(), name);
      if (const auto number = ParseDouble(name)) {
        product.factor *= *number;
      } else if (!name.empty() && label != labels.end()) {
        product.parameters.push_back(static_cast<size_t>(label - labels.begin()));
      } else {
        Refuse(whole, "'" + name + "' is no label of a free path");
      }
    }
    out.products.push_back(std::move(product));
  }
  return out;
}

bool Contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}
void AddOnce(std::vector<std::string>& list, const std::string& name) {
  if (!Contains(list, name)) list.push_back(name);
}

class Builder {
 public:
  Builder(const std::vector<Statement>& statements, PathDefaults defaults)
      : statements_(statements), defaults_(defaults) {
    for (const auto& s : statements) {
      if (s.op == "=~") AddOnce(model_.latent, s.left);
    }
    std::set<std::string> explained;
    for (const auto& s : statements) {
      if (s.op != "=~") explained.insert(s.left);
      if (s.op != "~") explained.insert(s.right);
    }
    for (const auto& s : statements) {
      for (const auto& name : {s.left, s.right}) {
        if (name == "1" || Contains(model_.latent, name)) continue;
        AddOnce(explained.count(name) != 0 ? model_.observed : model_.exogenous, name);
      }
    }
    // One order for all models of the same variables: they share data and saturated model.
    std::sort(model_.observed.begin(), model_.observed.end());
    std::sort(model_.exogenous.begin(), model_.exogenous.end());
  }

  PathModel Build() {
    if (model_.observed.empty()) {
      throw Error(ErrorId::kConfigRange, "sem: the paths explain no observed variable")
          .Field("paths")
          .Remedy("write at least one path like \"y ~ x\"");
    }
    for (const auto& s : statements_) AddStatement(s);
    if (defaults_ == PathDefaults::kSem) AddSemDefaults();
    for (size_t v = 0; v < model_.observed.size(); ++v) AddFree(Path::kExogenous, v, 0);
    return std::move(model_);
  }

 private:
  size_t VariableOf(const std::string& name) const {
    const auto& o = model_.observed;
    const auto& l = model_.latent;
    if (const auto at = std::find(o.begin(), o.end(), name); at != o.end()) {
      return static_cast<size_t>(at - o.begin());
    }
    return o.size() + static_cast<size_t>(std::find(l.begin(), l.end(), name) - l.begin());
  }

  bool Has(Path::Kind kind, size_t to, size_t from) const {
    return std::any_of(model_.paths.begin(), model_.paths.end(), [&](const Path& p) {
      return p.kind == kind && ((p.to == to && p.from == from) ||
                                (kind == Path::kCovariance && p.to == from && p.from == to));
    });
  }

  int64_t ParameterOf(const std::string& label) {
    if (!label.empty()) {
      const auto at = std::find(model_.labels.begin(), model_.labels.end(), label);
      if (at != model_.labels.end()) return at - model_.labels.begin();
    }
    model_.labels.push_back(label);
    return static_cast<int64_t>(model_.labels.size()) - 1;
  }

  void AddFree(Path::Kind kind, size_t to, size_t from) {
    if (!Has(kind, to, from)) model_.paths.push_back({kind, to, from, 0, ParameterOf(""), false});
  }

  void AddStatement(const Statement& s) {
    Path path;
    path.loading = s.op == "=~";
    const std::string &to = path.loading ? s.right : s.left,
                      &from = path.loading ? s.left : s.right;
    path.to = VariableOf(to);
    if (s.op == "~~") {
      path.kind = Path::kCovariance;
      path.from = VariableOf(from);
    } else if (from == "1") {
      path.kind = Path::kExogenous;
    } else if (Contains(model_.exogenous, from)) {
      path.kind = Path::kExogenous;
      const auto at = std::find(model_.exogenous.begin(), model_.exogenous.end(), from);
      path.from = static_cast<size_t>(at - model_.exogenous.begin()) + 1;
    } else {
      path.from = VariableOf(from);
    }
    if (Has(path.kind, path.to, path.from) ||
        (path.kind == Path::kDirected && path.to == path.from)) {
      Refuse(s.left + " " + s.op + " " + s.right, "a path is there twice, or leads to itself");
    }
    const bool first = path.loading && loaded_.insert(s.left).second;
    if (s.fixed) {
      path.value = s.value;
    } else if (first && defaults_ == PathDefaults::kSem && s.label.empty() && s.value == 0) {
      path.value = 1;  // the factor has the unit of its first indicator
    } else {
      path.parameter = ParameterOf(s.label);
    }
    model_.paths.push_back(path);
  }

  // As lavaan's sem(): variances of everything; covariances among factors that nothing explains,
  // and among outcomes that explain nothing.
  void AddSemDefaults() {
    const size_t m = model_.variables();
    std::vector<uint8_t> explained(m, 0), explains(m, 0), indicator(m, 0);
    for (const Path& path : model_.paths) {
      if (path.kind == Path::kCovariance || (path.kind == Path::kExogenous && path.from == 0)) {
        continue;
      }
      if (path.loading) {
        indicator[path.to] = 1;
        continue;
      }
      explained[path.to] = 1;
      if (path.kind == Path::kDirected) explains[path.from] = 1;
    }
    for (size_t v = 0; v < m; ++v) AddFree(Path::kCovariance, v, v);
    for (size_t a = 0; a < m; ++a) {
      for (size_t b = a + 1; b < m; ++b) {
        const bool factors = a >= model_.observed.size() && explained[a] == 0 &&
                             explained[b] == 0 && indicator[a] == 0 && indicator[b] == 0;
        const auto outcome = [&](size_t v) {
          return explained[v] != 0 && explains[v] == 0 && indicator[v] == 0;
        };
        if (factors || (outcome(a) && outcome(b))) AddFree(Path::kCovariance, a, b);
      }
    }
  }

  const std::vector<Statement>& statements_;
  PathDefaults defaults_;
  PathModel model_;
  std::set<std::string> loaded_;
};

}  // namespace

PathModel ParsePaths(const std::vector<std::string>& statements, PathDefaults defaults) {
  const auto parsed = StatementsOf(statements);
  PathModel model = Builder(parsed, defaults).Build();
  for (const auto& text : statements) {
    if (IsDefinition(text)) model.definitions.push_back(DefinitionOf(text, model.labels));
  }
  return model;
}

std::vector<std::string> PathColumns(const std::vector<std::string>& statements) {
  const PathModel model = ParsePaths(statements, PathDefaults::kNone);
  std::vector<std::string> out = model.observed;
  out.insert(out.end(), model.exogenous.begin(), model.exogenous.end());
  return out;
}

}  // namespace kinflow::family
