#include "stages/report/analysis_disclosure.h"

#include <limits>
#include <map>
#include <vector>

#include "stages/report/coarse_numbers.h"
#include "stages/report/disclosure.h"
#include "stages/report/rows_of_table.h"
#include "stages/report/small_count.h"
#include "stages/report/table_one_disclosure.h"

namespace kinflow {
namespace {

std::string CellOf(const Table& table, size_t r, const char* name) {
  const int64_t c = table.Find(name);
  return c < 0 ? "" : table.Cell(r, static_cast<size_t>(c));
}

// Without the score, which tables name in different ways: what is hidden for one, is for all.
std::string ModelOf(const Table& table, size_t r) {
  const char* model = table.Find("model_id") < 0 ? "full" : "model_id";
  std::string key;
  for (const char* name : {"analysis_id", model, "outcome"}) key += CellOf(table, r, name) + '\t';
  return key;
}

// Likewise, and without the outcome: equations of one model have their own.
std::string ModelAt(const Table& table, size_t r, const std::string& wave) {
  const char* model = table.Find("model_id") < 0 ? "full" : "model_id";
  return CellOf(table, r, "analysis_id") + '\t' + CellOf(table, r, model) + '\t' + wave;
}

constexpr const char* kNoWave = "NA";     // models of all rows
constexpr const char* kAllWaves = "all";  // what is of several models, each of a wave

std::set<std::string> FewPeople(const Table& rows, int64_t small) {
  std::set<std::string> models;
  for (size_t r = 0; r < rows.rows(); ++r) {
    if (rows.StringsOf("quantity")[r] != "n_people") continue;
    if (!IsSmall(rows.IntsOf("count")[r], small)) continue;
    const std::string wave = CellOf(rows, r, "wave");
    models.insert(ModelAt(rows, r, wave));
    if (wave != kNoWave) models.insert(ModelAt(rows, r, kAllWaves));
  }
  return models;
}

/// Rows of the table by analysis, model, outcome and score.
std::map<std::string, std::vector<size_t>> RowsByModel(const Table& table) {
  std::map<std::string, std::vector<size_t>> out;
  for (size_t r = 0; r < table.rows(); ++r) {
    out[ModelOf(table, r) + table.StringsOf("pgs")[r]].push_back(r);
  }
  return out;
}

std::set<std::string> FewCases(const Table& rows, int64_t small) {
  std::set<std::string> models;
  for (const auto& [key, members] : RowsByModel(rows)) {
    std::map<std::string, int64_t> counts;
    for (const size_t r : members) {
      counts[rows.StringsOf("quantity")[r]] = rows.IntsOf("count")[r];
    }
    const auto cases = counts.find("n_cases");
    if (cases == counts.end()) continue;
    if (IsSmall(cases->second, small) || IsSmall(counts["n_used"] - cases->second, small) ||
        IsSmall(counts["n_people_cases"], small) || IsSmall(counts["n_people_others"], small)) {
      models.insert(ModelOf(rows, members.front()));
    }
  }
  return models;
}

// Analyses whose row account hides a number: "n_dropped", of rows left out for some reason;
// "n_without_wave", of children who have no rows.
std::set<std::string> HidingAccounts(const Table& rows, const std::string& quantity,
                                     int64_t small) {
  std::set<std::string> analyses;
  for (size_t r = 0; r < rows.rows(); ++r) {
    if (rows.StringsOf("quantity")[r] != quantity) continue;
    if (IsSmall(rows.IntsOf("count")[r], small)) {
      analyses.insert(rows.StringsOf("analysis_id")[r]);
    }
  }
  return analyses;
}

// Levels of one model's groups or areas that are hidden, among rows `members` of the table;
// `level`: its column of their names.
std::set<std::string> HiddenLevels(const Table& table, const char* level,
                                   const std::vector<size_t>& members, int64_t small) {
  const auto& n = table.IntsOf("n");
  const auto& names = table.StringsOf(level);
  const bool has_rarer = table.Find("n_level") >= 0;
  std::set<std::string> hidden;
  for (const size_t r : members) {
    if (IsSmall(n[r], small) || (has_rarer && IsSmall(table.IntsOf("n_level")[r], small))) {
      hidden.insert(names[r]);
    }
  }
  size_t next = table.rows();  // of another level: a hidden one may be larger at other waves
  for (const size_t r : members) {
    if (hidden.contains(names[r]) || n[r] == 0) continue;  // nobody hides nobody
    if (next == table.rows() || n[r] < n[next]) next = r;
  }
  if (!hidden.empty() && next < table.rows()) hidden.insert(names[next]);
  return hidden;
}

// Tests that follow from the counts of all groups, or, like the analysis of variance, have a number
// of people of their own: with the groups shown they give those of a hidden one.
bool TestsCounts(const std::string& test) {
  for (const char* name : {"Pearson", "G2", "Fisher", "McNemar", "F-ANOVA"}) {
    if (test.starts_with(name)) return true;
  }
  return false;
}

// The areas table without local measures beside a small area, nor the sizes of neighbours.
Table WithoutTellingMeasures(const Table& areas, int64_t small) {
  const auto& rarest = areas.IntsOf("n_neighbour");
  Table out;
  for (size_t c = 0; c < areas.columns(); ++c) {
    if (areas.name(c) == "n_neighbour") continue;
    Table::Column column = areas.column(c);
    for (const char* name : {"local_i", "z", "p_value", "neg_log10_p", "p_bh"}) {
      if (areas.name(c) != name) continue;
      auto& values = std::get<Table::Doubles>(column);
      for (size_t r = 0; r < values.size(); ++r) {
        if (IsSmall(rarest[r], small)) values[r] = std::numeric_limits<double>::quiet_NaN();
      }
    }
    out.Add(areas.name(c), std::move(column));
  }
  return out;
}

}  // namespace

AnalysisDisclosure::AnalysisDisclosure(const Table& rows, const Table& groups, const Table& areas,
                                       int64_t small)
    : small_(small),
      few_(FewPeople(rows, small)),
      models_(FewCases(rows, small)),
      hiding_(HidingAccounts(rows, "n_dropped", small)),
      waveless_(HidingAccounts(rows, "n_without_wave", small)) {
  for (const auto& [key, at] : RowsByModel(groups)) {
    const std::string model = ModelOf(groups, at.front());
    for (const auto& level : HiddenLevels(groups, "group", at, small)) {
      levels_.insert(model + level);
      with_hidden_.insert(model);
      for (const size_t r : at) {
        const std::string& other = groups.StringsOf("group")[r];
        pairs_.insert(model + level + " - " + other);
        pairs_.insert(model + other + " - " + level);
      }
    }
  }
  for (const auto& [key, at] : RowsByModel(areas)) {
    const std::string model = ModelOf(areas, at.front());
    for (const auto& area : HiddenLevels(areas, "area", at, small)) areas_.insert(model + area);
  }
}

// A table of one model, or of the waves of one.
bool AnalysisDisclosure::IsOfFew(const Table& table, size_t row) const {
  return few_.contains(ModelAt(table, row, kNoWave)) ||
         few_.contains(ModelAt(table, row, CellOf(table, row, "wave")));
}

// "b - a" and "b - a: later - earlier", "b" and "b: later - earlier".
bool AnalysisDisclosure::TellsHidden(const std::string& model, const std::string& contrast) const {
  for (const auto& who : {contrast, contrast.substr(0, contrast.find(": "))}) {
    if (pairs_.contains(model + who) || levels_.contains(model + who)) return true;
  }
  return false;
}

namespace {

/// Column `n` to the nearest multiple of `small`, under a name that says so.
Table WithCoarseCounts(const Table& table, int64_t small) {
  Table out;
  for (size_t c = 0; c < table.columns(); ++c) {
    Table::Column column = table.column(c);
    const bool counts = table.name(c) == "n";
    if (counts) {
      for (int64_t& n : std::get<Table::Ints>(column)) n = NearestMultiple(n, small);
    }
    out.Add(counts ? "n_about" : table.name(c), std::move(column));
  }
  return out;
}

}  // namespace

Table AnalysisDisclosure::Shared(const std::string& name, const Table& table) const {
  if (name == "table1") return SuppressTableOne(table, {hiding_, waveless_}, small_);
  std::vector<bool> hidden(table.rows(), false);
  for (size_t r = 0; r < table.rows(); ++r) {
    const std::string model = ModelOf(table, r);
    const bool tells = name != "rows" || table.StringsOf("quantity")[r] == "n_cases" ||
                       table.StringsOf("quantity")[r].starts_with("n_people_");
    hidden[r] = (tells && models_.contains(model)) || (name != "rows" && IsOfFew(table, r)) ||
                (name == "areas" && areas_.contains(model + table.StringsOf("area")[r])) ||
                (name == "groups" && levels_.contains(model + table.StringsOf("group")[r])) ||
                (name == "comparisons" && with_hidden_.contains(model) &&
                 TestsCounts(table.StringsOf("test")[r])) ||
                (name == "contrasts" && TellsHidden(model, table.StringsOf("contrast")[r]));
  }
  const Table shown = WithoutRows(table, hidden);
  if (name == "scaling") return WithCoarseCounts(SuppressSmallModels(shown, small_), small_);
  return SuppressSmallModels(name == "areas" ? WithoutTellingMeasures(shown, small_) : shown,
                             small_);
}

}  // namespace kinflow
