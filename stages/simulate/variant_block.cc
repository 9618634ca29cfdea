#include "stages/simulate/variant_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {
namespace {

constexpr std::array<int32_t, 22> kGrch37 = {
    249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022,
    141213431, 135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753,
    81195210,  78077248,  59128983,  63025520,  48129895,  51304566};
constexpr int32_t kFirstPosition = 1000000;
// Neighbours stand this far apart unless the chromosome is too short for so many.
constexpr double kSpacing = 1500;
// 4 N r with N = 5,000 and r = 1e-8 a base pair.
constexpr double kRecombination = 2e-4;
// Share of variants rarer than one copy in the panel; 1/x goes on down to `rarest_`.
constexpr double kRareShare = 0.2;
constexpr double kScoreMaf = 0.03;

}  // namespace

int32_t ChromosomeLength(unsigned chromosome) { return kGrch37[chromosome - 1]; }

VariantStream::VariantStream(const SimulateOptions& options, uint64_t founder_haplotypes)
    : options_(options),
      rarest_(std::max(5e-4, 1.0 / static_cast<double>(founder_haplotypes))),
      genealogy_(Stream(options.seed, Purpose::kGenealogy, 0), kRecombination) {}

uint64_t VariantStream::VariantsOf(unsigned chromosome) const {
  const uint64_t each = options_.variants / options_.chromosomes;
  return each + (chromosome <= options_.variants % options_.chromosomes ? 1 : 0);
}

double VariantStream::SpacingOf(unsigned chromosome) const {
  const double room = 0.85 * (ChromosomeLength(chromosome) - kFirstPosition);
  return std::min(kSpacing,
                  room / static_cast<double>(std::max<uint64_t>(1, VariantsOf(chromosome))));
}

double VariantStream::SpanOf(unsigned chromosome) const {
  return SpacingOf(chromosome) * static_cast<double>(VariantsOf(chromosome));
}

void VariantStream::DrawAlleles(Philox& rng, SimVariant& v) const {
  constexpr std::string_view kBases = "ACGT";
  const size_t ref = rng.Below(4);
  v.ref = kBases[ref];
  if (rng.Uniform() < 0.04) {  // an insertion or deletion, left-normalised
    std::string longer = v.ref;
    for (uint64_t n = 1 + rng.Below(4), i = 0; i < n; ++i) longer += kBases[rng.Below(4)];
    longer.back() = kBases[(ref + 1 + rng.Below(3)) % 4];
    v.alt = v.ref;
    (rng.Uniform() < 0.5 ? v.ref : v.alt) = longer;
    return;
  }
  // A-G and C-T differ by 2 in ACGT; transitions are twice as frequent as transversions.
  const size_t step = rng.Uniform() < 2.0 / 3 ? 2 : (rng.Uniform() < 0.5 ? 1 : 3);
  v.alt = kBases[(ref + step) % 4];
}

namespace {

// Rarer alleles have larger effects: variance of a weight goes with (2f(1-f))^-1/2.
double WeightScale(const SimVariant& v) {
  return std::pow(2 * v.frequency * (1 - v.frequency), -0.25);
}

// A hundredth of it, in the digits of the score file.
double PrintedWeight(double weight) { return std::round(weight * 1e4) / 1e6; }

}  // namespace

void VariantStream::DrawWeights(Philox& rng, SimVariant& v) const {
  const bool snv = v.ref.size() == 1 && v.alt.size() == 1;
  const bool palindrome = v.ref + v.alt == "AT" || v.ref + v.alt == "TA" || v.ref + v.alt == "CG" ||
                          v.ref + v.alt == "GC";
  for (unsigned s = 0; s < kUsualScores; ++s) {
    const bool chosen = rng.Uniform() < options_.causal_fraction;
    const double z = rng.Normal();
    v.effect_is_alt[s] = rng.Uniform() < 0.5;
    if (!chosen || !snv || palindrome) continue;
    if (std::min(v.frequency, 1 - v.frequency) < kScoreMaf) continue;
    v.weight[s] = PrintedWeight(z * WeightScale(v));
  }
}

// Weights of the first score with errors of their own, at its variants: numbers of another stream,
// so that nothing else depends on how many there are.
void VariantStream::DrawIndicators(SimVariant& v) const {
  if (v.weight[0] == 0) return;
  Philox rng = Stream(options_.seed, Purpose::kIndicators, v.index);
  const double own = std::sqrt(1 - kIndicatorCorrelation * kIndicatorCorrelation);
  for (unsigned s = kUsualScores; s < options_.scores; ++s) {
    v.effect_is_alt[s] = v.effect_is_alt[0];
    const double z = rng.Normal() * WeightScale(v) / 100;
    v.weight[s] = PrintedWeight(100 * (kIndicatorCorrelation * v.weight[0] + own * z));
  }
}

bool VariantStream::Next(VariantBlock& block) {
  block.variants.clear();
  while (chromosome_ <= options_.chromosomes && VariantsOf(chromosome_) == 0) ++chromosome_;
  if (chromosome_ > options_.chromosomes) return false;
  block.chromosome = chromosome_;
  block.starts_chromosome = done_in_chromosome_ == 0;
  block.panel = {};
  if (block.starts_chromosome) {
    genealogy_.Reset();
    position_ = kFirstPosition;
  }
  const uint64_t left = VariantsOf(chromosome_) - done_in_chromosome_;
  const auto n = static_cast<uint32_t>(std::min<uint64_t>(left, kBlockVariants));
  for (uint32_t i = 0; i < n; ++i) {
    SimVariant v;
    v.index = done_++;
    Philox rng = Stream(options_.seed, Purpose::kVariant, v.index);
    // At least 2 apart: the position after a variant is free.
    const int32_t gap = 2 + static_cast<int32_t>(Exponential(rng, SpacingOf(chromosome_) - 2));
    position_ += gap;
    v.position = position_;
    genealogy_.Advance(gap);
    DrawAlleles(rng, v);
    PanelSet carriers = genealogy_.Mutate();
    if (rng.Uniform() < kRareShare) {
      v.rare_leaf = static_cast<int>(rng.Below(kPanel));
      v.frequency = rarest_ < 1.0 / kPanel
                        ? rarest_ * std::pow(1.0 / (kPanel * rarest_), rng.Uniform())
                        : 1.0 / kPanel;
      v.rare_share = v.frequency * kPanel;
      carriers = {};
    } else {
      unsigned count = 0;
      for (const uint64_t word : carriers) count += static_cast<unsigned>(std::popcount(word));
      v.frequency = static_cast<double>(count) / kPanel;
    }
    for (unsigned h = 0; h < kPanel; ++h) {
      block.panel[h][i / 64] |= ((carriers[h / 64] >> (h % 64)) & 1) << (i % 64);
    }
    v.typed = rng.Uniform() < options_.typed_fraction;
    const double spread = std::min(options_.r2_spread, options_.r2 / 2);
    v.r2 = std::min(1.0, options_.r2 + spread * (2 * rng.Uniform() - 1));
    if (v.typed || options_.r2 >= 1) v.r2 = 1;
    DrawWeights(rng, v);
    DrawIndicators(v);
    v.id = fmt::format("{}:{}:{}:{}", chromosome_, v.position, v.ref, v.alt);
    block.variants.push_back(std::move(v));
  }
  done_in_chromosome_ += n;
  block.ends_chromosome = n == left;
  if (block.ends_chromosome) {
    ++chromosome_;
    done_in_chromosome_ = 0;
  }
  return true;
}

}  // namespace kinflow::simulate
