#include "stages/family/multiple_testing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "pipeline/base/error.h"
#include "stages/family/steps.h"

namespace kinflow::family {
namespace {

double HarmonicSum(size_t m) {
  double sum = 0;
  for (size_t i = 1; i <= m; ++i) sum += 1.0 / static_cast<double>(i);
  return sum;
}

// Factor of the i-th smallest of m p-values (i from 0).
double FactorOf(Adjust method, size_t i, size_t m) {
  const auto rank = static_cast<double>(i + 1), n = static_cast<double>(m);
  switch (method) {
    case Adjust::kBonferroni:
      return n;
    case Adjust::kHolm:
    case Adjust::kHochberg:
      return n - rank + 1;
    case Adjust::kHommel:
      break;  // no factor alone
    case Adjust::kBh:
      return n / rank;
    case Adjust::kBy:
      return HarmonicSum(m) * n / rank;
  }
  return n;
}

// Hommel (1988) by Wright's algorithm (1992), as R's p.adjust; `p` ascending.
std::vector<double> Hommel(const std::vector<double>& p) {
  const size_t n = p.size();
  if (n < 2) return p;
  double least = 1;
  for (size_t i = 0; i < n; ++i) {
    least = std::min(least, static_cast<double>(n) * p[i] / static_cast<double>(i + 1));
  }
  std::vector<double> out(n, least), q(n, least);
  for (size_t m = n - 1; m >= 2; --m) {
    const auto size = static_cast<double>(m);
    const size_t first = n - m + 1;  // of the m - 1 largest
    double bound = std::numeric_limits<double>::infinity();
    for (size_t i = first; i < n; ++i) {
      bound = std::min(bound, size * p[i] / static_cast<double>(i - first + 2));
    }
    for (size_t i = 0; i < first; ++i) q[i] = std::min(size * p[i], bound);
    for (size_t i = first; i < n; ++i) q[i] = q[first - 1];
    for (size_t i = 0; i < n; ++i) out[i] = std::max(out[i], q[i]);
  }
  for (size_t i = 0; i < n; ++i) out[i] = std::min(1.0, std::max(out[i], p[i]));
  return out;
}

std::string FamilyOf(const Table& table, size_t row, const std::vector<std::string>& keys) {
  std::string family;
  for (const auto& key : keys) {
    std::string value = table.Cell(row, static_cast<size_t>(table.Find(key)));
    if (key == "effect" && !IsMemberRole(table.StringsOf("role")[row])) continue;
    if (key == "effect" && value == "indirect") value += "-" + table.StringsOf("role")[row];
    family += (family.empty() ? "" : "/") + value;
  }
  return family.empty() ? "all" : family;
}

// Columns of the estimates table.
constexpr std::array<std::pair<const char*, Adjust>, 6> kColumns{{{"p_bonf", Adjust::kBonferroni},
                                                                  {"p_holm", Adjust::kHolm},
                                                                  {"p_hochberg", Adjust::kHochberg},
                                                                  {"p_hommel", Adjust::kHommel},
                                                                  {"p_bh", Adjust::kBh},
                                                                  {"p_by", Adjust::kBy}}};

using Adjusted = std::map<std::string, Table::Doubles>;  // by column

/// Adjusts the p values of some rows together.
void AdjustTogether(const Table::Doubles& p, const std::vector<size_t>& rows, size_t tests,
                    Adjusted& out) {
  std::vector<double> values;
  for (const size_t r : rows) values.push_back(p[r]);
  for (const auto& [column, method] : kColumns) {
    const auto own = AdjustP(values, method, tests);
    for (size_t i = 0; i < rows.size(); ++i) out[column][rows[i]] = own[i];
  }
}

/// By name of analyses adjusted together: one of them that has no row.
std::map<std::string, std::string> LackingMembers(
    const Table::Strings& analysis, const std::map<std::string, AcrossAnalyses>& across) {
  const std::set<std::string> there(analysis.begin(), analysis.end());
  std::map<std::string, std::string> lacking;
  for (const auto& [id, own] : across) {
    if (!there.contains(id)) lacking.emplace(own.name, id);
  }
  return lacking;
}

/// The table with other values in columns that it has.
Table Replaced(const Table& table, const Adjusted& adjusted, const Table::Strings& family) {
  Table out;
  for (size_t c = 0; c < table.columns(); ++c) {
    const auto& name = table.name(c);
    if (const auto own = adjusted.find(name); own != adjusted.end()) {
      out.Add(name, own->second);
    } else {
      out.Add(name, name == "family" ? Table::Column(family) : table.column(c));
    }
  }
  return out;
}

}  // namespace

std::vector<double> AdjustP(const std::vector<double>& p, Adjust method, size_t tests) {
  std::vector<size_t> order;
  for (size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> out(p.size(), std::numeric_limits<double>::quiet_NaN());
  if (tests > 0 && tests < order.size()) {
    throw Error(ErrorId::kConfigReference, "a family has more tests than are said to be")
        .Field("family_tests")
        .Value(std::to_string(tests))
        .Remedy("it has " + std::to_string(order.size()) + ": raise the number, or leave it out");
  }
  const size_t known = order.size(), m = tests > 0 ? tests : known;
  if (method == Adjust::kHommel) {
    std::vector<double> sorted;
    for (const size_t i : order) sorted.push_back(p[i]);
    sorted.resize(m, 1.0);
    const auto adjusted = Hommel(sorted);
    for (size_t s = 0; s < known; ++s) out[order[s]] = adjusted[s];
    return out;
  }
  const bool step_down = method == Adjust::kHolm;
  double bound = step_down ? 0 : 1;
  for (size_t s = 0; s < known; ++s) {
    const size_t i = step_down ? s : known - 1 - s;
    const double value = std::min(1.0, FactorOf(method, i, m) * p[order[i]]);
    if (method == Adjust::kBonferroni) {
      bound = value;
    } else {
      bound = step_down ? std::max(bound, value) : std::min(bound, value);
    }
    out[order[i]] = bound;
  }
  return out;
}

Table WithAdjustedP(const Table& estimates, const std::vector<std::string>& keys,
                    const std::vector<std::string>& model_ids,
                    const std::map<std::string, double>& effective, size_t tests,
                    const std::vector<std::string>& terms) {
  for (const auto& key : keys) {
    if (estimates.Find(key) >= 0) continue;
    throw Error(ErrorId::kConfigReference, "tests cannot be grouped by this name")
        .Field("family")
        .Value(key)
        .Remedy("name columns of the estimates table, for example effect, pgs, outcome");
  }
  const auto& role = estimates.StringsOf("role");
  const auto& model = estimates.StringsOf("model_id");
  const auto is_test = [&](size_t r) {
    if (terms.empty()) return IsMemberRole(role[r]);
    return std::find(terms.begin(), terms.end(), estimates.StringsOf("predictor")[r]) !=
           terms.end();
  };
  const auto& p = estimates.DoublesOf("p_value");
  const size_t n = estimates.rows();
  const Table::Doubles missing(n, std::numeric_limits<double>::quiet_NaN());
  Adjusted adjusted{{"p_meff", missing}};
  for (const auto& column : kColumns) adjusted[column.first] = missing;
  Table::Strings family(n, "NA");
  std::map<std::string, std::vector<size_t>> groups;
  for (size_t r = 0; r < n; ++r) {
    if (!is_test(r)) continue;
    if (std::find(model_ids.begin(), model_ids.end(), model[r]) == model_ids.end()) continue;
    family[r] = FamilyOf(estimates, r, keys);
    groups[estimates.StringsOf("se_type")[r] + '\n' + model[r] + '\n' + family[r]].push_back(r);
  }
  for (const auto& [name, rows] : groups) {
    AdjustTogether(p, rows, tests, adjusted);
    const auto known = static_cast<double>(
        std::count_if(rows.begin(), rows.end(), [&p](size_t r) { return !std::isnan(p[r]); }));
    const double all = tests > 0 ? static_cast<double>(tests) : known;
    for (const size_t r : rows) {
      const auto share = effective.find(role[r]);
      if (share == effective.end() || std::isnan(p[r])) continue;
      adjusted["p_meff"][r] = std::min(1.0, p[r] * std::max(1.0, all * share->second));
    }
  }
  return Replaced(estimates, adjusted, family);
}

Table AdjustedAcross(const Table& estimates, const std::map<std::string, AcrossAnalyses>& across,
                     std::vector<std::string>& warnings) {
  if (across.empty() || estimates.rows() == 0) return estimates;
  const auto& analysis = estimates.StringsOf("analysis_id");
  const auto& family = estimates.StringsOf("family");
  Adjusted adjusted{{"p_meff", estimates.DoublesOf("p_meff")}};
  for (const auto& column : kColumns) adjusted[column.first] = estimates.DoublesOf(column.first);
  std::map<std::string, std::pair<size_t, std::vector<size_t>>> groups;  // tests, rows
  for (size_t r = 0; r < estimates.rows(); ++r) {
    const auto own = across.find(analysis[r]);
    if (own == across.end() || family[r] == "NA") continue;
    auto& [tests, rows] = groups[own->second.name + '\n' + estimates.StringsOf("se_type")[r] +
                                 '\n' + estimates.StringsOf("model_id")[r] + '\n' + family[r]];
    tests = own->second.tests;
    rows.push_back(r);
    adjusted["p_meff"][r] = std::numeric_limits<double>::quiet_NaN();
  }
  const std::map<std::string, std::string> lacking = LackingMembers(analysis, across);
  std::set<std::string> told;
  for (const auto& [key, group] : groups) {
    const auto& [tests, rows] = group;
    const std::string name = key.substr(0, key.find('\n'));
    std::string fault;
    if (tests > 0 && tests < rows.size()) {
      fault = fmt::format("family_tests says {} tests, there are {}", tests, rows.size());
    } else if (const auto none = lacking.find(name); tests == 0 && none != lacking.end()) {
      fault = fmt::format("{} has no estimates and family_tests is not told", none->second);
    }
    if (fault.empty()) {
      AdjustTogether(estimates.DoublesOf("p_value"), rows, tests, adjusted);
      continue;
    }
    for (const auto& column : kColumns) {
      for (const size_t r : rows) {
        adjusted[column.first][r] = std::numeric_limits<double>::quiet_NaN();
      }
    }
    if (told.insert(name + fault).second) {
      warnings.push_back(fmt::format("family_across {}: no adjusted p values: {}", name, fault));
    }
  }
  return Replaced(estimates, adjusted, family);
}

}  // namespace kinflow::family
