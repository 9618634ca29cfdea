#include "stages/export/dosage_text.h"

#include <fmt/format.h>

namespace kinflow {
namespace {

// `exact`: as many decimals at most if they give every value.
int Decimals(uint32_t units, double error_bound, int exact) {
  constexpr uint32_t kPow10[] = {1, 10, 100, 1000, 10'000, 100'000};
  for (int d = 0; d <= exact; ++d) {
    if (kPow10[d] % units == 0) return d;
  }
  if (error_bound == 0) return 7;  // half a unit of it is below DosageGrid::kTolerance
  int d = 0;
  while (kPow10[d] <= units) ++d;
  return d;
}

}  // namespace

DosageText::Entry DosageText::MakeEntry(const std::string& text) {
  Entry entry;
  std::memcpy(entry.text, text.data(), text.size());
  entry.size = static_cast<uint8_t>(text.size());
  return entry;
}

std::vector<DosageText::Entry> DosageText::Entries(uint32_t units, uint32_t most, int decimals) {
  std::vector<Entry> entries;
  for (uint32_t v = 0; v <= most; ++v) {
    std::string text = fmt::format("{:.{}f}", static_cast<double>(v) / units, decimals);
    if (decimals > 0) {
      while (text.back() == '0') text.pop_back();
      if (text.back() == '.') text.pop_back();
    }
    entries.push_back(MakeEntry(text));
  }
  return entries;
}

DosageText::DosageText(const DosageEncoding& encoding) : missing_(MakeEntry(".")) {
  const uint32_t units = encoding.units_per_copy;
  entries_ = Entries(units, 2 * units, Decimals(units, encoding.error_bound, 4));
  halves_ = Entries(2 * units, 2 * units, Decimals(2 * units, encoding.error_bound, 5));
}

}  // namespace kinflow
