#pragma once

#include <cstdint>

#include "stages/formats/pgen_calls.h"

namespace kinflow {

inline bool HasPhase(uint8_t type) { return (type & 0x10) != 0; }

/// Reads track 2, the phase of heterozygous calls. `hets`: a set low bit for each heterozygous call
/// of CallWords(samples) words. `flags` (null: only checks): CallFlag byte of each sample,
/// kCallPhased for phased hets, kCallAltFirst too if the allele of the higher number comes first,
/// else 0. Throws kMalformed.
void ReadPhase(PgenCursor& in, const uint64_t* hets, uint32_t samples, uint8_t* flags);

}  // namespace kinflow
