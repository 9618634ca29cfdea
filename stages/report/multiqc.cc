#include "stages/report/multiqc.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

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

std::string MendelRowName(const Table& errors, size_t r) {
  return fmt::format("{:02} {} {}: {}", r + 1, errors.StringsOf("FACTOR")[r],
                     errors.StringsOf("LEVEL")[r], errors.StringsOf("FAMILIES")[r]);
}

struct About {
  std::string id, name, description;
  std::set<std::string> in_row_names, fractions;  // columns
  std::string (*row_name)(const Table&, size_t);
};

std::string SectionOf(const Table& table, const About& about) {
  ordered_json headers = ordered_json::object(), data = ordered_json::object();
  for (size_t c = 0; c < table.columns(); ++c) {
    const std::string& name = table.name(c);
    if (about.in_row_names.contains(name)) continue;
    headers[name] = {{"title", name}, {"scale", false}};
    if (!about.fractions.contains(name)) headers[name]["format"] = "{:,.0f}";
  }
  for (size_t r = 0; r < table.rows(); ++r) {
    ordered_json& row = data[about.row_name(table, r)] = ordered_json::object();
    for (size_t c = 0; c < table.columns(); ++c) {
      const std::string cell = table.Cell(r, c);
      if (headers.contains(table.name(c)) && cell != "NA") row[table.name(c)] = CellOf(cell);
    }
  }
  const ordered_json section = {{"id", about.id},
                                {"section_name", about.name},
                                {"description", about.description},
                                {"plot_type", "table"},
                                {"pconfig", {{"id", about.id + "_table"}, {"title", about.name}}},
                                {"headers", headers},
                                {"data", data}};
  return section.dump(1) + "\n";
}

}  // namespace

std::string MultiqcSection(const Table& ledger) {
  return SectionOf(ledger,
                   {"kinflow_ledger",
                    "kinflow: losses by step",
                    "Variants, people and families behind each step of quality control, in order.",
                    {"STEP", "FILTER"},
                    {"THRESHOLD"},
                    RowName});
}

std::string MultiqcMendelSection(const Table& errors) {
  return SectionOf(errors, {"kinflow_mendel_errors",
                            "kinflow: Mendel errors",
                            "Mendel errors on autosomes behind quality control, and the rate of "
                            "errors of genotypes that explains them if one of the two alleles is "
                            "misread.",
                            {"FACTOR", "LEVEL", "FAMILIES"},
                            {"MENDEL_RATE", "GENOTYPE_ERROR_RATE", "SE"},
                            MendelRowName});
}

}  // namespace kinflow
