#include "stages/family/multiple_testing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
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
    case Adjust::kBh:
      return n / rank;
    case Adjust::kBy:
      return HarmonicSum(m) * n / rank;
  }
  return n;
}

std::string FamilyOf(const Table& table, size_t row, const std::vector<std::string>& keys) {
  std::string family;
  for (const auto& key : keys) {
    std::string value = table.Cell(row, static_cast<size_t>(table.Find(key)));
    if (key == "effect" && value == "indirect") value += "-" + table.StringsOf("role")[row];
    family += (family.empty() ? "" : "/") + value;
  }
  return family.empty() ? "all" : family;
}

}  // namespace

std::vector<double> AdjustP(const std::vector<double>& p, Adjust method) {
  std::vector<size_t> order;
  for (size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> out(p.size(), std::numeric_limits<double>::quiet_NaN());
  const size_t m = order.size();
  const bool step_down = method == Adjust::kHolm;
  double bound = step_down ? 0 : 1;
  for (size_t s = 0; s < m; ++s) {
    const size_t i = step_down ? s : m - 1 - s;
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
                    const std::vector<std::string>& model_ids) {
  for (const auto& key : keys) {
    if (estimates.Find(key) >= 0) continue;
    throw Error(ErrorId::kConfigReference, "tests cannot be grouped by this name")
        .Field("family")
        .Value(key)
        .Remedy("name columns of the estimates table, for example effect, pgs, outcome");
  }
  const auto& role = estimates.StringsOf("role");
  const auto& model = estimates.StringsOf("model_id");
  const auto& p = estimates.DoublesOf("p_value");
  const size_t n = estimates.rows();
  Table::Doubles bh(n, std::numeric_limits<double>::quiet_NaN()), bonf = bh;
  Table::Strings family(n, "NA");
  std::map<std::string, std::vector<size_t>> groups;
  for (size_t r = 0; r < n; ++r) {
    if (!IsMemberRole(role[r])) continue;
    if (std::find(model_ids.begin(), model_ids.end(), model[r]) == model_ids.end()) continue;
    family[r] = FamilyOf(estimates, r, keys);
    groups[estimates.StringsOf("se_type")[r] + '\n' + model[r] + '\n' + family[r]].push_back(r);
  }
  for (const auto& [name, rows] : groups) {
    std::vector<double> values;
    for (const size_t r : rows) values.push_back(p[r]);
    const auto by_bh = AdjustP(values, Adjust::kBh), by_bonf = AdjustP(values, Adjust::kBonferroni);
    for (size_t i = 0; i < rows.size(); ++i) {
      bh[rows[i]] = by_bh[i];
      bonf[rows[i]] = by_bonf[i];
    }
  }
  Table out;
  for (size_t c = 0; c < estimates.columns(); ++c) {
    const auto& column_name = estimates.name(c);
    if (column_name == "p_bh") {
      out.Add(column_name, bh);
    } else if (column_name == "p_bonf") {
      out.Add(column_name, bonf);
    } else if (column_name == "family") {
      out.Add(column_name, family);
    } else {
      out.Add(column_name, estimates.column(c));
    }
  }
  return out;
}

}  // namespace kinflow::family
