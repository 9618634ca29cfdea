#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kinflow {

// Locale-free number parsing and printing. Parsing takes the whole text or nothing: decimal only,
// finite only, no leading or trailing blanks, no leading '+'. The nearest double: what is too small
// for one is 0.

std::optional<double> ParseDouble(std::string_view text);
std::optional<int64_t> ParseInt(std::string_view text);
std::optional<uint64_t> ParseUint(std::string_view text);

/// "512M", "24G", "1048576" (bytes; K, M, G, T are powers of 1024).
std::optional<uint64_t> ParseBytes(std::string_view text);

/// Shortest text that reads back to the same double; "NA" for NaN.
std::string FormatDouble(double value);
/// `digits` significant digits as printf %.*g does; "NA" for NaN.
std::string FormatDouble(double value, int digits);
/// "1.5 GiB".
std::string FormatBytes(uint64_t bytes);

/// True for the spellings of a missing value in phenotype tables: empty, "NA", "NaN", "nan", ".".
bool IsMissing(std::string_view text);

}  // namespace kinflow
