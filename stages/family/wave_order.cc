#include "stages/family/wave_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "pipeline/base/number.h"
#include "stages/family/few_rows.h"
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
  std::vector<size_t> rows;  // of each name
  std::unordered_map<int64_t, std::vector<size_t>> of_person;
};

Appearances AppearancesOf(const Table::Strings& texts, const std::vector<uint32_t>& rows,
                          const std::vector<int64_t>& people) {
  Appearances out;
  std::unordered_map<std::string_view, size_t> known;
  for (const uint32_t r : rows) {
    if (texts[r].empty() || texts[r] == "NA") continue;
    const auto [at, is_new] = known.emplace(texts[r], out.names.size());
    if (is_new) {
      out.names.push_back(texts[r]);
      out.rows.push_back(0);
    }
    ++out.rows[at->second];
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
/// the first of all. Who has a later one above an earlier one contradicts.
WaveOrder InTime(const Appearances& seen) {
  const size_t n = seen.names.size();
  WaveOrder out;
  out.by_rows = n > 1;
  if (n > 0) out.fewest_rows = *std::min_element(seen.rows.begin(), seen.rows.end());
  if (n > kMostCompared) {
    out.names = seen.names;
    return out;
  }
  const std::vector<int64_t> above = PeopleWithFirstAbove(seen);
  std::vector<size_t> left;
  for (size_t i = 0; i < n; ++i) left.push_back(i);
  while (!left.empty()) {
    auto next = std::find_if(left.begin(), left.end(), [&](size_t name) {
      return std::none_of(left.begin(), left.end(), [&](size_t other) {
        return above[other * n + name] > above[name * n + other];
      });
    });
    if (next == left.end()) next = left.begin();
    out.names.push_back(seen.names[*next]);
    const size_t earlier = *next;
    left.erase(next);
    out.contradicted |= std::any_of(left.begin(), left.end(),
                                    [&](size_t later) { return above[later * n + earlier] > 0; });
  }
  return out;
}

}  // namespace

WaveOrder WavesInTime(const Table::Column& column, const std::vector<uint32_t>& rows,
                      const std::vector<int64_t>& people) {
  WaveOrder out;
  if (const auto* texts = std::get_if<Table::Strings>(&column)) {
    const Appearances seen = AppearancesOf(*texts, rows, people);
    out.names = seen.names;
    return SortByTime(out.names) ? out : InTime(seen);
  }
  for (const double value : NumbersInOrder(column, rows)) out.names.push_back(FormatDouble(value));
  return out;
}

std::string OrderWarning(const std::string& column, const WaveOrder& order) {
  constexpr size_t kMostTold = 20;
  if (!order.by_rows) return "";
  // Names that few rows have may be those of people.
  const bool tells = order.names.size() <= kMostTold && order.fewest_rows >= kFewRows;
  const std::string names = tells ? fmt::format(", {}", fmt::join(order.names, ", ")) : "";
  if (order.contradicted) {
    return fmt::format(
        "the waves of {} have names that are no times, and people have them in different orders: "
        "that of most is taken{}; number the waves (1, 2, ...), or name them by time (w8, m12)",
        column, names);
  }
  return fmt::format(
      "the waves of {} have names that are no times: their order is that of the rows{}; number the "
      "waves (1, 2, ...) if it is another",
      column, names);
}

WaveOrder WaveLevels(const ModelFrame& frame, const std::string& column,
                     const std::vector<uint32_t>& rows, const std::vector<int64_t>& people) {
  WaveOrder out = WavesInTime(frame.columns.column(static_cast<size_t>(frame.columns.Find(column))),
                              rows, people);
  const auto reference = frame.reference.find(column);
  if (reference == frame.reference.end()) return out;
  const auto at = std::find(out.names.begin(), out.names.end(), reference->second);
  if (at != out.names.end()) std::rotate(out.names.begin(), at, at + 1);
  return out;
}

}  // namespace kinflow::family
