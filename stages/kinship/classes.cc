#include "stages/kinship/classes.h"

#include <algorithm>
#include <cmath>

#include "stages/kinship/kinship.h"

namespace kinflow::kinship {
namespace {

/// Discordant calls of one person typed twice lower kinship by a few per cent at most: room for it.
constexpr double kDuplicateSd = 0.03;
constexpr double kFirstDegreeKinship = 0.25;

double LogNormal(double x, double mean, double sd) {
  const double z = (x - mean) / sd;
  return -0.5 * z * z - std::log(sd);
}

double LogPoisson(double k, double mean) { return k * std::log(mean) - mean - std::lgamma(k + 1); }

/// With variance mean + extra.
double LogNegativeBinomial(double k, double mean, double extra) {
  const double size = mean * mean / extra;
  return std::lgamma(k + size) - std::lgamma(size) - std::lgamma(k + 1) +
         size * std::log(size / (size + mean)) + k * std::log(mean / (size + mean));
}

}  // namespace

double Expectations::LogFullSib(const PairCounts& pair) const {
  const double ibs0_if_ibd0 = pair.n() * unrelated_ibs0;
  const double extra = std::max(1e-9, ibs0_if_ibd0 * ibs0_if_ibd0 * sharing.Ibd0Variance());
  return LogNormal(Kinship(pair), kFirstDegreeKinship, KinshipSd(pair, Relation::kFullSib)) +
         LogNegativeBinomial(pair.ibs0, std::max(1e-9, ibs0_if_ibd0 / 4), extra);
}

double Expectations::LogParentChild(const PairCounts& pair) const {
  return LogNormal(Kinship(pair), kFirstDegreeKinship, KinshipSd(pair, Relation::kParentChild)) +
         LogPoisson(pair.ibs0, pair.n() * error_ibs0);
}

double Expectations::ParentChildTail(const PairCounts& pair) const {
  const double mean = pair.n() * error_ibs0;
  double sum = 0;
  if (pair.ibs0 <= mean) {
    for (uint32_t k = 0; k < pair.ibs0; ++k) sum += std::exp(LogPoisson(k, mean));
    return 1 - sum;
  }
  // Each term is smaller than the one before by mean / k at least.
  double term = std::exp(LogPoisson(pair.ibs0, mean));
  for (uint32_t k = pair.ibs0; term > 1e-17 * sum; term *= mean / ++k) sum += term;
  return sum;
}

double Expectations::KinshipSd(const PairCounts& pair, Relation relation) const {
  return std::sqrt(std::pow(KinshipError(pair), 2) + sharing.KinshipVariance(relation));
}

Relation Classify(const PairCounts& pair, const Expectations& expected) {
  const double kinship = Kinship(pair);
  if (!(kinship >= kLeastThird)) return Relation::kUnrelated;
  if (kinship < kLeastSecond) return Relation::kThirdDegree;
  if (kinship < kLeastFirst) return Relation::kSecondDegree;
  if (kinship > kLeastDuplicate) {
    const double from_sibs =
        (kinship - kFirstDegreeKinship) / expected.KinshipSd(pair, Relation::kFullSib);
    const double from_one = (0.5 - kinship) / std::max(kDuplicateSd, KinshipError(pair));
    if (from_one < from_sibs) return Relation::kDuplicate;
  }
  return expected.LogParentChild(pair) >= expected.LogFullSib(pair) ? Relation::kParentChild
                                                                    : Relation::kFullSib;
}

}  // namespace kinflow::kinship
