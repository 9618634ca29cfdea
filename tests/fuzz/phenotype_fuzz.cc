// words<<<>>>table<<<>>>table; words: id=IID family=FID pregnancy=PREG delimiter=; missing=-9
// wave=W columns=a text=b; the wave is of the first table.

#include <algorithm>
#include <cmath>
#include <optional>

#include "stages/formats/id_join.h"
#include "stages/formats/phenotype_table.h"
#include "tests/fuzz/fuzz_support.h"
#include "tests/fuzz/table_text.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

std::optional<PhenotypeTable> Read(const PhenotypeOptions& options) {
  std::optional<PhenotypeTable> table;
  Accepts([&] { table = ReadPhenotypes(options); });
  return table;
}

PhenotypeOptions OptionsOf(std::string_view words) {
  PhenotypeOptions options;
  options.id = WordOf(words, "id");
  options.family = WordOf(words, "family");
  options.pregnancy = WordOf(words, "pregnancy");
  options.wave = WordOf(words, "wave");
  const std::string delimiter = WordOf(words, "delimiter");
  options.delimiter = delimiter.empty() ? '\0' : delimiter == "tab" ? '\t' : delimiter[0];
  if (delimiter == "blank") options.delimiter = ' ';
  // What the config's schema lets through.
  constexpr std::string_view kDelimiters("\0\t,; ", 5);
  if (kDelimiters.find(options.delimiter) == std::string_view::npos) options.delimiter = '\0';
  const auto list = [&](const char* name, std::vector<std::string>& out) {
    if (const std::string given = WordOf(words, name); !given.empty()) out.push_back(given);
  };
  list("missing", options.missing);
  list("columns", options.columns);
  list("text", options.text);
  return options;
}

void CheckLengths(const PhenotypeTable& table, bool with_ids) {
  for (size_t c = 0; c < table.columns.columns(); ++c) {
    const size_t rows = std::visit([](const auto& v) { return v.size(); }, table.columns.column(c));
    Require(rows == table.columns.rows() && (!with_ids || rows == table.ids.size()),
            "columns of different lengths");
  }
}

// The columns written as a table of ours read back to the same values.
void CheckRoundTrip(const PhenotypeTable& table, InputFolder& folder) {
  const Table& columns = table.columns;
  PhenotypeOptions options;
  std::vector<std::string> names, cells;
  for (size_t c = 0; c < columns.columns(); ++c) {
    names.push_back(columns.name(c));
    if (std::holds_alternative<Table::Strings>(columns.column(c))) {
      options.text.push_back(columns.name(c));
    }
  }
  if (names.empty() || columns.rows() == 0) return;
  // A header cell loses the '#' and the blanks around it.
  if (names[0].starts_with('#') || !std::all_of(names.begin(), names.end(), SurvivesWriting))
    return;
  std::string text = QuotedRow(names);
  for (size_t r = 0; r < columns.rows(); ++r) {
    cells.clear();
    for (size_t c = 0; c < names.size(); ++c) cells.push_back(columns.Cell(r, c));
    if (!std::all_of(cells.begin(), cells.end(), SurvivesWriting)) return;
    text += QuotedRow(cells);
  }
  options.delimiter = '\t';
  options.file = folder.Write("again.tsv", text);
  const auto again = Read(options);
  Require(
      again && again->columns.columns() == names.size() && again->columns.rows() == columns.rows(),
      "a table lost columns or rows");
  for (size_t c = 0; c < names.size(); ++c) {
    Require(again->columns.name(c) == names[c], "another column name");
    for (size_t r = 0; r < columns.rows(); ++r) {
      Require(columns.Cell(r, c) == again->columns.Cell(r, c), "another cell");
    }
  }
}

// Without the first person: the rows of all others, and no other.
void CheckWithoutFirst(const PhenotypeTable& table) {
  if (table.ids.empty()) return;
  const std::string& first = table.ids.front();
  const PhenotypeTable rest = WithoutPeople(table, {first});
  std::vector<std::string> others = table.ids;
  std::erase(others, first);
  Require(rest.ids == others, "other people are left");
  CheckLengths(rest, true);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const auto parts = Parts(data, size, 3);
  folder.Clear();
  PhenotypeOptions options = OptionsOf(parts[0]);
  std::vector<PhenotypeTable> tables;
  for (size_t i = 1; i < parts.size() && (i == 1 || !parts[i].empty()); ++i) {
    options.file = folder.Write(i == 1 ? "1.tsv" : "2.tsv", parts[i]);
    if (auto table = Read(options)) tables.push_back(std::move(*table));
    if (WordOf(parts[0], "both").empty()) options.wave.clear();
  }
  for (const auto& table : tables) {
    CheckLengths(table, !options.id.empty());
    CheckRoundTrip(table, folder);
    CheckWithoutFirst(table);
  }
  if (!tables.empty()) {
    static const auto samples = SampleTable::Build({}, {"1", "F_2", "a_b", "007"}, {}, "samples");
    Accepts([&] { JoinIds(tables[0].ids, *samples, tables[0].file); });
    Accepts([&] { CheckLengths(MergePhenotypes(std::move(tables)), !options.id.empty()); });
  }
  folder.RequireOnlyInputs();
  return 0;
}
