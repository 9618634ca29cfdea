#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "stages/simulate/genealogy.h"
#include "stages/simulate/simulate.h"

namespace kinflow::simulate {

constexpr unsigned kMostScores = 32;
constexpr unsigned kUsualScores = 2;  // PGS900001 causal, PGS900002 null
// Of the first score with each one behind the second, of which it is the general factor.
constexpr double kIndicatorCorrelation = 0.7;
constexpr uint32_t kBlockVariants = 256;
constexpr uint32_t kBlockWords = kBlockVariants / 64;

struct SimVariant {
  uint64_t index = 0;  // over all chromosomes
  int32_t position = 0;
  std::string id, ref, alt;
  double frequency = 0;  // of ALT, expected among founders
  double r2 = 1;         // target of the imputation
  bool typed = false;    // imputed without error
  int rare_leaf = -1;    // >= 0: only some copies of this ancestral haplotype carry ALT
  double rare_share = 0;
  std::array<double, kMostScores> weight{};  // of the effect allele, as printed in the score file
  std::array<bool, kMostScores> effect_is_alt{};
};

/// Up to kBlockVariants neighbours of one chromosome. panel[h] has bit v set if ancestral haplotype
/// h carries ALT of variant v.
struct VariantBlock {
  unsigned chromosome = 1;
  bool starts_chromosome = false, ends_chromosome = false;
  std::vector<SimVariant> variants;
  std::array<std::array<uint64_t, kBlockWords>, kPanel> panel{};
};

/// Makes the variants in genome order. Serial; cheap beside everything done for each sample.
class VariantStream {
 public:
  VariantStream(const SimulateOptions& options, uint64_t founder_haplotypes);

  bool Next(VariantBlock& block);

  uint64_t VariantsOf(unsigned chromosome) const;
  /// Base pairs from the first to about the last variant of a chromosome.
  double SpanOf(unsigned chromosome) const;
  /// Mean distance of neighbours in base pairs.
  double SpacingOf(unsigned chromosome) const;

 private:
  void DrawAlleles(Philox& rng, SimVariant& v) const;
  void DrawWeights(Philox& rng, SimVariant& v) const;
  void DrawIndicators(SimVariant& v) const;

  const SimulateOptions& options_;
  double rarest_;
  Genealogy genealogy_;
  unsigned chromosome_ = 1;
  uint64_t done_in_chromosome_ = 0, done_ = 0;
  int32_t position_ = 0;
};

/// Length of an autosome in GRCh37.
int32_t ChromosomeLength(unsigned chromosome);

}  // namespace kinflow::simulate
