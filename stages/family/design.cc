#include "stages/family/design.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "stages/family/design_people.h"
#include "stages/family/time_names.h"

namespace kinflow::family {
namespace {

constexpr size_t kMaxLevels = 1000;
constexpr size_t kMaxColumns = 5000;

std::vector<double> Numbers(const Table::Column& column, const std::vector<uint32_t>& rows) {
  std::vector<double> out;
  out.reserve(rows.size());
  if (const auto* ints = std::get_if<Table::Ints>(&column)) {
    for (const uint32_t r : rows) out.push_back(static_cast<double>((*ints)[r]));
  } else {
    for (const uint32_t r : rows) out.push_back(std::get<Table::Doubles>(column)[r]);
  }
  return out;
}

bool IsText(const Table::Column& column) { return std::holds_alternative<Table::Strings>(column); }

// Distinct values in factor order, as text: names in byte order, those of times in time.
std::vector<std::string> LevelsOf(const Table::Column& column, const std::vector<uint32_t>& rows,
                                  std::vector<std::string>& text) {
  std::vector<std::string> levels;
  if (IsText(column)) {
    for (const uint32_t r : rows) text.push_back(std::get<Table::Strings>(column)[r]);
    levels = text;
    std::sort(levels.begin(), levels.end());
    levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
    SortByTime(levels);
    return levels;
  }
  std::vector<double> values = Numbers(column, rows);
  for (const double v : values) text.push_back(FormatDouble(v));
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  for (const double v : values) levels.push_back(FormatDouble(v));
  return levels;
}

// Most often an id, for fixed effects of mothers, or numbers among which a text stands.
std::string RemedyOfManyLevels(const FormulaVariable& variable,
                               const std::vector<std::string>& levels) {
  const auto numbers = std::count_if(levels.begin(), levels.end(), [](const std::string& level) {
    return ParseDouble(level).has_value();
  });
  if (!variable.as_factor && 2 * static_cast<size_t>(numbers) > levels.size()) {
    return "it is read as text, as not all of its cells are numbers or NA: mend the others, or use "
           "a column of groups";
  }
  return fmt::format(
      "use a column of groups; for effects within families model lmm or family_reml with (1 | {}) "
      "and the scores of both parents, or differences between siblings",
      variable.column);
}

void CheckLevels(const FormulaVariable& variable, const std::vector<std::string>& levels,
                 size_t n) {
  const size_t count = levels.size();
  if (count > kMaxLevels || (count > 20 && count * 2 > n)) {
    throw Error(count > kMaxLevels ? ErrorId::kLimitExceeded : ErrorId::kModelFailed,
                fmt::format("column {} has {} different values in {} rows: too many for a factor",
                            variable.column, count, n))
        .Field(variable.column)
        .Remedy(RemedyOfManyLevels(variable, levels));
  }
}

void PutReferenceFirst(const ModelFrame& frame, const std::string& name,
                       std::vector<std::string>& levels) {
  const auto wanted = frame.reference.find(name);
  if (wanted == frame.reference.end()) return;
  const auto at = std::find(levels.begin(), levels.end(), wanted->second);
  if (at == levels.end()) {
    throw Error(ErrorId::kConfigReference, "the reference level does not occur in the rows used")
        .Field("reference." + name)
        .Value(wanted->second)
        .Remedy("write a level as the table has it, one of the rows that the model uses");
  }
  std::rotate(levels.begin(), at, at + 1);
}

// R's rule (model.matrix): contrasts if the term without the factor is in the formula, the empty
// term always being so; without an intercept the first factor of the first term is coded in full.
FactorCoding FullCoding(const Formula& formula, const DesignVariables& variables) {
  FactorCoding full;
  bool first_pending = !formula.intercept;
  for (const auto& term : formula.terms) {
    std::vector<bool> flags;
    for (const uint32_t v : term.variables) {
      if (!variables.at(v).factor) {
        flags.push_back(false);
        continue;
      }
      FormulaTerm margin = term;
      margin.variables.erase(std::find(margin.variables.begin(), margin.variables.end(), v));
      const bool has_margin =
          margin.variables.empty() ||
          std::find(formula.terms.begin(), formula.terms.end(), margin) != formula.terms.end();
      flags.push_back(!has_margin || first_pending);
      first_pending = false;
    }
    full.push_back(std::move(flags));
  }
  return full;
}

// Columns of one variable inside a term: a name and, for a factor, its level, for a polynomial its
// part.
struct Piece {
  std::string name;
  const DesignVariable* variable = nullptr;
  uint32_t level = 0;
  void Put(std::vector<double>& x) const {
    if (variable->IsPlain()) {
      x.insert(x.end(), variable->values.begin(), variable->values.end());
      return;
    }
    if (!variable->factor) {
      for (const double value : variable->values) x.push_back(variable->At(value, level));
      return;
    }
    for (const uint32_t code : variable->codes) x.push_back(code == level ? 1.0 : 0.0);
  }
  void MultiplyInto(double* column, size_t n) const {
    if (variable->factor) {
      for (size_t r = 0; r < n; ++r) column[r] *= variable->codes[r] == level ? 1.0 : 0.0;
    } else {
      for (size_t r = 0; r < n; ++r) column[r] *= variable->At(variable->values[r], level);
    }
  }
};

std::vector<Piece> PiecesOf(const FormulaVariable& name, const DesignVariable& variable,
                            bool full) {
  std::vector<Piece> pieces;
  for (uint32_t part = 0; part < variable.polynomial.degree(); ++part) {
    pieces.push_back({name.Label() + std::to_string(part + 1), &variable, part});
  }
  if (!pieces.empty()) return pieces;
  if (!variable.factor) return {{name.Label(), &variable, 0}};
  // A factor with one level keeps a column: it is aliased with the intercept and reported as such.
  const bool all = full || variable.levels.size() == 1;
  for (size_t l = all ? 0 : 1; l < variable.levels.size(); ++l) {
    pieces.push_back({name.Label() + variable.levels[l], &variable, static_cast<uint32_t>(l)});
  }
  return pieces;
}

// Squares of values beyond these have no finite sum, or none but zero.
void CheckSize(const std::string& name, const double* values, size_t n) {
  constexpr double kLargest = 1e150, kSmallest = 1e-150;
  if (n == 0) return;
  const double largest =
      Eigen::Map<const Eigen::ArrayXd>(values, static_cast<Eigen::Index>(n)).abs().maxCoeff();
  if (largest <= kLargest && (largest >= kSmallest || largest == 0)) return;
  throw Error(ErrorId::kModelFailed, fmt::format("column {}: values too {} for sums of squares",
                                                 name, largest > 1 ? "large" : "small"))
      .Field(name)
      .Remedy("rescale it, for example to units of its standard deviation");
}

void AddTerm(size_t index, const Formula& formula, const DesignVariables& variables,
             const std::vector<bool>& full, Design& out, std::vector<double>& x) {
  const FormulaTerm& term = formula.terms[index];
  std::vector<std::vector<Piece>> pieces;
  size_t total = 1;
  for (size_t i = 0; i < term.variables.size(); ++i) {
    const uint32_t v = term.variables[i];
    pieces.push_back(PiecesOf(formula.variables[v], variables.at(v), full[i]));
    total *= pieces.back().size();
  }
  if (out.columns.size() + total > kMaxColumns) {
    throw Error(ErrorId::kLimitExceeded, "the model has more than 5,000 columns").Field("formula");
  }
  for (size_t c = 0; c < total; ++c) {  // the first variable's level varies fastest
    DesignColumn column;
    column.term = index;
    size_t rest = c;
    for (const auto& choice : pieces) {
      const Piece& piece = choice[rest % choice.size()];
      rest /= choice.size();
      const bool first = column.name.empty();
      column.name += (first ? "" : ":") + piece.name;
      column.levels.push_back(piece.level);
      if (first) {
        piece.Put(x);
      } else {
        piece.MultiplyInto(x.data() + x.size() - out.n, out.n);
      }
    }
    out.columns.push_back(std::move(column));
  }
}

// All but the outcome.
Design BuildColumns(const Formula& formula, const ModelFrame& frame,
                    const std::vector<uint32_t>& rows) {
  Design out;
  out.n = rows.size();
  out.intercept = formula.intercept;
  std::vector<double> x;
  if (formula.intercept) {
    x.assign(out.n, 1.0);
    out.columns.emplace_back().name = "(Intercept)";
  }
  DesignVariables variables;
  for (const auto& term : formula.terms) {
    for (const uint32_t v : term.variables) {
      if (variables.count(v) == 0) {
        variables.emplace(v, VariableOf(formula.variables[v], frame, rows));
      }
    }
  }
  const auto full = FullCoding(formula, variables);
  x.reserve(out.n * (formula.terms.size() + 1));  // enough without factors
  for (size_t t = 0; t < formula.terms.size(); ++t) {
    AddTerm(t, formula, variables, full[t], out, x);
  }
  out.x = std::move(x);
  out.k = out.columns.size();
  CountPeople(formula, frame, rows, variables, full, out);
  for (size_t c = 0; c < out.k; ++c) CheckSize(out.columns[c].name, out.Column(c), out.n);
  if (!frame.cluster.empty()) {
    RowCodes clusters = ClustersOf(frame, rows);
    out.cluster = std::move(clusters.codes);
    out.n_clusters = clusters.n;
  }
  return out;
}

std::vector<double> OutcomeOf(const Formula& formula, const ModelFrame& frame,
                              const std::vector<uint32_t>& rows) {
  const Table::Column& outcome =
      frame.columns.column(static_cast<size_t>(frame.columns.Find(formula.response)));
  if (IsText(outcome)) {
    throw Error(ErrorId::kModelFailed, fmt::format("outcome {} is text", formula.response))
        .Field(formula.response)
        .Remedy("this model needs numbers; check the column's missing codes");
  }
  std::vector<double> out = Numbers(outcome, rows);
  CheckDomain(formula.response_transform, formula.response, formula.response_added, out);
  for (double& y : out) y = Apply(formula.response_transform, y, formula.response_added);
  CheckSize(formula.Outcome(), out.data(), out.size());
  return out;
}

}  // namespace

double DesignVariable::At(double number, uint32_t part) const {
  if (polynomial.degree() > 0) return polynomial.At(number, part);
  if (transform != Transform::kNone) return Apply(transform, number, added);
  double product = number;
  for (uint32_t k = 1; k < power; ++k) product *= number;
  return product;
}

DesignVariable VariableOf(const FormulaVariable& variable, const ModelFrame& frame,
                          const std::vector<uint32_t>& rows) {
  const Table::Column& column =
      frame.columns.column(static_cast<size_t>(frame.columns.Find(variable.column)));
  DesignVariable out;
  if (!variable.as_factor && !variable.IsPlain() && IsText(column)) {
    throw Error(ErrorId::kModelFailed, fmt::format("column {} is text", variable.column))
        .Field("formula")
        .Value(variable.Label())
        .Remedy("polynomials and functions are of numbers; check the column's missing codes");
  }
  if (!variable.as_factor && !IsText(column)) {
    out.values = Numbers(column, rows);
    CheckDomain(variable.transform, variable.column, variable.added, out.values);
    out.transform = variable.transform;
    out.added = variable.added;
    out.power = variable.power;
    if (variable.degree > 0) out.polynomial = Polynomial(out.values, variable.degree);
    return out;
  }
  out.factor = true;
  std::vector<std::string> text;
  out.levels = LevelsOf(column, rows, text);
  CheckLevels(variable, out.levels, rows.size());
  PutReferenceFirst(frame, variable.column, out.levels);
  std::unordered_map<std::string, uint32_t> code;
  for (const auto& level : out.levels) code.emplace(level, static_cast<uint32_t>(code.size()));
  for (const auto& t : text) out.codes.push_back(code.at(t));
  return out;
}

Design BuildDesign(const Formula& formula, const ModelFrame& frame,
                   const std::vector<uint32_t>& rows) {
  std::vector<double> y = OutcomeOf(formula, frame, rows);
  const auto make = [&] { return BuildColumns(formula, frame, rows); };
  DesignMemo* const memo = frame.designs.memo();
  Design out = memo == nullptr ? make() : memo->Find(formula, rows, make);
  out.y = std::move(y);
  return out;
}

PivotedQr QrOf(const Design& design) {
  const auto make = [&] { return FactorQr(design.x, design.n, design.k); };
  return design.facts && design.facts->AreOf(design.x) ? design.facts->Qr(make) : make();
}

}  // namespace kinflow::family
