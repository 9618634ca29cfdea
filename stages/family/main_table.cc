#include "stages/family/main_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "pipeline/base/number.h"
#include "stages/family/steps.h"

namespace kinflow::family {
namespace {

struct Line {
  std::vector<std::string> cells;
};

std::string Fixed(double value) { return std::isnan(value) ? "NA" : fmt::format("{:.4f}", value); }

std::string PText(double p, double neg_log10) {
  if (std::isnan(p)) return "NA";
  if (p >= 0.001) return fmt::format("{:.3f}", p);
  const double exponent = std::floor(-neg_log10);
  const double mantissa = std::pow(10.0, -neg_log10 - exponent);
  return mantissa >= 9.95 ? fmt::format("1.0e{:+03.0f}", exponent + 1)
                          : fmt::format("{:.1f}e{:+03.0f}", mantissa, exponent);
}

std::string SeType(const Table& estimates, const MainTableOptions& options) {
  const auto& all = estimates.StringsOf("se_type");
  for (const auto& wanted : options.se_types) {
    if (std::find(all.begin(), all.end(), wanted) != all.end()) return wanted;
  }
  return all.empty() ? "" : all.front();
}

std::string TruthText(const MainTableOptions& options, const std::string& pgs,
                      const std::string& role) {
  for (const auto& effect : options.truth) {
    if (effect.pgs == pgs && effect.role == role) return Fixed(effect.value);
  }
  return "-";
}

// Rows of score effects of one SE type, by analysis and score.
using Groups = std::map<std::pair<std::string, std::string>, std::vector<size_t>>;

Groups GroupRows(const Table& estimates, const std::string& se_type,
                 std::vector<Groups::key_type>& order) {
  Groups groups;
  for (size_t r = 0; r < estimates.rows(); ++r) {
    if (estimates.StringsOf("se_type")[r] != se_type) continue;
    if (!IsMemberRole(estimates.StringsOf("role")[r])) continue;
    const Groups::key_type key{estimates.StringsOf("analysis_id")[r],
                               estimates.StringsOf("pgs")[r]};
    if (groups.count(key) == 0) order.push_back(key);
    groups[key].push_back(r);
  }
  return groups;
}

// The rows of the model with most member effects; of equals the last.
std::vector<size_t> LargestModel(const Table& estimates, const std::vector<size_t>& rows) {
  std::map<std::string, std::vector<size_t>> models;
  std::string best;
  for (const size_t r : rows) models[estimates.StringsOf("model_id")[r]].push_back(r);
  for (const size_t r : rows) {
    const auto& id = estimates.StringsOf("model_id")[r];
    if (best.empty() || models[id].size() >= models[best].size()) best = id;
  }
  return models[best];
}

std::string Aligned(const std::vector<Line>& lines, size_t text_columns) {
  std::vector<size_t> width(lines.front().cells.size(), 0);
  for (const auto& line : lines) {
    for (size_t c = 0; c < width.size(); ++c) width[c] = std::max(width[c], line.cells[c].size());
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (size_t c = 0; c < width.size(); ++c) {
      text += c == 0 ? "" : "  ";
      text += c < text_columns ? fmt::format("{:<{}}", line.cells[c], width[c])
                               : fmt::format("{:>{}}", line.cells[c], width[c]);
    }
    out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

}  // namespace

std::string MainTable(const Table& estimates, const MainTableOptions& options) {
  const std::string se_type = SeType(estimates, options);
  std::vector<Groups::key_type> order;
  const Groups groups = GroupRows(estimates, se_type, order);
  if (order.empty()) {
    if (estimates.rows() == 0) return "";
    return estimates.Cell(0, 0) +
           ": no effect of a member's score; all terms are in estimates.tsv\n";
  }
  const std::string level =
      FormatDouble(100 * estimates.DoublesOf("conf_level")[groups.at(order.front()).front()], 6);
  const bool truth = !options.truth.empty();
  std::vector<Line> lines{
      {{"analysis", "score", "member", "effect", "estimate", level + " % CI", "p", "n"}}};
  if (truth) lines[0].cells.insert(lines[0].cells.begin() + 6, "truth");
  for (const auto& key : order) {
    for (const size_t r : LargestModel(estimates, groups.at(key))) {
      const auto& role = estimates.StringsOf("role")[r];
      Line line{{key.first, key.second, role, estimates.StringsOf("effect")[r],
                 Fixed(estimates.DoublesOf("estimate")[r]),
                 fmt::format("[{}, {}]", Fixed(estimates.DoublesOf("conf_low")[r]),
                             Fixed(estimates.DoublesOf("conf_high")[r])),
                 PText(estimates.DoublesOf("p_value")[r], estimates.DoublesOf("neg_log10_p")[r]),
                 fmt::format("{}", estimates.IntsOf("n")[r])}};
      if (truth) {
        line.cells.insert(line.cells.begin() + 6, TruthText(options, key.second, role));
      }
      lines.push_back(std::move(line));
    }
  }
  return Aligned(lines, 4) + "standard errors: " + se_type + "\n";
}

}  // namespace kinflow::family
