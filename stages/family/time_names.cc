#include "stages/family/time_names.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace kinflow::family {
namespace {

constexpr double kWeek = 7, kMonth = 365.25 / 12, kYear = 365.25;  // days
constexpr double kBirth = 40 * kWeek;                              // of pregnancy

/// Days from birth.
std::optional<double> Days(double number, std::string_view unit) {
  const auto is = [unit](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), unit) != names.end();
  };
  if (is({"gw"})) return number * kWeek - kBirth;
  if (is({"d", "day", "days"})) return number;
  if (is({"w", "wk", "week", "weeks"})) return number * kWeek;
  if (is({"m", "mo", "month", "months"})) return number * kMonth;
  if (is({"y", "yr", "year", "years"})) return number * kYear;
  return std::nullopt;
}

std::optional<double> TimeOf(std::string_view name) {
  constexpr size_t kMostDigits = 6;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const size_t begin =
      static_cast<size_t>(std::find_if(name.begin(), name.end(), is_digit) - name.begin());
  size_t end = begin;
  while (end < name.size() && is_digit(name[end])) ++end;
  if (end == begin || end - begin > kMostDigits) return std::nullopt;
  std::string_view before = name.substr(0, begin), behind = name.substr(end);
  if (before.empty() == behind.empty()) return std::nullopt;
  if (before.ends_with('_')) before.remove_suffix(1);
  if (behind.starts_with('_')) behind.remove_prefix(1);
  int number = 0;
  std::from_chars(name.data() + begin, name.data() + end, number);
  return Days(number, before.empty() ? behind : before);
}

}  // namespace

bool SortByTime(std::vector<std::string>& names) {
  std::vector<std::pair<double, std::string>> timed;
  for (const std::string& name : names) {
    const auto time = TimeOf(name);
    if (!time) return false;
    timed.emplace_back(*time, name);
  }
  std::sort(timed.begin(), timed.end());
  for (size_t i = 0; i < names.size(); ++i) names[i] = std::move(timed[i].second);
  return true;
}

}  // namespace kinflow::family
