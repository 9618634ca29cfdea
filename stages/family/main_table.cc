#include "stages/family/main_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "pipeline/base/number.h"
#include "stages/family/formula.h"
#include "stages/family/result_text.h"
#include "stages/family/steps.h"

namespace kinflow::family {
namespace {

using Line = std::vector<std::string>;

std::string Fixed(double value) { return std::isnan(value) ? "NA" : fmt::format("{:.4f}", value); }

// The one to show among those that the rows have.
std::string SeType(const Table& estimates, const std::vector<size_t>& rows,
                   const MainTableOptions& options) {
  const auto& all = estimates.StringsOf("se_type");
  for (const auto& wanted : options.se_types) {
    if (std::any_of(rows.begin(), rows.end(), [&](size_t r) { return all[r] == wanted; })) {
      return wanted;
    }
  }
  return all[rows.front()];
}

std::string TruthText(const MainTableOptions& options, const std::string& pgs,
                      const std::string& role) {
  for (const auto& effect : options.truth) {
    if (effect.pgs == pgs && effect.role == role) return Fixed(effect.value);
  }
  return "-";
}

// Analyses with a model of several outcomes; equations of a path model, whose terms name theirs,
// are no such.
std::set<std::string> OfSeveralOutcomes(const Table& estimates) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> outcomes;
  for (size_t r = 0; r < estimates.rows(); ++r) {
    if (estimates.StringsOf("term")[r].find(" ~ ") != std::string::npos) continue;
    if (!IsMemberRole(estimates.StringsOf("role")[r])) continue;
    outcomes[{estimates.StringsOf("analysis_id")[r], estimates.StringsOf("model_id")[r]}].insert(
        estimates.StringsOf("outcome")[r]);
  }
  std::set<std::string> out;
  for (const auto& [model, names] : outcomes) {
    if (names.size() > 1) out.insert(model.first);
  }
  return out;
}

// Rows of score effects and of lags, by analysis, outcome if there are several, and score.
using Groups = std::map<std::pair<std::string, std::string>, std::vector<size_t>>;

Groups GroupRows(const Table& estimates, const MainTableOptions& options,
                 std::vector<Groups::key_type>& order) {
  Groups groups;
  const auto several = OfSeveralOutcomes(estimates);
  for (size_t r = 0; r < estimates.rows(); ++r) {
    const auto& role = estimates.StringsOf("role")[r];
    if (!IsMemberRole(role) && role != "lag") continue;
    const std::string& wave = estimates.StringsOf("wave")[r];
    std::string analysis = estimates.StringsOf("analysis_id")[r];
    if (several.contains(analysis)) analysis += "/" + estimates.StringsOf("outcome")[r];
    const Groups::key_type key{analysis + (wave == "NA" ? "" : "/" + wave),
                               estimates.StringsOf("pgs")[r]};
    if (groups.count(key) == 0) order.push_back(key);
    groups[key].push_back(r);
  }
  for (auto& [key, rows] : groups) {
    const std::string shown = SeType(estimates, rows, options);
    std::erase_if(rows, [&](size_t r) { return estimates.StringsOf("se_type")[r] != shown; });
  }
  return groups;
}

// True if member and model do not tell the rows apart: paths to several outcomes, or lags.
bool NeedTerms(const Table& estimates, const Groups& groups) {
  std::set<std::string> seen;
  for (const auto& [key, rows] : groups) {
    for (const size_t r : rows) {
      const std::string row = key.first + '\n' + key.second + '\n' +
                              estimates.StringsOf("model_id")[r] + '\n' +
                              estimates.StringsOf("role")[r];
      if (!seen.insert(row).second) return true;
    }
  }
  return false;
}

// The rows of the model with most effects; of equals the last. Of variants of a panel model the
// first.
std::vector<size_t> LargestModel(const Table& estimates, const std::vector<size_t>& rows) {
  std::map<std::string, std::vector<size_t>> models;
  std::string best;
  for (const size_t r : rows) models[estimates.StringsOf("model_id")[r]].push_back(r);
  const bool lags = estimates.StringsOf("role")[rows.front()] == "lag";
  if (lags) return models[estimates.StringsOf("model_id")[rows.front()]];
  for (const size_t r : rows) {
    const auto& id = estimates.StringsOf("model_id")[r];
    if (best.empty() || models[id].size() >= models[best].size()) best = id;
  }
  return models[best];
}

/// What stands beside scores in each model: what they are multiplied with, and functions of them.
class Products {
 public:
  explicit Products(const Table& estimates) {
    for (size_t r = 0; r < estimates.rows(); ++r) {
      if (estimates.StringsOf("role")[r] != "interaction") continue;
      const auto names = Parts(estimates.StringsOf("predictor")[r]);
      const auto terms = Parts(estimates.StringsOf("term")[r]);
      if (names.size() == 1) AddFunction(estimates, r);
      if (names.size() != terms.size() || names.size() == 1) continue;
      for (const auto& score : names) {
        auto& at = beside_[KeyOf(estimates, r) + score].at;
        for (size_t i = 0; i < names.size(); ++i) {
          if (names[i] != score) at[names[i]] = PlaceOf(names[i], terms[i]);
        }
      }
    }
  }

