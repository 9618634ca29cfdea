#include "stages/report/multiqc.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipeline/base/number.h"

namespace kinflow {
namespace {

using nlohmann::ordered_json;

ordered_json CellOf(const std::string& text) {
  if (const auto whole = ParseInt(text)) return *whole;
  if (const auto number = ParseDouble(text)) return *number;
  return text;
}

std::string RowName(const Table& ledger, size_t r) {
  const std::string& filter = ledger.StringsOf("FILTER")[r];
  return fmt::format("{:02} {}{}", r + 1, ledger.StringsOf("STEP")[r],
                     filter == "NA" ? "" : ": " + filter);
}

}  // namespace

std::string MultiqcSection(const Table& ledger) {
  ordered_json headers = ordered_json::object(), data = ordered_json::object();
  for (size_t c = 0; c < ledger.columns(); ++c) {
    const std::string& name = ledger.name(c);
    if (name == "STEP" || name == "FILTER") continue;
    headers[name] = {{"title", name}, {"scale", false}};
    if (name != "THRESHOLD") headers[name]["format"] = "{:,.0f}";
  }
  for (size_t r = 0; r < ledger.rows(); ++r) {
    ordered_json& row = data[RowName(ledger, r)] = ordered_json::object();
    for (size_t c = 0; c < ledger.columns(); ++c) {
      const std::string cell = ledger.Cell(r, c);
      if (headers.contains(ledger.name(c)) && cell != "NA") row[ledger.name(c)] = CellOf(cell);
    }
  }
  const ordered_json section = {
      {"id", "kinflow_ledger"},
      {"section_name", "kinflow: losses by step"},
      {"description",
       "Variants, people and families behind each step of quality control, in order."},
      {"plot_type", "table"},
      {"pconfig", {{"id", "kinflow_ledger_table"}, {"title", "kinflow: losses by step"}}},
      {"headers", headers},
      {"data", data}};
  return section.dump(1) + "\n";
}

}  // namespace kinflow
