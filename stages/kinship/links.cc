#include "stages/kinship/links.h"

#include <algorithm>
#include <cmath>

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

std::vector<Link> FindLinks(const std::vector<JudgedPair>& pairs, const PairTotals& totals,
                            const Expectations& expected) {
  const auto related =
      static_cast<double>(std::count_if(pairs.begin(), pairs.end(), [](const JudgedPair& p) {
        return p.declared != Relation::kUnrelated;
      }));
  std::vector<Link> links;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const JudgedPair& pair = pairs[i];
    const PairCounts& counts = pair.pair.counts;
    if (!std::isfinite(Kinship(counts))) continue;
    Link link;
    link.pair = i;
    if (pair.declared == Relation::kUnrelated) {
      if (pair.found == Relation::kUnrelated) continue;
      const auto tests = static_cast<double>(totals.pairs);
      if (!(tests * UpperTail(Kinship(counts) / KinshipError(counts)) < kSignificance)) continue;
      link.p = std::min(1.0, tests * UpperTail(UnrelatedZ(counts)));
      link.alone = link.p < kSignificance;
      link.state = Link::State::kUnexpected;
    } else {
      link.p = std::min(1.0, related * DeclaredP(pair, expected));
      if (pair.found != pair.declared && link.p < kSignificance) {
        link.state = Link::State::kRejected;
      } else if (FirstDegree(pair.declared) && FirstDegree(pair.found)) {
        link.state = Link::State::kConfirmed;
      }
    }
    links.push_back(link);
  }
  return links;
}

}  // namespace kinflow::kinship
