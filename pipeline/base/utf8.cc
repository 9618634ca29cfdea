#include "pipeline/base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace kinflow {
namespace {

struct Lead {
  size_t length;
  uint8_t second_low, second_high;  // allowed range of the second byte (RFC 3629, section 4)
};

Lead LeadOf(uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

}  // namespace

size_t FindInvalidUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const Lead lead = LeadOf(static_cast<uint8_t>(text[i]));
    if (lead.length == 0 || i + lead.length > text.size()) return i;
    if (lead.length > 1) {
      const auto second = static_cast<uint8_t>(text[i + 1]);
      if (second < lead.second_low || second > lead.second_high) return i;
    }
    for (size_t k = 2; k < lead.length; ++k) {
      if (!IsContinuation(text[i + k])) return i;
    }
    i += lead.length;
  }
  return std::string_view::npos;
}

std::string Utf8Fault(std::string_view text) {
  const size_t bad = FindInvalidUtf8(text);
  if (bad == std::string_view::npos) return "";
  return fmt::format("byte {}, {:02x}, is not UTF-8", bad + 1, static_cast<uint8_t>(text[bad]));
}

size_t CountCodePoints(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

}  // namespace kinflow
