#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/kernels/call_planes.h"

namespace kinflow {

/// A trio that is checked; an absent parent is the number of samples.
struct MendelTrio {
  uint32_t child = 0, father = 0, mother = 0;  // samples
  bool male = false;                           // the child
  uint32_t index = 0;                          // in Cohort::trios
};

/// Checks all trios on up to 64 variants at a time.
///
/// PLINK's rules: an opposite homozygote is an error though the other parent is missing; without a
/// call of the child or of both parents a trio is unchecked. Blame: het child of two equal
/// homozygotes, all three; child against one parent, these two; child against both parents, the
/// child alone. On X hets of males count as missing, and sons are compared with their mothers only.
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
  /// `rows`: at most 64 two-bit rows of all samples, readable to a multiple of 64 bytes, all of the
  /// autosomes or all of X; `results` as many. `planes`: of as many samples as the cohort's.
  void CheckRows(std::span<const uint8_t* const> rows, bool on_x, const Tally& tally,
                 CallPlanes& planes, std::span<RowResult> results) const;

 private:
  uint32_t samples_;
  std::vector<MendelTrio> trios_;
};

}  // namespace kinflow
