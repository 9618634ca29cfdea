#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/variant_table.h"
#include "pipeline/kernels/call_planes.h"
#include "pipeline/kernels/trio_words.h"
#include "stages/formats/pseudoautosomal.h"
#include "stages/qc/mendel_detection.h"
#include "stages/qc/mendel_rules.h"

namespace kinflow {

/// A trio that is checked; an absent parent is the number of samples.
struct MendelTrio {
  uint32_t child = 0, father = 0, mother = 0;  // samples
  bool male = false, female = false;           // the child
  uint32_t index = 0;                          // in Cohort::trios
};

/// Checks all trios on up to 64 variants at a time.
///
/// Without a call of the child or of both parents a trio is unchecked. Blame: het child of two
/// equal homozygotes, all three; child against one parent, these two; child against both parents,
/// the child alone. On X sons are compared with their mothers only.
class MendelChecker {
 public:
  /// Children among the kept samples with both parents kept, or, in PLINK's rules, with one if
  /// `duos`. Hail's rules need to know where Y has pseudoautosomal regions.
  MendelChecker(const Cohort& cohort, std::span<const uint8_t> kept, bool duos,
                MendelRules rules = MendelRules::kPlink, Pseudoautosomal par_of_y = {});
  const std::vector<MendelTrio>& trios() const { return trios_; }

  /// By which a variant is checked; none if the rules say nothing of such.
  std::optional<Inheritance> InheritanceOf(ChromClass chrom, uint32_t pos) const;

  struct RowResult {
    uint32_t errors = 0, checked = 0;  // trios
    uint32_t blamed = 0;               // calls
  };
  /// A child on rows whose allele frequency tells how errors of genotypes show.
  struct Exposure {
    uint32_t errors = 0, checked = 0;  // variants
    uint64_t detection = 0;            // sum of MendelDetection over those checked
  };
  /// Where errors are added: by place in trios(), and by sample (absent people land in the slot
  /// behind the last sample).
  struct Tally {
    uint32_t* trio_errors;
    uint32_t* trio_unchecked;
    uint32_t* blamed;        // errors, each of every child
    uint32_t* blamed_calls;  // a call once, though blamed with several children
    Exposure* exposures;
  };
  /// `rows`: at most 64 two-bit rows of all samples, readable to a multiple of 64 bytes, all of one
  /// inheritance, as InheritanceOf() tells; `detection` and `results` as many: exposures are those
  /// on rows where the former is not 0. `planes`: of as many samples as the cohort's.
  void CheckRows(std::span<const uint8_t* const> rows, Inheritance how,
                 std::span<const MendelDetection> detection, const Tally& tally, CallPlanes& planes,
                 std::span<RowResult> results) const;

  /// A person with a bit for each row where the call is blamed.
  struct BlamedCalls {
    uint32_t sample;
    uint64_t rows;
  };
  /// On rows as those of CheckRows; in ascending order of people, each once.
  std::vector<BlamedCalls> Blamed(std::span<const uint8_t* const> rows, Inheritance how,
                                  CallPlanes& planes) const;

 private:
  /// Trios [begin, begin + n) on the rows of `planes`, those `told` counted.
  void CheckBlock(size_t begin, size_t n, Inheritance how, const CallPlanes& planes, uint64_t told,
                  TrioWords& words) const;

  MendelRules rules_;
  Pseudoautosomal par_of_y_;
  uint32_t samples_;
  std::vector<MendelTrio> trios_;
  std::vector<int64_t> child_place_, father_place_, mother_place_;  // as TrioPlaces
};

}  // namespace kinflow
