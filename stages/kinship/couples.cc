#include "stages/kinship/couples.h"

#include <algorithm>

#include "stages/kinship/kinship.h"
#include "stages/kinship/links.h"

namespace kinflow::kinship {

Relation FoundRelatives::Between(uint32_t a, uint32_t b) const {
  const auto at = pairs.find({std::min(a, b), std::max(a, b)});
  return at == pairs.end() ? Relation::kUnrelated : at->second->found;
}

bool FoundRelatives::AreSibs(uint32_t a, uint32_t b) const {
  return std::binary_search(sibs[a].begin(), sibs[a].end(), b);
}

namespace {

/// Third degree by chance: kinship 0 is within two of its standard errors.
bool MayBeStrangers(const FoundRelatives& found, uint32_t a, uint32_t b) {
  constexpr double kErrors = 2;
  const auto at = found.pairs.find({std::min(a, b), std::max(a, b)});
  const PairCounts& counts = at->second->pair.counts;
  return Kinship(counts) < kErrors * KinshipError(counts);
}

/// True if nobody else's relations rule out that `parent` is one of the two parents of `child`.
/// `doubtful`: set where a class is another than expected within its error.
bool FitsOthers(uint32_t child, uint32_t parent, uint32_t mate, const FoundRelatives& found,
                bool& doubtful) {
  for (const uint32_t grandchild : found.parent_child[child]) {
    if (grandchild == parent || grandchild == mate) continue;
    const Relation relation = found.Between(grandchild, parent);
    if (relation == Relation::kUnrelated || relation == Relation::kParentChild) return false;
    doubtful |= relation == Relation::kFullSib;
  }
  const auto& of_parent = found.parent_child[parent];
  const auto& sibs = found.sibs[child];
  return std::none_of(of_parent.begin(), of_parent.end(),
                      [&](uint32_t other) {
                        return other != child &&
                               found.Between(other, child) == Relation::kUnrelated;
                      }) &&
         std::all_of(sibs.begin(), sibs.end(),
                     [&](uint32_t sib) { return FirstDegree(found.Between(sib, parent)); });
}

}  // namespace

std::vector<Couple> CouplesOf(uint32_t child, const FoundRelatives& found) {
  const auto& near = found.parent_child[child];
  std::vector<Couple> couples;
  for (size_t i = 0; i < near.size(); ++i) {
    for (size_t j = i + 1; j < near.size(); ++j) {
      const uint32_t a = near[i], b = near[j];
      Couple couple = {a, b, false};
      const Relation relation = found.Between(a, b);
      if (relation != Relation::kUnrelated) {
        if (relation != Relation::kThirdDegree || !MayBeStrangers(found, a, b)) continue;
        couple.doubtful = true;
      }
      if (FitsOthers(child, a, b, found, couple.doubtful) &&
          FitsOthers(child, b, a, found, couple.doubtful)) {
        couples.push_back(couple);
      }
    }
  }
  return couples;
}

}  // namespace kinflow::kinship
