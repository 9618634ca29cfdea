#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "pipeline/base/error.h"
#include "pipeline/data/dosage_tile.h"
#include "stages/formats/genotype_options.h"
#include "stages/formats/text_dosage.h"

namespace kinflow {

// Meaning of the values of one sample in one record, the same for VCF text and BCF.

/// Where a value stands, for messages.
struct RecordPlace {
  std::string_view file;
  uint64_t record = 0;  // 1-based
  std::string_view chrom;
  uint32_t pos = 0;
  DosageField field = DosageField::kDs;
};

/// One sample's numbers of DS, HDS or GP. `n_alt` alternative alleles; `allele` counts from 1.
///
///   DS   A values, one an allele
///   HDS  2A values, (first, second haplotype) of allele 1, then of allele 2 ...; A values: haploid
///   GP   one a genotype in VCF order (diploid (A+1)(A+2)/2, haploid A+1)
struct SampleNumbers {
  const double* values = nullptr;
  uint32_t n = 0;
  uint32_t n_alt = 1;
};

/// Copies of the allele that one sample is expected to carry. Returns the ploidy that the number of
/// values shows (2, or 1 for haploid HDS and GP; DS: 2), 0 if the number of values fits nothing,
/// and -1 if the probabilities do not sum to 1. The copies of probabilities that are all 0, which
/// is a missing genotype whatever the GT beside it, are NaN. Rounded probabilities are divided by
/// their sum.
int ExpectedCopies(DosageField field, const SampleNumbers& s, uint32_t allele, double& copies);
/// False if the alternative alleles of legal numbers have more copies together than `ploidy`, or on
/// a haplotype more than one, beyond what rounding explains.
bool CopiesFit(DosageField field, const SampleNumbers& s, uint32_t ploidy);

/// Set by decoders of GT beside the flags of a phased "0|1", which has no other mark of its own,
/// and taken off by FinishCalls.
inline constexpr uint8_t kCallAltSecond = 8;

/// A called genotype, of which only what concerns one allele is kept.
struct CalledGenotype {
  int16_t first = -1, second = -1;  // allele index, -1 = missing
  uint8_t ploidy = 0;
  bool phased = false;
  bool missing() const { return first < 0 || (ploidy == 2 && second < 0); }
  bool half() const { return ploidy == 2 && (first < 0) != (second < 0); }
  uint32_t Copies(uint32_t allele) const {
    return (first == static_cast<int>(allele)) +
           (ploidy == 2 && second == static_cast<int>(allele));
  }
  /// CallFlag bits for `allele`, and kCallAltSecond.
  uint8_t Flags(uint32_t allele) const;
};

/// Rows that the calls of one record go to, one an ALT allele.
struct CallRows {
  std::string_view chrom;
  uint32_t n_alt, units;
  size_t stride, samples;  // between rows of values and of flags
};

/// Writes the copies of each ALT allele; the largest T = missing. A missing genotype of one allele
/// (".") on X is flagged as haploid, as its person may be there (elsewhere "." is written for
/// diploids too): returns true then.
template <class T>
bool WriteCopies(const CalledGenotype& call, const CallRows& rows, T* out, uint8_t* flags) {
  const bool haploid = flags != nullptr && call.ploidy == 1 && call.missing() &&
                       ClassOfChrom(rows.chrom) == ChromClass::kX;
  for (uint32_t k = 0; k < rows.n_alt; ++k) {
    out[k * rows.stride] = call.missing() ? std::numeric_limits<T>::max()
                                          : static_cast<T>(call.Copies(k + 1) * rows.units);
    if (haploid) flags[k * rows.samples] = kCallHaploid;
  }
  return haploid;
}

/// Whether dosages DS that add up to `sum` beside the call "." are of one copy: on X, Y and MT,
/// where plink2 writes "./." for two. Above 1 they cannot be.
inline bool OneCopyBesideDot(DosageField field, ChromClass chrom, double sum) {
  const bool may_be =
      chrom == ChromClass::kX || chrom == ChromClass::kY || chrom == ChromClass::kMt;
  return may_be && field == DosageField::kDs && sum <= 1;
}

/// Makes room for the flags of `rows` rows on `chrom`: kept if the plan keeps phase, and always
/// where people can be haploid (X, Y, MT and chromosomes of unknown kind).
void ShapeCalls(const DosagePlan& plan, std::string_view chrom, size_t rows, DosageTile& tile);
/// Behind decoding: without phase to keep only kCallHaploid stays; no buffer if no flag is set. A
/// phased call of two equal or unknown alleles does not tell which haplotype bears the copy of a
/// dosage near 1, so it is not phased there; nor does a phased heterozygote have an order where the
/// dosage is near 0 or 2.
void FinishCalls(const DosagePlan& plan, bool any_flag, DosageTile& tile);

/// Parses a GT token that ends at ':' or a tab; p ends there. False if it is not a call of ploidy 1
/// or 2 with allele numbers up to n_alt. A separator before the first allele (VCF 4.4: "/0/1",
/// "|1") is its phase; whether the order of the two is known is told by the one between them.
bool ParseGt(const char*& p, uint32_t n_alt, CalledGenotype& out);

/// The errors of a genotype; `sample` counts from 0 in file columns. No sample id goes in.
Error BadDosage(const RecordPlace& place, uint32_t sample, std::string_view why,
                std::string_view value);
Error TooManyCopies(const RecordPlace& place, uint32_t sample, std::string_view value);
Error BadGrid(DosageGrid::Result result, const RecordPlace& place, uint32_t sample,
              const DosageGrid& grid, uint32_t copies, std::string_view value);

}  // namespace kinflow
