#pragma once

#include <cstdint>

#include "stages/formats/pgen_calls.h"

namespace kinflow {

inline constexpr uint32_t kPgenUnits = 16384;  // dosage units per allele copy

inline bool HasDosages(uint8_t type) { return (type & 0x60) != 0; }
inline bool HasDosagePhase(uint8_t type) { return (type & 0x80) != 0; }

/// Reads tracks 3 and 4 (which samples have dosages, and these) and passes over 7 and 8 (the phase
/// of dosages, which the sum does not need). `units` (null: only checks): one u16 a sample that
/// holds the hard calls on entry; stated dosages replace them. Throws kMalformed, kDosageInvalid.
void ReadDosages(PgenCursor& in, uint8_t type, uint32_t samples, uint16_t* units,
                 Difflist& scratch);

}  // namespace kinflow
