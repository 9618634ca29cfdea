#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace kinflow {

// Parsing of the decimals in VCF sample columns. All functions may load 8 bytes beyond the token;
// every column ends with a tab (the reader puts one behind the last), so scans stop.
static_assert(std::endian::native == std::endian::little,
              "digit tricks assume little-endian loads");

namespace swar {
constexpr uint64_t kOnes = 0x0101010101010101ull;
constexpr uint64_t kHighs = 0x8080808080808080ull;
inline uint64_t Load8(const char* p) {
  uint64_t w;
  std::memcpy(&w, p, 8);
  return w;
}
/// High bit of the lowest zero byte of x is exact (bytes above it may be wrong).
inline uint64_t ZeroBytes(uint64_t x) { return (x - kOnes) & ~x & kHighs; }
inline const char* FindTab(const char* p) {
  while (true) {
    const uint64_t hit = ZeroBytes(Load8(p) ^ (kOnes * '\t'));
    if (hit != 0) return p + (std::countr_zero(hit) >> 3);
    p += 8;
  }
}
/// First ':' or tab.
inline const char* FindColonOrTab(const char* p) {
  while (true) {
    const uint64_t w = Load8(p);
    const uint64_t hit = ZeroBytes(w ^ (kOnes * '\t')) | ZeroBytes(w ^ (kOnes * ':'));
    if (hit != 0) return p + (std::countr_zero(hit) >> 3);
    p += 8;
  }
}
}  // namespace swar

/// A short plain decimal: value = digits / 10^decimals.
struct Decimal {
  uint32_t digits = 0;
  uint32_t decimals = 0;
  double value() const;
};

/// Fast form "d" or "d.d{1,7}" with d in 0..2, ended by a tab, ':' or ','. On success p is at the
/// end; else p is unchanged and the general path decides.
inline bool FastDecimal(const char*& p, Decimal& out) {
  const auto is_end = [](char c) { return c == '\t' || c == ':' || c == ','; };
  const uint32_t whole = static_cast<uint8_t>(p[0]) - uint32_t{'0'};
  if (whole > 2) return false;
  if (is_end(p[1])) {
    out = {whole, 0};
    p += 1;
    return true;
  }
  if (p[1] != '.') return false;
  constexpr uint32_t kPow10[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000};
  const uint64_t x = swar::Load8(p + 2) ^ (swar::kOnes * '0');
  // A carry out of a byte can only come from a byte that is itself marked, below it nothing
  // changes.
  const uint64_t other = ((x + swar::kOnes * 0x76) | x) & swar::kHighs;
  const uint32_t n = other == 0 ? 8 : static_cast<uint32_t>(std::countr_zero(other)) >> 3;
  if (n == 0 || n > 7 || !is_end(p[2 + n])) return false;
  uint64_t v = x << (64 - 8 * n);  // n digits at the top, zeros before them
  v = v * 10 + (v >> 8);
  v = ((v & 0x000000FF000000FFull) * 0x000F424000000064ull +
       ((v >> 16) & 0x000000FF000000FFull) * 0x0000271000000001ull) >>
      32;
  out = {whole * kPow10[n] + static_cast<uint32_t>(v), n};
  p += 2 + n;
  return true;
}

inline double Decimal::value() const {
  // Correctly rounded (both sides exact), so equal to what from_chars returns for the text.
  constexpr double kPow10[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7};
  return digits / kPow10[decimals];
}

/// Units of a planned dosage grid (DosageEncoding): dosage -> integer.
class DosageGrid {
 public:
  enum class Result : uint8_t { kOk, kNotFinite, kOutOfRange, kOffGrid };
  static constexpr double kTolerance = 1e-6;  // in alleles

  DosageGrid(uint32_t units, double error_bound);

  uint32_t units() const { return units_; }
  bool exact() const { return exact_; }
  /// The unit of a plain "d" or "d.d..." with no more decimals than a decimal grid of 1000 or 10000
  /// has. Returns the end of the token (a tab or ':'), or null: ask the general path, which gives
  /// the same integer. Whole numbers go by a branch, which is well predicted: most are 0.
  const char* QuickUnits(const char* p, uint32_t copies, uint32_t& out) const {
    const uint32_t whole = static_cast<uint8_t>(p[0]) - uint32_t{'0'};
    uint32_t n = 0;
    out = whole * units_;
    if (p[1] == '.') {
      uint32_t text;
      std::memcpy(&text, p + 2, 4);
      const uint32_t x = text ^ 0x30303030u;
      const uint64_t other = (uint64_t{(x + 0x76767676u) | x} | 0x100000000ull) & 0x180808080ull;
      n = static_cast<uint32_t>(std::countr_zero(other)) >> 3;  // digits behind the point, up to 4
      // Cut to them; left-aligned in four digits, so zeros follow.
      uint32_t v = (x & static_cast<uint32_t>((uint64_t{1} << (8 * n)) - 1)) << (8 * (4 - places_));
      v = (v * 2561) >> 8;
      out += ((v & 0x00ff00ffu) * 6553601u) >> 16;
      p += 1 + n;
    }
    ++p;
    const bool ok =
        (whole <= 2) & (n <= places_) & (out <= copies * units_) & ((*p == '\t') | (*p == ':'));
    return ok ? p : nullptr;
  }
  bool has_quick_form() const { return places_ >= 3; }
  /// Nearest unit; `copies` is the largest legal dosage (ploidy).
  Result ToUnits(double x, uint32_t copies, uint32_t& out) const;
  /// The same for a short decimal, without leaving integers when the grid is decimal; false: ask
  /// ToUnits. Gives the same integer as ToUnits.
  bool FastUnits(const Decimal& d, uint32_t copies, uint32_t& out) const {
    if (d.decimals > places_) return false;
    constexpr uint32_t kPow10[] = {1, 10, 100, 1000, 10'000};
    out = d.digits * (d.decimals == 0 ? units_ : kPow10[places_ - d.decimals]);
    return out <= copies * units_;
  }

 private:
  uint32_t units_;
  uint32_t places_;  // units = 10^places, or 0
  bool exact_;
};

/// General number: the whole token must be a finite decimal. False for nan, inf, hex, text.
bool ParseDosageText(std::string_view token, double& out);

}  // namespace kinflow
