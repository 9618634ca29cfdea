#pragma once

#include <cstddef>
#include <cstdint>

#include "stages/formats/pgen_difflist.h"

namespace kinflow {

/// Low bits of the 32 two-bit calls of a word.
inline constexpr uint64_t kCallLowBits = 0x5555555555555555ull;

/// Words of `samples` two-bit calls, 32 a word.
inline size_t CallWords(uint32_t samples) { return (size_t{samples} + 31) / 32; }
inline uint32_t CallAt(const uint64_t* calls, uint32_t sample) {
  return static_cast<uint32_t>(calls[sample / 32] >> (2 * (sample % 32))) & 3;
}
inline void SetCall(uint64_t* calls, uint32_t sample, uint64_t call) {
  const uint32_t shift = 2 * (sample % 32);
  calls[sample / 32] = (calls[sample / 32] & ~(3ull << shift)) | call << shift;
}
/// Low bit of each call that is `call`, of whole words: calls behind the last sample are 0.
inline uint64_t WhereCall(uint64_t word, uint32_t call) {
  const uint64_t differs = word ^ (kCallLowBits * call);
  return ~(differs | differs >> 1) & kCallLowBits;
}

/// True for the record types that store differences from the last record of another type.
inline bool IsLdCompressed(uint8_t type) { return (type & 6) == 2; }

/// Reads the main track: hard calls of all samples (0 hom. REF, 1 het., 2 two ALT, 3 missing) into
/// CallWords(samples) words; those behind the last sample are 0. `base`: calls of the last record
/// that is not LD-compressed, null if there is none. Throws kMalformed.
void ReadCalls(PgenCursor& in, uint8_t type, uint32_t samples, const uint64_t* base,
               uint64_t* calls, Difflist& scratch);

/// calls -> u16 with 16384 units a copy, 65535 = missing. `out` has room for a multiple of 32.
void CallsToUnits(const uint64_t* calls, uint32_t samples, uint16_t* out);

}  // namespace kinflow
