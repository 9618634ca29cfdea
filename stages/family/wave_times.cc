#include "stages/family/wave_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "stages/family/people.h"
#include "stages/family/refit_lines.h"
#include "stages/family/wave_order.h"

namespace kinflow::family {
namespace {

// In time; empty of numbers.
std::vector<std::string> NamesInTime(const ModelFrame& frame, const std::string& column) {
  constexpr size_t kMostWaves = 100;
  const int64_t at = frame.columns.Find(column);
  if (at < 0) return {};
  const Table::Column& values = frame.columns.column(static_cast<size_t>(at));
  if (!std::holds_alternative<Table::Strings>(values)) return {};
  std::vector<uint32_t> rows(frame.columns.rows());
  std::iota(rows.begin(), rows.end(), uint32_t{0});
  auto names = WavesInTime(values, rows, PeopleOf(frame));
  if (names.size() <= kMostWaves) return names;
  throw Error(
      ErrorId::kModelFailed,
      fmt::format("column {} has more than {} names: they are no waves", column, kMostWaves))
      .Field("time")
      .Value(column)
      .Remedy("name the column of waves, or of whole numbers");
}

}  // namespace

std::vector<double> TimesOf(const ModelFrame& frame, const std::string& column,
                            const std::vector<uint32_t>& rows) {
  const auto names = NamesInTime(frame, column);
  if (names.empty()) return NumbersOf(frame, column, "time", rows);
  std::unordered_map<std::string, double> place;
  for (const auto& name : names) place.emplace(name, static_cast<double>(place.size() + 1));
  const auto& texts = frame.columns.StringsOf(column);
  std::vector<double> out;
  for (const uint32_t r : rows) out.push_back(place.at(texts[r]));
  return out;
}

std::string TimesInR(const ModelFrame& frame, const std::string& column, const std::string& in_r) {
  const auto names = NamesInTime(frame, column);
  return names.empty() ? in_r : fmt::format("match({}, {})", in_r, TextsInR(names));
}

bool IsTime(const Table::Column& column) {
  const auto* doubles = std::get_if<Table::Doubles>(&column);
  return doubles == nullptr || std::all_of(doubles->begin(), doubles->end(), [](double value) {
           return std::isnan(value) || value == std::round(value);
         });
}

}  // namespace kinflow::family
