#include "stages/report/analysis_disclosure.h"

#include <map>
#include <vector>

#include "stages/report/disclosure.h"

namespace kinflow {
namespace {

bool IsSmall(int64_t n, int64_t small) { return n != Table::kMissingInt && n > 0 && n < small; }

// Without the score, which tables name in different ways: what is hidden for one, is for all.
std::string ModelOf(const Table& table, size_t r) {
  const std::string model = table.Find("model_id") < 0 ? "full" : "model_id";
  std::string key;
  for (const auto& name : {std::string("analysis_id"), model, std::string("outcome")}) {
    const int64_t c = table.Find(name);
    key += (c < 0 ? "" : table.Cell(r, static_cast<size_t>(c))) + '\t';
  }
  return key;
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
    if (IsSmall(cases->second, small) || IsSmall(counts["n_used"] - cases->second, small)) {
      models.insert(ModelOf(rows, members.front()));
    }
  }
  return models;
}

// Levels of one model's groups that are hidden, among rows `members` of the table.
std::set<std::string> HiddenLevels(const Table& groups, const std::vector<size_t>& members,
                                   int64_t small) {
  const auto &n = groups.IntsOf("n"), &rarer = groups.IntsOf("n_level");
  const auto& level = groups.StringsOf("group");
  std::set<std::string> hidden;
  size_t next = groups.rows();
  for (const size_t r : members) {
    if (IsSmall(n[r], small) || IsSmall(rarer[r], small)) {
      hidden.insert(level[r]);
    } else if (next == groups.rows() || n[r] < n[next]) {
      next = r;
    }
  }
  if (!hidden.empty() && next < groups.rows()) hidden.insert(level[next]);
  return hidden;
}

Table Without(const Table& table, const std::vector<bool>& hidden) {
  Table kept;
  for (size_t c = 0; c < table.columns(); ++c) {
    kept.Add(table.name(c), std::visit(
                                [&](const auto& rows) -> Table::Column {
                                  std::decay_t<decltype(rows)> out;
                                  for (size_t r = 0; r < rows.size(); ++r) {
                                    if (!hidden[r]) out.push_back(rows[r]);
                                  }
                                  return out;
                                },
                                table.column(c)));
  }
  return kept;
}

}  // namespace

AnalysisDisclosure::AnalysisDisclosure(const Table& rows, const Table& groups, int64_t small)
    : small_(small), models_(FewCases(rows, small)) {
  for (const auto& [key, at] : RowsByModel(groups)) {
    const std::string model = ModelOf(groups, at.front());
    for (const auto& level : HiddenLevels(groups, at, small)) {
      levels_.insert(model + level);
      for (const size_t r : at) {
        const std::string& other = groups.StringsOf("group")[r];
        pairs_.insert(model + level + " - " + other);
        pairs_.insert(model + other + " - " + level);
      }
    }
  }
}

Table AnalysisDisclosure::Shared(const std::string& name, const Table& table) const {
  std::vector<bool> hidden(table.rows(), false);
  for (size_t r = 0; r < table.rows(); ++r) {
    const std::string model = ModelOf(table, r);
    const bool tells = name != "rows" || table.StringsOf("quantity")[r] == "n_cases";
    hidden[r] = (tells && models_.contains(model)) ||
                (name == "groups" && levels_.contains(model + table.StringsOf("group")[r])) ||
                (name == "contrasts" && pairs_.contains(model + table.StringsOf("contrast")[r]));
  }
  return SuppressSmallModels(Without(table, hidden), small_);
}

}  // namespace kinflow
