#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/data/cohort.h"

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
  /// `calls`: one byte a sample, ExpandedSize() long; its absent slot is written. Errors are added
  /// to `trio_errors` and `unchecked` by place in trios(), and to `blamed` by sample (absent people
  /// land in the slot behind the last sample).
  RowResult CheckRow(uint8_t* calls, bool on_x, uint32_t* trio_errors, uint32_t* unchecked,
                     uint32_t* blamed) const;
  /// Bytes that CheckRow needs in `calls`: the samples in full groups of 256 and the absent slot.
  size_t ExpandedSize() const { return absent_ + 64; }
  uint32_t absent_slot() const { return absent_; }

 private:
  uint32_t samples_, absent_;
  std::vector<MendelTrio> trios_;
  uint8_t autosome_[64], x_[2][64];  // by child + 4 father + 16 mother; [1] = sons
};

}  // namespace kinflow
