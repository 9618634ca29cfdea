#include "stages/kinship/genome_sharing.h"

#include <algorithm>
#include <cmath>

namespace kinflow::kinship {
namespace {

constexpr double kMorgansABase = 1.2e-8;

/// Mean of exp(-x |u - v|) over u, v in [0, 1].
double MeanOverSegment(double x) {
  return x < 1e-3 ? 1 - x / 3 : 2 * (x - 1 + std::exp(-x)) / (x * x);
}

}  // namespace

void GenomeSharing::Add(const VariantTable& variants) {
  for (size_t i = 0; i < variants.size(); ++i) {
    if (chroms_.empty() || chroms_.back().name != variants.chrom(i)) {
      const auto known = std::find_if(chroms_.begin(), chroms_.end(),
                                      [&](const Chrom& c) { return c.name == variants.chrom(i); });
      if (known == chroms_.end()) {
        chroms_.push_back({std::string(variants.chrom(i)), variants.pos(i), variants.pos(i), 0});
      } else {
        std::rotate(known, known + 1, chroms_.end());
      }
    }
    Chrom& chrom = chroms_.back();
    chrom.begin = std::min(chrom.begin, variants.pos(i));
    chrom.end = std::max(chrom.end, variants.pos(i));
    ++chrom.variants;
  }
}

double GenomeSharing::MeanDecay(double rate) const {
  double total = 0, sum = 0;
  for (const Chrom& c : chroms_) total += static_cast<double>(c.variants);
  for (const Chrom& c : chroms_) {
    const double weight = static_cast<double>(c.variants) / total;
    sum += weight * weight * MeanOverSegment(rate * kMorgansABase * (c.end - c.begin));
  }
  return sum;
}

double GenomeSharing::KinshipVariance(Relation relation) const {
  // Whether a stretch was passed on is an indicator of mean 1/2; over a distance of d Morgans its
  // correlation is exp(-2d) for one meiosis and exp(-4d) where two are compared.
  switch (relation) {
    case Relation::kFullSib:  // (S_father + S_mother) / 4
      return 2 * MeanDecay(4) / 4 / 16;
    case Relation::kSecondDegree:  // S / 4
      return MeanDecay(2) / 4 / 16;
    case Relation::kThirdDegree:  // S_1 S_2 / 4
      return (2 * MeanDecay(2) + MeanDecay(4)) / 16 / 16;
    default:
      return 0;
  }
}

double GenomeSharing::Ibd0Variance() const { return (2 * MeanDecay(4) + MeanDecay(8)) / 16; }

}  // namespace kinflow::kinship
