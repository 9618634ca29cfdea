#include "stages/kinship/classes.h"

#include <algorithm>
#include <cmath>

#include "stages/kinship/kinship.h"

namespace kinflow::kinship {
namespace {

/// Discordant calls of one person typed twice lower kinship by a few per cent at most: room for it.
constexpr double kDuplicateSd = 0.03;
/// What ancestry and inbreeding do to the kinship of parent and child, which no segment varies.
constexpr double kAncestrySd = 0.02;
constexpr double kFirstDegreeKinship = 0.25;

double LogNormal(double x, double mean, double sd) {
  const double z = (x - mean) / sd;
  return -0.5 * z * z - std::log(sd);
}

/// With variance mean + extra.
double LogNegativeBinomial(double k, double mean, double extra) {
  const double size = mean * mean / extra;
  return std::lgamma(k + size) - std::lgamma(size) - std::lgamma(k + 1) +
         size * std::log(size / (size + mean)) + k * std::log(mean / (size + mean));
}

}  // namespace

double Expectations::Ibs0VarianceOfSibs(const PairCounts& pair) const {
  const double if_ibd0 = pair.n() * unrelated_ibs0;
  return std::max(1e-9, if_ibd0 * if_ibd0 * sharing.Ibd0Variance());
}

double Expectations::LogFullSib(const PairCounts& pair) const {
  const double mean = std::max(1e-9, pair.n() * unrelated_ibs0 / 4);
  return LogNormal(Kinship(pair), kFirstDegreeKinship, KinshipSd(pair, Relation::kFullSib)) +
         LogNegativeBinomial(pair.ibs0, mean, Ibs0VarianceOfSibs(pair));
}

double Expectations::LogParentChild(const PairCounts& pair) const {
  const double mean = pair.n() * error_ibs0;
  return LogNormal(Kinship(pair), kFirstDegreeKinship, KinshipSd(pair, Relation::kParentChild)) +
         LogNegativeBinomial(pair.ibs0, mean, mean * mean);
}

double Expectations::ParentChildTail(const PairCounts& pair) const {
  const double mean = pair.n() * error_ibs0;
  return std::pow(mean / (1 + mean), pair.ibs0);
}

double Expectations::FullSibTail(const PairCounts& pair) const {
  const double mean = std::max(1e-9, pair.n() * unrelated_ibs0 / 4);
  double sum = 0;
  for (uint32_t k = 0; k <= pair.ibs0; ++k) {
    sum += std::exp(LogNegativeBinomial(k, mean, Ibs0VarianceOfSibs(pair)));
  }
  return std::min(1.0, sum);
}

double Expectations::KinshipSd(const PairCounts& pair, Relation relation) const {
  if (relation == Relation::kParentChild) {
    return std::hypot(ParentChildError(pair), kAncestrySd);
  }
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
