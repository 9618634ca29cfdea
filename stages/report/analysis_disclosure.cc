#include "stages/report/analysis_disclosure.h"

#include <algorithm>
#include <map>
#include <vector>

#include "stages/report/coarse_numbers.h"
#include "stages/report/disclosure.h"
#include "stages/report/row_keys.h"
#include "stages/report/rows_of_table.h"
#include "stages/report/small_count.h"
#include "stages/report/table_one_disclosure.h"

namespace kinflow {
namespace {

// As ModelOf, and without the outcome: equations of one model have their own.
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
    std::map<std::string, std::map<std::string, int64_t>> waves;
    for (const size_t r : members) {
      waves[CellOf(rows, r, "wave")][rows.StringsOf("quantity")[r]] = rows.IntsOf("count")[r];
    }
    for (auto& [wave, counts] : waves) {
      const auto cases = counts.find("n_cases");
      if (cases == counts.end()) continue;
      if (IsSmall(cases->second, small) || IsSmall(counts["n_used"] - cases->second, small) ||
          IsSmall(counts["n_people_cases"], small) || IsSmall(counts["n_people_others"], small)) {
        models.insert(ModelOf(rows, members.front()));
      }
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

// Levels of one model's groups that are hidden, among rows `members` of the table.
std::set<std::string> HiddenLevels(const Table& table, const std::vector<size_t>& members,
                                   int64_t small) {
  const auto& n = table.IntsOf("n");
  const auto& rarer = table.IntsOf("n_level");
  const auto& names = table.StringsOf("group");
  std::set<std::string> hidden;
  for (const size_t r : members) {
    if (IsSmall(n[r], small) || IsSmall(rarer[r], small)) hidden.insert(names[r]);
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

/// A model with the numbers of its rows and people.
struct Sample {
  std::string model;
  std::map<std::string, int64_t> counts;
};

bool DifferByFew(const Sample& a, const Sample& b, int64_t small) {
  for (const auto& [quantity, n] : a.counts) {
    const auto other = b.counts.find(quantity);
    if (other == b.counts.end()) continue;
    if (IsSmall(std::max(n, other->second) - std::min(n, other->second), small)) return true;
  }
  return false;
}

// The full model is the last one, and stays.
std::set<std::string> CloseToLaterSteps(const Table& rows, int64_t small) {
  std::map<std::string, std::vector<Sample>> analyses;  // by outcome, wave and score
  for (size_t r = 0; r < rows.rows(); ++r) {
    const std::string& quantity = rows.StringsOf("quantity")[r];
    if (quantity != "n_used" && quantity != "n_people" && quantity != "n_mothers") continue;
    std::string key;
    for (const char* name : {"analysis_id", "outcome", "wave", "pgs"}) {
      key += CellOf(rows, r, name) + '\t';
    }
    auto& samples = analyses[key];
    const std::string model = ModelOf(rows, r);
    if (samples.empty() || samples.back().model != model) samples.push_back({model, {}});
    samples.back().counts[quantity] = rows.IntsOf("count")[r];
  }
  std::set<std::string> close;
  for (const auto& [key, samples] : analyses) {
    std::vector<const Sample*> shown;
    for (size_t i = samples.size(); i-- > 0;) {
      const Sample& sample = samples[i];
      if (std::any_of(shown.begin(), shown.end(),
                      [&](const Sample* s) { return DifferByFew(sample, *s, small); })) {
        close.insert(sample.model);
      } else {
        shown.push_back(&sample);
      }
    }
  }
  return close;
}

std::set<std::string> WithFewOfALevel(const Table& estimates, int64_t small) {
  std::set<std::string> models;
  if (estimates.rows() == 0) return models;
  const auto& people = estimates.IntsOf("n_level");
  for (size_t r = 0; r < people.size(); ++r) {
    if (IsSmall(people[r], small)) models.insert(ModelOf(estimates, r));
  }
  return models;
}

}  // namespace

AnalysisDisclosure::AnalysisDisclosure(const Table& rows, const Table& groups, const Table& areas,
                                       const Table& estimates, int64_t small)
    : small_(small),
      few_(FewPeople(rows, small)),
      models_(FewCases(rows, small)),
      close_(CloseToLaterSteps(rows, small)),
      partial_(WithFewOfALevel(estimates, small)),
      hiding_(HidingAccounts(rows, "n_dropped", small)),
      waveless_(HidingAccounts(rows, "n_without_wave", small)),
      areas_(areas, small) {
  for (const auto& [key, at] : RowsByModel(groups)) {
    const std::string model = ModelOf(groups, at.front());
    for (const auto& level : HiddenLevels(groups, at, small)) {
      levels_.insert(model + level);
      with_hidden_.insert(model);
      for (const size_t r : at) {
        const std::string& other = groups.StringsOf("group")[r];
        pairs_.insert(model + level + " - " + other);
        pairs_.insert(model + other + " - " + level);
      }
    }
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

/// Column `n_level` without what tells of a level that is hidden; `models`: those that have one.
Table WithoutTellingLevels(const Table& table, const std::set<std::string>& models, int64_t small) {
  if (table.Find("n_level") < 0) return table;
  const bool counts = table.Find("n") >= 0;
  Table out;
  for (size_t c = 0; c < table.columns(); ++c) {
    Table::Column column = table.column(c);
    if (table.name(c) == "n_level") {
      auto& people = std::get<Table::Ints>(column);
      for (size_t r = 0; r < people.size(); ++r) {
        if (people[r] == Table::kMissingInt || IsSmall(people[r], small)) continue;
        const bool others = counts && IsSmall(table.IntsOf("n")[r] - people[r], small);
        if (others || models.contains(ModelOf(table, r))) people[r] = Table::kMissingInt;
      }
    }
    out.Add(table.name(c), std::move(column));
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
    hidden[r] = (tells && models_.contains(model)) || close_.contains(model) ||
                (name != "rows" && IsOfFew(table, r)) ||
                (name == "areas" && areas_.Hides(table, r)) ||
                (name == "groups" && levels_.contains(model + table.StringsOf("group")[r])) ||
                (name == "comparisons" && with_hidden_.contains(model) &&
                 TestsCounts(table.StringsOf("test")[r])) ||
                (name == "contrasts" && TellsHidden(model, table.StringsOf("contrast")[r]));
  }
  const Table shown = WithoutTellingLevels(WithoutRows(table, hidden), partial_, small_);
  if (name == "scaling") return WithCoarseCounts(SuppressSmallModels(shown, small_), small_);
  return SuppressSmallModels(name == "areas" ? areas_.WithoutTellingMeasures(shown) : shown,
                             small_);
}

}  // namespace kinflow
