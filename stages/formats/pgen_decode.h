#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "stages/formats/pgen_alleles.h"
#include "stages/formats/pgen_calls.h"

namespace kinflow {

/// One variant record as it lies in the file.
struct PgenRecord {
  std::span<const uint8_t> bytes;
  uint8_t type = 0;   // track layout (PLINK 2 file format specification, "Variant records")
  uint32_t alts = 1;  // ALT alleles, from the .pvar
};

/// Decodes .pgen records one after the other: bytes in, calls and dosages out. Remembers what
/// LD-compressed records compare with. Pure apart from that; not thread-safe. Every record is
/// consumed to its last byte or refused: throws kMalformed and kDosageInvalid with the record.
class PgenDecoder {
 public:
  /// `samples` (1 or more) of the file; memory is a few bytes a sample.
  explicit PgenDecoder(uint32_t samples);

  /// Only the hard calls of a record that later ones compare with.
  void DecodeBase(const PgenRecord& record, const RecordPlace& place);
  /// All tracks. `units`: if not null, gets 16384 units a copy of the ALT allele, 65535 = missing,
  /// with room for a multiple of 32 samples; of records with several ALT alleles it is untouched.
  /// `row`: if not null, CallsOf(1) is written there, CallWords(samples) words; later records may
  /// compare with it, so it stays as it is while the decoder is used.
  void Decode(const PgenRecord& record, const RecordPlace& place, bool want_phase, uint16_t* units,
              uint64_t* row = nullptr);

  /// Of the last record. Calls of one ALT allele (from 1): CallWords(samples) words.
  const uint64_t* CallsOf(uint32_t allele);
  /// True if a call is phased; then Flags are those of one ALT allele, CallFlag bytes a sample.
  bool has_phase() const { return has_phase_; }
  const uint8_t* FlagsOf(uint32_t allele);

 private:
  const uint64_t* ReadMainTrack(PgenCursor& in, uint8_t type, uint64_t* row);
  void ReadPhaseTrack(PgenCursor& in, bool wanted);

  uint32_t samples_;
  uint32_t alts_ = 1;
  bool has_phase_ = false;
  std::vector<uint64_t> base_;           // calls of the last record that is not LD-compressed
  std::vector<uint64_t> other_;          // of an LD-compressed one
  const uint64_t* last_base_ = nullptr;  // base_ or a caller's row; null before the first
  const uint64_t* calls_ = nullptr;
  AllelePatches patches_;
  std::vector<uint64_t> hets_, allele_calls_;
  std::vector<uint8_t> flags_, allele_flags_;
  Difflist scratch_;
};

}  // namespace kinflow
