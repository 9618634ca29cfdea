#include "stages/report/disclosure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinflow {
namespace {

constexpr double kMinMinorAlleleCount = 20;

bool IsSmall(int64_t n, int64_t small) { return n != Table::kMissingInt && n > 0 && n < small; }

/// Indices of the columns of `table` that are named here and hold integers.
std::vector<size_t> IntColumns(const Table& table, std::initializer_list<const char*> names) {
  std::vector<size_t> found;
  for (const char* name : names) {
    const int64_t c = table.Find(name);
    if (c >= 0 && std::holds_alternative<Table::Ints>(table.column(static_cast<size_t>(c)))) {
      found.push_back(static_cast<size_t>(c));
    }
  }
  return found;
}

}  // namespace

Table SuppressLedger(const Table& ledger, int64_t small) {
  const auto people = IntColumns(ledger, {"SAMPLES_IN", "SAMPLES_OUT", "MOTHERS", "FATHERS",
                                          "CHILDREN", "TRIOS", "DUOS", "SINGLETONS"});
  const int64_t in = ledger.Find("SAMPLES_IN"), out = ledger.Find("SAMPLES_OUT");
  Table shared;
  for (size_t c = 0; c < ledger.columns(); ++c) {
    if (std::find(people.begin(), people.end(), c) == people.end()) {
      shared.Add(ledger.name(c), ledger.column(c));
      continue;
    }
    const auto& counts = std::get<Table::Ints>(ledger.column(c));
    Table::Strings cells;
    for (size_t r = 0; r < counts.size(); ++r) {
      bool follows = false;  // from the step's other counts
      if (in >= 0 && out >= 0 && static_cast<int64_t>(c) != in) {
        const int64_t removed = ledger.IntsOf("SAMPLES_IN")[r] - ledger.IntsOf("SAMPLES_OUT")[r];
        follows = IsSmall(removed, small);
      }
      cells.push_back(IsSmall(counts[r], small) ? fmt::format("<{}", small)
                      : follows                 ? "NA"
                                                : ledger.Cell(r, c));
    }
    shared.Add(ledger.name(c), std::move(cells));
  }
  return shared;
}

Table SuppressRareVariants(const Table& variants) {
  const int64_t n = variants.Find("N"), missing = variants.Find("N_MISSING");
  const int64_t maf = variants.Find("MAF");
  if (n < 0 || missing < 0 || maf < 0) return variants;
  const auto& counted = variants.IntsOf("N");
  const auto& lost = variants.IntsOf("N_MISSING");
  const auto frequency = variants.DoublesOf("MAF");
  std::vector<bool> rare(variants.rows());
  for (size_t r = 0; r < rare.size(); ++r) {
    const double alleles = 2.0 * static_cast<double>(counted[r] - lost[r]);
    rare[r] = std::isnan(frequency[r]) || frequency[r] * alleles < kMinMinorAlleleCount;
  }
  Table shared;
  for (size_t c = 0; c < variants.columns(); ++c) {
    const std::string& name = variants.name(c);
    Table::Column column = variants.column(c);
    const bool hidden = name == "AF" || name == "MAF" || name == "HWE_P" || name == "MENDEL_ERRORS";
    for (size_t r = 0; hidden && r < rare.size(); ++r) {
      if (!rare[r]) continue;
      if (auto* v = std::get_if<Table::Doubles>(&column)) (*v)[r] = std::nan("");
      if (auto* v = std::get_if<Table::Ints>(&column)) (*v)[r] = Table::kMissingInt;
    }
    shared.Add(name, std::move(column));
  }
  return shared;
}

Table SuppressSmallModels(const Table& table, int64_t small) {
  std::vector<bool> hidden(table.rows(), false);
  for (const size_t c : IntColumns(table, {"n", "n_level"})) {
    const auto& counts = std::get<Table::Ints>(table.column(c));
    for (size_t r = 0; r < counts.size(); ++r) hidden[r] = hidden[r] || IsSmall(counts[r], small);
  }
  const auto accounts = IntColumns(table, {"count"});
  Table shared;
  for (size_t c = 0; c < table.columns(); ++c) {
    if (!accounts.empty() && c == accounts.front()) {
      Table::Strings cells;
      for (size_t r = 0; r < table.rows(); ++r) {
        if (hidden[r]) continue;
        const bool is_small = IsSmall(std::get<Table::Ints>(table.column(c))[r], small);
        cells.push_back(is_small ? fmt::format("<{}", small) : table.Cell(r, c));
      }
      shared.Add(table.name(c), std::move(cells));
      continue;
    }
    shared.Add(table.name(c), std::visit(
                                  [&](const auto& rows) -> Table::Column {
                                    std::decay_t<decltype(rows)> kept;
                                    for (size_t r = 0; r < rows.size(); ++r) {
                                      if (!hidden[r]) kept.push_back(rows[r]);
                                    }
                                    return kept;
                                  },
                                  table.column(c)));
  }
  return shared;
}

}  // namespace kinflow
