#include "stages/family/refit_formula.h"

#include <algorithm>

#include "pipeline/base/number.h"

namespace kinflow::family {
namespace {

const Table::Column* ColumnOf(const ModelFrame& frame, const std::string& name) {
  const int64_t at = frame.columns.Find(name);
  return at < 0 ? nullptr : &frame.columns.column(static_cast<size_t>(at));
}

bool IsFactor(const FormulaVariable& variable, const ModelFrame& frame) {
  const Table::Column* column = ColumnOf(frame, variable.column);
  if (column == nullptr) return false;
  return variable.as_factor || std::holds_alternative<Table::Strings>(*column);
}

std::string TextAt(const Table::Column& column, uint32_t row) {
  if (const auto* texts = std::get_if<Table::Strings>(&column)) return (*texts)[row];
  if (const auto* ints = std::get_if<Table::Ints>(&column)) return std::to_string((*ints)[row]);
  return FormatDouble(std::get<Table::Doubles>(column)[row]);
}

std::vector<uint32_t> RowsOf(const Formula& formula, const std::string& wave,
                             const ModelFrame& frame, const ModelSpec& spec) {
  std::vector<std::string> columns = spec.Columns();
  if (!spec.common_sample) {
    columns = formula.Columns();
    for (auto& name : spec.options.Columns()) columns.push_back(std::move(name));
    std::erase_if(columns, [&](const auto& name) { return ColumnOf(frame, name) == nullptr; });
  }
  std::vector<uint32_t> rows = SelectRows(frame, columns).rows;
  const Table::Column* waves = ColumnOf(frame, spec.options.wave);
  if (wave != "NA" && waves != nullptr) {
    std::erase_if(rows, [&](uint32_t row) { return TextAt(*waves, row) != wave; });
  }
  return rows;
}

/// Of each variable of the formula.
std::vector<uint8_t> OneLevel(const Formula& formula, const std::vector<uint32_t>& rows,
                              const ModelFrame& frame) {
  std::vector<uint8_t> out;
  for (const auto& variable : formula.variables) {
    out.push_back(0);
    if (rows.empty() || !IsFactor(variable, frame)) continue;
    const auto codes = CodesOf(*ColumnOf(frame, variable.column));
    out.back() = std::all_of(rows.begin(), rows.end(),
                             [&](uint32_t row) { return codes[row] == codes[rows.front()]; });
  }
  return out;
}

}  // namespace

std::string FormulaInR(const std::string& formula, const std::string& wave, const ModelFrame& frame,
                       const ModelSpec& spec) {
  const Formula all = ParseFormula(formula);
  const bool factors = std::any_of(all.variables.begin(), all.variables.end(),
                                   [&](const auto& v) { return IsFactor(v, frame); });
  if (!factors || !all.intercept) return formula;
  const auto one_level = OneLevel(all, RowsOf(all, wave, frame, spec), frame);
  // x:one is x: aliased with it, if it stands there.
  const auto is_aliased = [&](const FormulaTerm& term) {
    FormulaTerm rest = term;
    std::erase_if(rest.variables, [&](uint32_t v) { return one_level[v] != 0; });
    if (rest == term) return false;
    return rest.variables.empty() ||
           std::find(all.terms.begin(), all.terms.end(), rest) != all.terms.end();
  };
  std::vector<uint8_t> keep;
  for (const auto& term : all.terms) keep.push_back(is_aliased(term) ? 0 : 1);
  const bool whole = std::find(keep.begin(), keep.end(), uint8_t{0}) == keep.end();
  return whole ? formula : all.Keep(keep).Text();
}

}  // namespace kinflow::family
