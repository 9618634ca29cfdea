#include "stages/formats/pgen_phase.h"

#include <algorithm>
#include <bit>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {
namespace {

constexpr const char* kName = "the phase of the hard calls";

bool BitAt(const uint8_t* bits, uint64_t i) { return (bits[i / 8] >> (i % 8) & 1) != 0; }

uint64_t CountBits(const uint8_t* bits, uint64_t n) {
  uint64_t count = 0;
  for (uint64_t i = 0; i < (n + 7) / 8; ++i) count += std::popcount(bits[i]);
  return count;
}

}  // namespace

void ReadPhase(PgenCursor& in, const uint64_t* hets, uint32_t samples, uint8_t* flags) {
  uint64_t n = 0;
  for (size_t w = 0; w < CallWords(samples); ++w) n += std::popcount(hets[w]);
  if (n == 0) in.Fail("no heterozygous call for", kName);
  // The first bit tells if it is followed by a bit a het that says if it is phased, else directly
  // by the orders of the alleles.
  const uint8_t* head = in.Bits(n + 1, kName);
  const bool some_unphased = BitAt(head, 0);
  const uint8_t* orders = head;
  uint64_t order = 1;
  if (some_unphased) {
    orders = in.Bits(CountBits(head, n + 1) - 1, kName);
    order = 0;
  }
  if (flags == nullptr) return;
  std::fill_n(flags, samples, uint8_t{0});
  uint64_t het = 0;
  for (size_t w = 0; w < CallWords(samples); ++w) {
    for (uint64_t here = hets[w]; here != 0; here &= here - 1) {
      if (some_unphased && !BitAt(head, ++het)) continue;
      const bool swapped = BitAt(orders, order++);
      flags[32 * w + static_cast<size_t>(std::countr_zero(here)) / 2] =
          swapped ? kCallPhased | kCallAltFirst : kCallPhased;
    }
  }
}

}  // namespace kinflow
