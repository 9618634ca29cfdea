#include "stages/kinship/ibd_shares.h"

#include <algorithm>
#include <cmath>

#include "stages/kinship/kinship.h"

namespace kinflow::kinship {

IbdShares IbdSharesOf(const PairCounts& pair, double unrelated_ibs0) {
  const double kinship = Kinship(pair);
  if (!std::isfinite(kinship)) return {NAN, NAN, NAN, NAN};
  const double pi_hat = std::clamp(2 * kinship, 0.0, 1.0);
  // Z1 and Z2 follow; none of the three is negative for Z0 from 1 - 2 pi to 1 - pi.
  const double z0 =
      std::clamp(Ibs0Share(pair) / unrelated_ibs0, std::max(0.0, 1 - 2 * pi_hat), 1 - pi_hat);
  return {z0, 2 * (1 - z0 - pi_hat), 2 * pi_hat - 1 + z0, pi_hat};
}

std::string_view InWindow(double pi_hat, Relation declared) {
  if (std::isnan(pi_hat) || declared == Relation::kDuplicate) return "NA";
  const bool first = declared == Relation::kFullSib || declared == Relation::kParentChild;
  const bool second = declared == Relation::kSecondDegree;
  const double least = first ? 0.4 : second ? 0.15 : 0;
  const double most = first ? 0.6 : second ? 0.35 : 0.15;
  return pi_hat >= least && pi_hat <= most ? "yes" : "no";
}

}  // namespace kinflow::kinship
