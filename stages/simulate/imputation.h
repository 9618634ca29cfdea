#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "stages/simulate/bit_planes.h"
#include "stages/simulate/people.h"
#include "stages/simulate/variant_block.h"

namespace kinflow::simulate {

/// Draws what an imputation reports for a haplotype: the posterior probability of ALT, in
/// thousandths. Given the allele the log likelihood ratio is N(+d^2/2, d^2) for ALT and
/// N(-d^2/2, d^2) for REF, which makes P(ALT) = 1 / (1 + exp(-(logit f + LLR))) calibrated by
/// construction: E[allele | posterior] = posterior. d is solved for so that
/// Var(posterior) / (f (1 - f)) = corr^2(allele, posterior) = r2.
class PosteriorTable {
 public:
  PosteriorTable(double frequency, double r2);

  /// `random`: 24 uniform bits.
  uint16_t Draw(bool allele, uint32_t random) const {
    const Tables& t = tables_[allele ? 1 : 0];
    const uint32_t cell = (random >> 12) & 0xFFF;
    if (cell == 0) return t.low[random & 0xFFF];
    if (cell == 0xFFF) return t.high[random & 0xFFF];
    return t.middle[cell];
  }

 private:
  // Quantiles by 4096ths; the outer two cells again by 4096ths, for rare alleles live in the tails.
  struct Tables {
    std::array<uint16_t, 4096> middle, low, high;
  };
  std::array<Tables, 2> tables_;
};

/// Haploid dosages of everybody at one variant, in thousandths. `shared_errors`: a child's
/// haplotype has the posterior of the parental haplotype it was copied from with that probability
/// (an imputation errs alike wherever a haplotype is carried), else one of its own.
struct ImputedVariant {
  std::vector<uint16_t> dosage[2];  // by side and person
  double frequency = 0;             // mean dosage of the genotyped haplotypes
  double r2 = 0;                    // Minimac's: their variance / (frequency (1 - frequency))

  void Impute(const SimulateOptions& options, const People& people, const BitPlanes& planes,
              const SimVariant& variant, uint32_t row);
};

}  // namespace kinflow::simulate