  /// "direct at time = 0": beside its products a coefficient is the effect where the others are 0,
  /// and beside powers the slope at 0; beside other functions of the score it is no slope.
  std::string EffectText(const Table& shown, size_t row) const {
    std::string text = shown.StringsOf("effect")[row];
    const auto found = beside_.find(KeyOf(shown, row) + shown.StringsOf("predictor")[row]);
    if (found == beside_.end()) return text;
    const char* before = " at ";
    for (const auto& [name, place] : found->second.at) {
      text += before + place;
      before = ", ";
    }
    for (const auto& function : found->second.functions) text += " beside " + function;
    return text;
  }

 private:
  struct Beside {
    std::map<std::string, std::string> at;
    std::set<std::string> functions;
  };

  /// `term`: the name, behind it the level of a factor or the degree of a polynomial, whose columns
  /// have mean 0.
  static std::string PlaceOf(const std::string& name, const std::string& term) {
    if (name == term) return name + " = 0";
    return (name.starts_with("poly(") ? "mean of " : "reference of ") + name;
  }

  void AddFunction(const Table& estimates, size_t row) {
    const std::string& label = estimates.StringsOf("predictor")[row];
    const size_t open = label.find('(');
    if (open == std::string::npos || !label.ends_with(')')) return;
    // "I(pgs.mother^2)", "poly(pgs.mother, 2)"; names stand as they are, without backquotes.
    std::string score = label.substr(open + 1, label.size() - open - 2);
    const size_t power = label.starts_with("I(") ? score.rfind('^') : std::string::npos;
    score.resize(std::min({score.size(), power, score.find(',')}));
    Beside& beside = beside_[KeyOf(estimates, row) + score];
    if (power != std::string::npos) {
      beside.at[score] = score + " = 0";
    } else {
      beside.functions.insert(label);
    }
  }

  static std::vector<std::string> Parts(const std::string& product) {
    std::vector<std::string> parts(1);
    for (const char c : product) {
      if (c == ':') {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    return parts;
  }

  // Not of a score: a product of two stands in rows of one of them.
  static std::string KeyOf(const Table& estimates, size_t row) {
    std::string key;
    for (const char* column : {"analysis_id", "model_id", "outcome", "wave"}) {
      key += estimates.StringsOf(column)[row] + '\n';
    }
    return key;
  }

  std::map<std::string, Beside> beside_;
};

}  // namespace

std::string MainTable(const Table& estimates, const MainTableOptions& options) {
  std::vector<Groups::key_type> order;
  const Groups groups = GroupRows(estimates, options, order);
  if (order.empty()) {
    if (estimates.rows() == 0 || options.whole != nullptr) return "";
    return estimates.Cell(0, 0) +
           ": no effect of a member's score; all terms are in estimates.tsv\n";
  }
  const std::string level =
      FormatDouble(100 * estimates.DoublesOf("conf_level")[groups.at(order.front()).front()], 6);
  std::set<std::string> errors;
  for (const auto& [key, rows] : groups) {
    errors.insert(estimates.StringsOf("se_type")[rows.front()]);
  }
  const bool truth = !options.truth.empty(), terms = NeedTerms(estimates, groups);
  const Products products(options.whole == nullptr ? estimates : *options.whole);
  std::vector<Line> lines{{"analysis", "score", "member", "effect"}};
  const auto add = [](Line& line, const std::vector<std::string>& cells) {
    line.insert(line.end(), cells.begin(), cells.end());
  };
  if (terms) add(lines[0], {"term"});
  add(lines[0], {"estimate", level + " % CI"});
  if (truth) add(lines[0], {"truth"});
  add(lines[0], {"p", "n"});
  if (errors.size() > 1) add(lines[0], {"errors"});
  for (const auto& key : order) {
    for (const size_t r : LargestModel(estimates, groups.at(key))) {
      const auto& role = estimates.StringsOf("role")[r];
      Line line{key.first, key.second, role, products.EffectText(estimates, r)};
      if (terms) add(line, {estimates.StringsOf("term")[r]});
      add(line, {Fixed(estimates.DoublesOf("estimate")[r]),
                 fmt::format("[{}, {}]", Fixed(estimates.DoublesOf("conf_low")[r]),
                             Fixed(estimates.DoublesOf("conf_high")[r]))});
      if (truth) add(line, {TruthText(options, key.second, role)});
      add(line, {PText(estimates.DoublesOf("p_value")[r], estimates.DoublesOf("neg_log10_p")[r]),
                 fmt::format("{}", estimates.IntsOf("n")[r])});
      if (errors.size() > 1) add(line, {estimates.StringsOf("se_type")[r]});
      lines.push_back(std::move(line));
    }
  }
  std::vector<uint8_t> left(lines[0].size(), 0);
  std::fill_n(left.begin(), terms ? 5 : 4, uint8_t{1});
  const std::string text = Aligned(lines, left);
  return errors.size() > 1 ? text : text + "standard errors: " + *errors.begin() + "\n";
}

}  // namespace kinflow::family
