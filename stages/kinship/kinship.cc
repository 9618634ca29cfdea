#include "stages/kinship/kinship.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinflow::kinship {
namespace {

double Heterozygous(const PairCounts& pair) {
  return static_cast<double>(pair.het_het) + std::min(pair.het_hom, pair.hom_het);
}

/// (4 ibs0 + het_hom + hom_het) / (4 min(het_1, het_2)).
double Distance(const PairCounts& pair) {
  return (4.0 * pair.ibs0 + pair.het_hom + pair.hom_het) / (4 * Heterozygous(pair));
}

}  // namespace

double Kinship(const PairCounts& pair) { return 0.5 - Distance(pair); }

double KinshipError(const PairCounts& pair) {
  // A variant adds x to the numerator and y to the denominator: (4, 0) if IBS0, (1, 4) if only the
  // person with fewer heterozygous calls is heterozygous, (1, 0) if only the other one is, (0, 4)
  // if both are. Sum of (x - ratio y)^2, over the denominator.
  const double ratio = Distance(pair);
  const auto [fewer, more] = std::minmax(pair.het_hom, pair.hom_het);
  const double squares = 16.0 * pair.ibs0 + fewer * std::pow(1 - 4 * ratio, 2) + more +
                         16.0 * pair.het_het * ratio * ratio;
  return std::sqrt(squares) / (4 * Heterozygous(pair));
}

double ParentChildError(const PairCounts& pair) {
  // With a ratio of 1/4, (x - ratio y)^2 is 1 where the person with more heterozygous calls has
  // one, else 0 (KinshipError).
  const double more = static_cast<double>(pair.het_het) + std::max(pair.het_hom, pair.hom_het);
  return std::sqrt(more) / (4 * Heterozygous(pair));
}

double UnrelatedZ(const PairCounts& pair) {
  // x - y / 2 has mean 0 then (KinshipError): 4, -1, 1 and -2.
  const double sum = 4.0 * pair.ibs0 + pair.het_hom + pair.hom_het - 2 * Heterozygous(pair);
  const double squares = 16.0 * pair.ibs0 + pair.het_hom + pair.hom_het + 4.0 * pair.het_het;
  return -sum / std::sqrt(squares);
}

double HetHetShare(const PairCounts& pair) { return static_cast<double>(pair.het_het) / pair.n(); }

double Ibs0Share(const PairCounts& pair) { return static_cast<double>(pair.ibs0) / pair.n(); }

double Concordance(const PairCounts& pair) {
  const double same = pair.n() - pair.ibs0 - pair.het_hom - pair.hom_het;
  return pair.n() == 0 ? std::numeric_limits<double>::quiet_NaN() : same / pair.n();
}

}  // namespace kinflow::kinship
