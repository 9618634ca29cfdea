#include "stages/formats/scale_score.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>

#include "pipeline/base/error.h"
#include "pipeline/base/nan.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

const Table::Doubles& ItemOf(const ScaleRule& rule, const std::string& item, const Table& columns,
                             const std::string& file) {
  const int64_t at = columns.Find(item);
  if (at < 0) {
    std::vector<std::string> names;
    for (size_t c = 0; c < columns.columns(); ++c) names.push_back(columns.name(c));
    const std::string near = NearestWord(item, names);
    throw Error(ErrorId::kConfigReference,
                fmt::format("scale {} names an item that the table lacks", rule.name))
        .InFile(file)
        .Field("phenotypes[].scales." + rule.name + ".items")
        .Value(item)
        .Remedy(near.empty() ? "check the header of the table" : "did you mean " + near + "?");
  }
  const auto* numbers = std::get_if<Table::Doubles>(&columns.column(static_cast<size_t>(at)));
  if (numbers == nullptr) {
    throw Error(
        ErrorId::kMalformed,
        fmt::format("item {} of scale {} holds values that are no numbers", item, rule.name))
        .InFile(file)
        .Field(item)
        .Remedy("code answers as numbers; list codes of missing ones under phenotypes[].missing");
  }
  return *numbers;
}

void Standardise(const ScaleRule& rule, const std::vector<size_t>& rows, const std::string& file,
                 Table::Doubles& scores) {
  double sum = 0, n = 0;
  for (const size_t r : rows) {
    if (std::isnan(scores[r])) continue;
    sum += scores[r];
    ++n;
  }
  if (n == 0) return;
  const double mean = sum / n;
  double squares = 0;
  for (const size_t r : rows) {
    if (!std::isnan(scores[r])) squares += (scores[r] - mean) * (scores[r] - mean);
  }
  if (!(squares > 0)) {
    throw Error(ErrorId::kMalformed,
                fmt::format("scale {} has the same score in all {} rows that are standardised "
                            "together",
                            rule.name, n))
        .InFile(file)
        .Field("phenotypes[].scales." + rule.name)
        .Remedy("use scale: sum or mean, or check the items' coding");
  }
  const double sd = std::sqrt(squares / (n - 1));
  for (const size_t r : rows) scores[r] = (scores[r] - mean) / sd;
}

}  // namespace

SchemaNode ScalesSchema() {
  using namespace schema;
  return FreeMap(
      "scales", "questionnaire scores from items, by name of the new column",
      Map("", "one scale",
          {TextList("items", "columns of the answers"),
           Choice("rule", "half: at least half of the items answered; complete: all of them",
                  {"half", "complete"})
               .Default("half"),
           Number("min_answered", "share of items that must be answered, instead of the rule's")
               .Within(0, 1)
               .Nullable(),
           Choice("scale",
                  "sum, if items are missing mean of the others x number of items, rounded half to "
                  "even; mean; the sum standardised by wave or over all rows",
                  {"sum", "mean", "zwave", "zpool"})
               .Default("sum")}));
}

std::vector<ScaleRule> ScaleRulesFrom(const ConfigNode& scales) {
  std::vector<ScaleRule> out;
  for (const auto& [name, node] : scales.members()) {
    ScaleRule rule;
    rule.name = name;
    rule.items = node.TextList("items");
    rule.min_answered = node.Text("rule") == "complete" ? 1 : 0.5;
    if (node.Has("min_answered")) rule.min_answered = node.Number("min_answered");
    const std::string form = node.Text("scale");
    rule.form = form == "mean"    ? ScaleRule::kMean
                : form == "zwave" ? ScaleRule::kZByWave
                : form == "zpool" ? ScaleRule::kZPooled
                                  : ScaleRule::kSum;
    if (rule.items.empty()) {
      throw Error(ErrorId::kConfigRange, "a scale needs items")
          .Field("phenotypes[].scales." + name + ".items")
          .Remedy("list the columns of the answers");
    }
    std::set<std::string> seen;
    for (const std::string& item : rule.items) {
      if (seen.insert(item).second) continue;
      throw Error(ErrorId::kConfigRange, "a scale names an item twice, which would count it twice")
          .Field("phenotypes[].scales." + name + ".items")
          .Value(item)
          .Remedy("list each item once");
    }
    out.push_back(std::move(rule));
  }
  return out;
}

Table::Doubles ScoreScale(const ScaleRule& rule, const Table& columns,
                          const std::vector<std::string>& waves, const std::string& file) {
  std::vector<const Table::Doubles*> items;
  for (const auto& item : rule.items) items.push_back(&ItemOf(rule, item, columns, file));
  const auto count = static_cast<double>(items.size());
  Table::Doubles scores(columns.rows(), kNan);
  for (size_t r = 0; r < scores.size(); ++r) {
    double sum = 0, answered = 0;
    for (const auto* item : items) {
      if (std::isnan((*item)[r])) continue;
      sum += (*item)[r];
      ++answered;
    }
    if (answered == 0 || answered < rule.min_answered * count) continue;
    const double mean = sum / answered;
    // nearbyint rounds halves to even, as R's round() does. A sum of all items needs no rounding,
    // and loses none of its digits if they are no whole numbers.
    const double whole = answered < count ? std::nearbyint(mean * count) : sum;
    scores[r] = rule.form == ScaleRule::kMean ? mean : whole;
  }
  if (rule.form != ScaleRule::kZByWave && rule.form != ScaleRule::kZPooled) return scores;
  std::map<std::string, std::vector<size_t>> groups;
  for (size_t r = 0; r < scores.size(); ++r) {
    const bool by_wave = rule.form == ScaleRule::kZByWave && !waves.empty();
    groups[by_wave ? waves[r] : ""].push_back(r);
  }
  for (const auto& group : groups) Standardise(rule, group.second, file, scores);
  return scores;
}

}  // namespace kinflow
