#include "stages/export/dosage_text.h"

#include <fmt/format.h>

namespace kinflow {
namespace {

int Decimals(const DosageEncoding& encoding) {
  constexpr uint32_t kPow10[] = {1, 10, 100, 1000, 10'000, 100'000};
  for (int d = 0; d <= 4; ++d) {
    if (kPow10[d] % encoding.units_per_copy == 0) return d;
  }
  if (encoding.error_bound == 0) return 7;  // half a unit of it is below DosageGrid::kTolerance
  int d = 0;
  while (kPow10[d] <= encoding.units_per_copy) ++d;
  return d;
}

}  // namespace

DosageText::Entry DosageText::MakeEntry(const std::string& text) {
  Entry entry;
  std::memcpy(entry.text, text.data(), text.size());
  entry.size = static_cast<uint8_t>(text.size());
  return entry;
}

DosageText::DosageText(const DosageEncoding& encoding) : missing_(MakeEntry(".")) {
  const int decimals = Decimals(encoding);
  const uint32_t units = encoding.units_per_copy;
  for (uint32_t v = 0; v <= 2 * units; ++v) {
    std::string text = fmt::format("{:.{}f}", static_cast<double>(v) / units, decimals);
    if (decimals > 0) {
      while (text.back() == '0') text.pop_back();
      if (text.back() == '.') text.pop_back();
    }
    entries_.push_back(MakeEntry(text));
  }
}

}  // namespace kinflow
