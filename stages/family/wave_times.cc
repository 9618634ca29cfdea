#include "stages/family/wave_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "stages/family/refit_lines.h"
#include "stages/family/wave_order.h"

namespace kinflow::family {
namespace {

// Empty without such a column. A cluster has each time once, so that its rows tell of the order.
WaveOrder OrderOf(const ModelFrame& frame, const std::string& column) {
  const int64_t at = frame.columns.Find(column);
  if (at < 0) return {};
  std::vector<uint32_t> rows(frame.columns.rows());
  std::iota(rows.begin(), rows.end(), uint32_t{0});
  return WavesInTime(frame.columns.column(static_cast<size_t>(at)), rows, frame.cluster);
}

bool HasNames(const ModelFrame& frame, const std::string& column) {
  const int64_t at = frame.columns.Find(column);
  return at >= 0 &&
         std::holds_alternative<Table::Strings>(frame.columns.column(static_cast<size_t>(at)));
}

// Empty of numbers.
std::vector<std::string> NamesInTime(const ModelFrame& frame, const std::string& column) {
  constexpr size_t kMostWaves = 100;
  if (!HasNames(frame, column)) return {};
  WaveOrder order = OrderOf(frame, column);
  const auto fail = [&column](const std::string& what, const char* remedy) {
    throw Error(ErrorId::kModelFailed, what).Field("time").Value(column).Remedy(remedy);
  };
  if (order.names.size() > kMostWaves) {
    fail(fmt::format("column {} has more than {} names: they are no waves", column, kMostWaves),
         "name the column of waves, or of whole numbers");
  }
  if (order.contradicted) {
    fail(fmt::format("the waves of {} have names that are no times, and clusters have them in "
                     "different orders: which is the earlier is not known",
                     column),
         "number the waves (1, 2, ...), name them by time (w8, m12), or name a column of whole "
         "numbers: time");
  }
  return std::move(order.names);
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

std::string TimeOrderWarning(const ModelFrame& frame, const std::string& column) {
  return OrderWarning(column, OrderOf(frame, column));
}

std::string TimesInR(const ModelFrame& frame, const std::string& column, const std::string& in_r) {
  const auto names = NamesInTime(frame, column);
  return names.empty() ? in_r : fmt::format("match({}, {})", in_r, TextsInR(names));
}

std::string WavesArgument(const ModelFrame& frame, const std::string& column,
                          const std::string& in_r) {
  const auto waves = OrderOf(frame, column).names;
  if (waves.empty()) return "";
  return fmt::format(
      ", waves = factor({}, {})", in_r,
      HasNames(frame, column) ? TextsInR(waves) : waves.front() + ":" + waves.back());
}

bool IsTime(const Table::Column& column) {
  const auto* doubles = std::get_if<Table::Doubles>(&column);
  return doubles == nullptr || std::all_of(doubles->begin(), doubles->end(), [](double value) {
           return std::isnan(value) || value == std::round(value);
         });
}

}  // namespace kinflow::family
