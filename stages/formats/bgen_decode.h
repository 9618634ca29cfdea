#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/data/dosage_tile.h"
#include "stages/formats/bgen_header.h"
#include "stages/formats/genotype_values.h"
#include "stages/formats/sample_choice.h"

namespace kinflow {

/// The unpacked genotype data of one variant in layout 2, checked: `probabilities` has a whole
/// number for each sample's genotypes.
struct BgenGenotypes {
  uint32_t samples = 0, alleles = 2;
  const uint8_t* ploidy = nullptr;  // a byte a sample: bit 7 = missing
  bool phased = false;
  uint8_t bits = 8;
  const uint8_t* probabilities = nullptr;
  bool all_diploid = true;   // each sample, those with a missing genotype included
  bool none_missing = true;  // known only if all_diploid
};

/// Checks `bytes` against header, variant and each other. Throws kMalformed; kDosageInvalid for a
/// ploidy above 2; people of ploidy 0 (females on Y) are missing.
BgenGenotypes ParseBgenGenotypes(std::span<const uint8_t> bytes, const BgenHeader& header,
                                 const BgenVariant& variant, const RecordPlace& place);

/// Copies counted in 1/scale, scale = 2^bits - 1, on the planned grid.
class BgenScale {
 public:
  BgenScale(const DosageEncoding& grid, uint64_t scale)
      : units_(grid.units_per_copy),
        scale_(scale),
        same_(scale == units_),
        exact_(grid.error_bound == 0),
        ratio_(static_cast<double>(units_) / static_cast<double>(scale)) {}
  /// Nearest unit; false if there is none and rounding was not planned.
  bool ToUnits(uint64_t copies, uint32_t& out) const {
    if (same_) {
      out = static_cast<uint32_t>(copies);
      return true;
    }
    // Never half way between two units, as the scale is odd: at least 1/(2 scale) >= 2^-33 away,
    // and the product is off by less than 2^-36. So this is the integer division, rounded.
    out = static_cast<uint32_t>(static_cast<double>(copies) * ratio_ + 0.5);
    return !exact_ || copies * units_ % scale_ == 0;
  }

 private:
  uint32_t units_;
  uint64_t scale_;
  bool same_, exact_;
  double ratio_;
};

/// Genotype data of variants -> tile rows. One object a Decode call; a pure function of the bytes,
/// which have to be readable to 8 behind the end.
class BgenDecoder {
 public:
  BgenDecoder(const DosagePlan& plan, const SampleChoice& choice, const BgenHeader& header)
      : choice_(choice),
        header_(header),
        first_alt_(plan.bgen.ref_last ? 0 : 1),
        keep_phase_(plan.keep_calls),
        grid_(DosageEncoding::ForUnits(plan.units, plan.error_bound)) {}

  /// Fills variant.n_alt() rows of the tile from `row` on: expected copies of each ALT. Throws
  /// kMalformed, kDosageInvalid, kOffGrid.
  void Decode(std::span<const uint8_t> bytes, const BgenVariant& variant, const RecordPlace& place,
              DosageTile& tile, size_t row);
  /// True if a genotype so far is haploid, or phased where phase is kept.
  bool any_flag() const { return any_flag_; }

 private:
  template <class T>
  void DecodeRows(std::span<const uint8_t> bytes, const BgenVariant& variant,
                  const RecordPlace& place, DosageTile& tile, size_t row);
  bool DecodeFast(const BgenGenotypes& g, const RecordPlace& place, uint16_t* out);
  template <class Put>
  void ForEachGenotype(const BgenGenotypes& g, const RecordPlace& place, Put put);
  template <class T>
  void DecodeTriples(const uint8_t* triples, const RecordPlace& place, T* out);
  uint8_t* FlagsOf(DosageTile& tile, size_t row);
  void FillHaploid(const BgenGenotypes& g, uint8_t* flags, size_t n_samples);
  void FillPhase8(const BgenGenotypes& g, uint8_t* flags);
  void FillPhase(const BgenGenotypes& g, uint8_t* flags, size_t n_samples);

  const SampleChoice& choice_;
  const BgenHeader& header_;
  uint32_t first_alt_;  // among the alleles of the file
  bool keep_phase_;
  DosageEncoding grid_;
  std::vector<uint64_t> copies_;   // of each allele of one genotype
  std::vector<uint16_t> scratch_;  // a row of all samples of the file
  bool any_flag_ = false;
};

}  // namespace kinflow
