#include "stages/kinship/links.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/kinship/kinship.h"

namespace kinflow::kinship {
namespace {

/// Probability that a standard normal variable exceeds z.
double UpperTail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

/// p-value of a kinship, two-sided, for a relation.
double KinshipP(const PairCounts& counts, double kinship, Relation relation,
                const Expectations& expected) {
  const double sd = expected.KinshipSd(counts, relation);
  return 2 * UpperTail(std::abs(Kinship(counts) - kinship) / sd);
}

/// p-value of the declared relation.
double DeclaredP(const JudgedPair& pair, const Expectations& expected) {
  constexpr double kFullSibKinship = 0.25;
  const PairCounts& counts = pair.pair.counts;
  const double p = KinshipP(counts, pair.declared_kinship, pair.declared, expected);
  if (pair.maybe_full_sibs) {
    return std::max(p, KinshipP(counts, kFullSibKinship, Relation::kFullSib, expected));
  }
  if (!FirstDegree(pair.declared)) return p;
  const double ibs0_p = pair.declared == Relation::kParentChild ? expected.ParentChildTail(counts)
                                                                : expected.FullSibTail(counts);
  // Within first degree IBS0 tells the two apart, kinship does not.
  return FirstDegree(pair.found) ? ibs0_p : std::min(1.0, 2 * std::min(p, ibs0_p));
}

}  // namespace

const char* StateName(Link::State state) {
  switch (state) {
    case Link::State::kConfirmed:
      return "confirmed";
    case Link::State::kUncertain:
      return "uncertain";
    case Link::State::kRejected:
      return "rejected";
    case Link::State::kUnexpected:
      return "unexpected";
  }
  return "";
}

bool FirstDegree(Relation relation) {
  return relation == Relation::kParentChild || relation == Relation::kFullSib;
}

std::vector<double> ChancesOf(const std::vector<JudgedPair>& pairs, const PairTotals& totals,
                              const Expectations& expected) {
  const auto related =
      static_cast<double>(std::count_if(pairs.begin(), pairs.end(), [](const JudgedPair& p) {
        return p.declared != Relation::kUnrelated;
      }));
  const auto compared = static_cast<double>(totals.pairs);
  std::vector<double> chances;
  chances.reserve(pairs.size());
  for (const JudgedPair& pair : pairs) {
    const PairCounts& counts = pair.pair.counts;
    if (!std::isfinite(Kinship(counts))) {
      chances.push_back(std::numeric_limits<double>::quiet_NaN());
    } else if (pair.declared == Relation::kUnrelated) {
      chances.push_back(std::min(1.0, compared * UpperTail(UnrelatedZ(counts))));
    } else {
      chances.push_back(std::min(1.0, related * DeclaredP(pair, expected)));
    }
  }
  return chances;
}

std::vector<Link> FindLinks(const std::vector<JudgedPair>& pairs,
                            const std::vector<double>& chances, const PairTotals& totals) {
  const auto compared = static_cast<double>(totals.pairs);
  std::vector<Link> links;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const JudgedPair& pair = pairs[i];
    const PairCounts& counts = pair.pair.counts;
    if (!std::isfinite(Kinship(counts))) continue;
    Link link;
    link.pair = i;
    link.p = chances[i];
    if (pair.declared == Relation::kUnrelated) {
      if (pair.found == Relation::kUnrelated) continue;
      const double wald = Kinship(counts) / KinshipError(counts);
      if (!(compared * UpperTail(wald) < kSignificance)) continue;
      link.alone = link.p < kSignificance;
      link.state = Link::State::kUnexpected;
    } else if (pair.found != pair.declared && link.p < kSignificance) {
      link.state = Link::State::kRejected;
    } else if (FirstDegree(pair.declared) && FirstDegree(pair.found)) {
      link.state = Link::State::kConfirmed;
    }
    links.push_back(link);
  }
  return links;
}

void DoubtDistant(const std::vector<JudgedPair>& pairs, std::vector<Link>& links) {
  for (Link& link : links) {
    const JudgedPair& pair = pairs[link.pair];
    if (FirstDegree(pair.found) || pair.found == Relation::kDuplicate) continue;
    if (FirstDegree(pair.declared)) continue;
    link.alone = false;
    if (link.state == Link::State::kRejected) link.state = Link::State::kUncertain;
  }
}

}  // namespace kinflow::kinship
