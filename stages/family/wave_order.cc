#include "stages/family/wave_order.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "pipeline/base/number.h"
#include "stages/family/time_names.h"

namespace kinflow::family {
namespace {

constexpr size_t kMostCompared = 100;  // names; of more, no waves, each pair would cost too much

using Names = std::vector<std::string>;

std::vector<double> NumbersInOrder(const Table::Column& column, const std::vector<uint32_t>& rows) {
  std::vector<double> values;
  const auto* ints = std::get_if<Table::Ints>(&column);
  for (const uint32_t r : rows) {
    if (ints != nullptr && (*ints)[r] == Table::kMissingInt) continue;
    const double value =
        ints != nullptr ? static_cast<double>((*ints)[r]) : std::get<Table::Doubles>(column)[r];
    if (!std::isnan(value)) values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// Names as they first come, and of each person the order in which theirs do.
struct Appearances {
  Names names;
  std::unordered_map<int64_t, std::vector<size_t>> of_person;
};

Appearances AppearancesOf(const Table::Strings& texts, const std::vector<uint32_t>& rows,
                          const std::vector<int64_t>& people) {
  Appearances out;
  std::unordered_map<std::string_view, size_t> known;
  for (const uint32_t r : rows) {
    if (texts[r].empty() || texts[r] == "NA") continue;
    const auto [at, is_new] = known.emplace(texts[r], out.names.size());
    if (is_new) out.names.push_back(texts[r]);
    if (people.empty() || people[r] < 0 || out.names.size() > kMostCompared) continue;
    auto& own = out.of_person[people[r]];
    if (std::find(own.begin(), own.end(), at->second) == own.end()) own.push_back(at->second);
  }
  return out;
}

/// Of each pair of names, how many people have the first above the second.
std::vector<int64_t> PeopleWithFirstAbove(const Appearances& seen) {
  const size_t n = seen.names.size();
  std::vector<int64_t> above(n * n, 0);
  for (const auto& person : seen.of_person) {
    const auto& own = person.second;
    for (size_t i = 0; i < own.size(); ++i) {
      for (size_t j = i + 1; j < own.size(); ++j) ++above[own[i] * n + own[j]];
    }
  }
  return above;
}

/// The next is the first name, as they come, that none of those left is earlier than; in a circle
/// the first of all.
Names InTime(const Appearances& seen) {
  const size_t n = seen.names.size();
  if (n > kMostCompared) return seen.names;
  const std::vector<int64_t> above = PeopleWithFirstAbove(seen);
  std::vector<size_t> left;
  for (size_t i = 0; i < n; ++i) left.push_back(i);
  Names out;
  while (!left.empty()) {
    auto next = std::find_if(left.begin(), left.end(), [&](size_t name) {
      return std::none_of(left.begin(), left.end(), [&](size_t other) {
        return above[other * n + name] > above[name * n + other];
      });
    });
    if (next == left.end()) next = left.begin();
    out.push_back(seen.names[*next]);
    left.erase(next);
  }
  return out;
}

}  // namespace

Names WavesInTime(const Table::Column& column, const std::vector<uint32_t>& rows,
                  const std::vector<int64_t>& people) {
  if (const auto* texts = std::get_if<Table::Strings>(&column)) {
    const Appearances seen = AppearancesOf(*texts, rows, people);
    Names names = seen.names;
    return SortByTime(names) ? names : InTime(seen);
  }
  Names out;
  for (const double value : NumbersInOrder(column, rows)) out.push_back(FormatDouble(value));
  return out;
}

Names WaveLevels(const ModelFrame& frame, const std::string& column,
                 const std::vector<uint32_t>& rows, const std::vector<int64_t>& people) {
  Names levels = WavesInTime(frame.columns.column(static_cast<size_t>(frame.columns.Find(column))),
                             rows, people);
  const auto reference = frame.reference.find(column);
  if (reference == frame.reference.end()) return levels;
  const auto at = std::find(levels.begin(), levels.end(), reference->second);
  if (at != levels.end()) std::rotate(levels.begin(), at, at + 1);
  return levels;
}

}  // namespace kinflow::family
