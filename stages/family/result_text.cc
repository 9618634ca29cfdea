#include "stages/family/result_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace kinflow::family {
namespace {

/// Columns to show; those of keys come first.
const std::vector<std::string>& ColumnsOf(const std::string& name) {
  static const std::vector<std::string> kNone;
  static const std::map<std::string, std::vector<std::string>> kShown{
      {"groups", {"group", "n", "mean", "sd", "n_low", "share", "conf_low", "conf_high"}},
      {"contrasts", {"contrast", "estimate", "conf_low", "conf_high", "se_type", "p_value", "n"}},
      {"comparisons", {"added", "test", "statistic", "df1", "df2", "p", "n"}},
      {"steps", {"reduced", "full", "test", "statistic", "df1", "df2", "p", "delta_r2", "n"}},
      {"varcomp", {"model_id", "group", "term1", "term2", "variance", "sd", "corr"}},
      {"fit", {"model_id", "chisq", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "n"}},
      {"spatial",
       {"quantity", "measure", "value", "expected", "z", "p_value", "p_permutation", "n_areas"}}};
  const auto shown = kShown.find(name);
  return shown == kShown.end() ? kNone : shown->second;
}

std::string CellText(const Table& table, const std::string& name, size_t row, size_t column) {
  const auto* numbers = std::get_if<Table::Doubles>(&table.column(column));
  if (numbers == nullptr) return table.Cell(row, column);
  const double value = (*numbers)[row];
  const bool p = name == "p" || name == "p_value";
  if (p && table.Find("neg_log10_p") >= 0) {
    return PText(value, table.DoublesOf("neg_log10_p")[row]);
  }
  return std::isnan(value) ? "NA" : fmt::format("{:.4g}", value);
}

}  // namespace

std::string PText(double p, double neg_log10) {
  if (std::isnan(p)) return "NA";
  if (p >= 0.001) return fmt::format("{:.3f}", p);
  const double exponent = std::floor(-neg_log10);
  const double mantissa = std::pow(10.0, -neg_log10 - exponent);
  return mantissa >= 9.95 ? fmt::format("1.0e{:+03.0f}", exponent + 1)
                          : fmt::format("{:.1f}e{:+03.0f}", mantissa, exponent);
}

std::string Aligned(const std::vector<std::vector<std::string>>& lines,
                    const std::vector<uint8_t>& left) {
  std::vector<size_t> width(lines.front().size(), 0);
  for (const auto& cells : lines) {
    for (size_t c = 0; c < width.size(); ++c) width[c] = std::max(width[c], cells[c].size());
  }
  std::string out;
  for (const auto& cells : lines) {
    std::string text;
    for (size_t c = 0; c < width.size(); ++c) {
      text += c == 0 ? "" : "  ";
      text += left[c] != 0 ? fmt::format("{:<{}}", cells[c], width[c])
                           : fmt::format("{:>{}}", cells[c], width[c]);
    }
    out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string ResultText(const std::string& name, const Table& table) {
  if (table.rows() == 0) return "";
  std::vector<std::string> columns{"analysis_id", "outcome", "wave", "pgs"};
  const auto& own = ColumnsOf(name);
  columns.insert(columns.end(), own.begin(), own.end());
  std::vector<std::vector<std::string>> lines(table.rows() + 1);
  std::vector<uint8_t> left;
  for (const auto& column : columns) {
    const int64_t found = table.Find(column);
    if (found < 0) continue;
    const auto c = static_cast<size_t>(found);
    std::vector<std::string> cells;
    for (size_t r = 0; r < table.rows(); ++r) cells.push_back(CellText(table, column, r, c));
    if (std::all_of(cells.begin(), cells.end(), [](const auto& cell) { return cell == "NA"; })) {
      continue;
    }
    lines[0].push_back(column == "analysis_id" ? "analysis" : column == "pgs" ? "score" : column);
    for (size_t r = 0; r < cells.size(); ++r) lines[r + 1].push_back(std::move(cells[r]));
    left.push_back(std::holds_alternative<Table::Strings>(table.column(c)) ? 1 : 0);
  }
  return Aligned(lines, left);
}

}  // namespace kinflow::family
