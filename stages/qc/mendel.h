#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/kernels/counts.h"

namespace kinflow {

/// Who a Mendel error is counted against, and whether a trio could be checked at all.
enum MendelFlag : uint8_t {
  kMendelChild = 1,
  kMendelFather = 2,
  kMendelMother = 4,
  kMendelUnchecked = 8,  // no call of the child, or of neither parent
};

/// PLINK's rules for one variant and trio; calls 0, 1, 2 or 3 = missing. An opposite homozygote is
/// an error though the other parent is missing. Blame: het child of two equal homozygotes, all
/// three; child against one parent, these two; child against both parents, the child alone.
/// `on_x`: hets of males count as missing, sons are compared with their mothers only.
uint8_t MendelCheck(uint8_t child, uint8_t father, uint8_t mother, bool on_x, bool child_is_male);

/// A trio that is checked; an absent parent is kAbsentCall.
struct MendelTrio {
  uint32_t child = 0, father = 0, mother = 0;  // samples
  bool male = false;                           // the child
  uint32_t index = 0;                          // in Cohort::trios
};

/// Checks all trios of one row at a time.
class MendelChecker {
 public:
  /// Children among the kept samples with both parents kept, or with one if `duos`.
  MendelChecker(const Cohort& cohort, std::span<const uint8_t> kept, bool duos);
  const std::vector<MendelTrio>& trios() const { return trios_; }

  struct RowResult {
    uint32_t errors = 0, checked = 0;
  };
  /// Where errors are added: by place in trios(), and by sample (absent people land in the slot
  /// behind the last sample).
  struct Tally {
    uint32_t* trio_errors;
    uint32_t* trio_unchecked;
    uint32_t* blamed;
  };
  /// `row`: two-bit calls of all samples, readable to a multiple of 64 bytes. `scratch`:
  /// ScratchSize() bytes. `counts` of the row choose the quicker of two ways to the same result.
  RowResult CheckRow(const uint8_t* row, bool on_x, const CallCounts& counts, const Tally& tally,
                     uint8_t* scratch) const;
  /// The samples, one byte each, in full groups of 256, and the slot of absent people.
  size_t ScratchSize() const { return absent_ + 64; }

 private:
  void CheckTrio(size_t t, uint8_t flags, const Tally& tally, RowResult& result) const;
  RowResult CheckSparse(const uint8_t* row, uint64_t base, const Tally& tally) const;
  RowResult CheckAll(const uint8_t* row, bool on_x, const Tally& tally, uint8_t* calls) const;

  uint32_t samples_, absent_;
  std::vector<MendelTrio> trios_;
  std::vector<uint32_t> first_trio_, trios_of_;  // by sample: its places in trios_
  uint8_t autosome_[64], x_[2][64];              // by child + 4 father + 16 mother; [1] = sons
};

}  // namespace kinflow
