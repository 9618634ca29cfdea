#include "pipeline/base/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace kinflow {
namespace {

template <class T>
std::optional<T> ParseWhole(std::string_view text) {
  T value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Of a decimal number that is out of the range of doubles: whether it is near 0, not infinity.
bool IsTiny(std::string_view text) {
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  const size_t point = std::min(text.find('.'), e), digit = text.find_first_of("123456789");
  double exponent = 0;
  if (e < text.size()) {
    const size_t sign = text[e + 1] == '+' ? 1 : 0;
    const auto whole = ParseWhole<int64_t>(text.substr(e + 1 + sign));
    if (!whole) return text[e + 1] == '-';  // beyond all integers
    exponent = static_cast<double>(*whole);
  }
  return static_cast<double>(point) - static_cast<double>(digit) + exponent < 0;
}

}  // namespace

std::optional<double> ParseDouble(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (ec == std::errc::result_out_of_range && IsTiny(text)) return 0.0;
  if (ec != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseInt(std::string_view text) { return ParseWhole<int64_t>(text); }
std::optional<uint64_t> ParseUint(std::string_view text) { return ParseWhole<uint64_t>(text); }

std::optional<uint64_t> ParseBytes(std::string_view text) {
  if (text.empty()) return std::nullopt;
  uint64_t unit = 1;
  const size_t at = std::string_view("KMGT").find(text.back());
  if (at != std::string_view::npos) {
    unit = uint64_t{1} << (10 * (at + 1));
    text.remove_suffix(1);
  }
  const auto value = ParseUint(text);
  if (!value || *value > UINT64_MAX / unit) return std::nullopt;
  return *value * unit;
}

std::string FormatDouble(double value) {
  if (std::isnan(value)) return "NA";
  std::array<char, 32> buffer;
  const auto [end, ec] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return ec == std::errc() ? std::string(buffer.data(), end) : "NA";
}

std::string FormatDouble(double value, int digits) {
  if (std::isnan(value)) return "NA";
  return fmt::format("{:.{}g}", value, digits);
}

std::string FormatBytes(uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024.0 && unit + 1 < kUnits.size()) {
    value /= 1024.0;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

bool IsMissing(std::string_view text) {
  return text.empty() || text == "NA" || text == "." || text == "NaN" || text == "nan";
}

}  // namespace kinflow
