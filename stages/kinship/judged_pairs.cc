#include "stages/kinship/judged_pairs.h"

#include <algorithm>

#include "stages/kinship/kinship.h"

namespace kinflow::kinship {
namespace {

/// Calls `visit(pair, declared)` for each pair; null where the pedigree does not relate it.
template <class Visit>
void WithDeclared(const std::vector<Pair>& pairs, const std::vector<DeclaredPair>& declared,
                  Visit visit) {
  auto next = declared.begin();
  for (const Pair& pair : pairs) {
    while (next != declared.end() && next->samples < pair.samples) ++next;
    const bool related = next != declared.end() && next->samples == pair.samples;
    visit(pair, related ? &*next : nullptr);
  }
}

}  // namespace

Expectations ExpectationsOf(const std::vector<Pair>& pairs, const PairTotals& totals,
                            const std::vector<DeclaredPair>& declared, GenomeSharing sharing) {
  constexpr uint64_t kEnough = 10;
  constexpr double kLeastError = 1e-4;
  Expectations expected;
  expected.sharing = std::move(sharing);
  if (totals.unrelated_ibs0 > 0) {
    expected.unrelated_ibs0 =
        static_cast<double>(totals.unrelated_ibs0) / static_cast<double>(totals.unrelated_n);
  }
  uint64_t families = 0, n = 0, ibs0 = 0;
  WithDeclared(pairs, declared, [&](const Pair& pair, const DeclaredPair* as) {
    if (as == nullptr || as->relation != Relation::kParentChild) return;
    if (!(Kinship(pair.counts) >= kLeastFirst)) return;
    ++families;
    n += pair.counts.n();
    ibs0 += pair.counts.ibs0;
  });
  if (families >= kEnough) {
    expected.error_ibs0 = std::max(kLeastError, static_cast<double>(ibs0) / static_cast<double>(n));
  }
  return expected;
}

std::vector<JudgedPair> JudgePairs(const std::vector<Pair>& pairs,
                                   const std::vector<DeclaredPair>& declared,
                                   const Expectations& expected) {
  std::vector<JudgedPair> judged;
  judged.reserve(pairs.size());
  WithDeclared(pairs, declared, [&](const Pair& pair, const DeclaredPair* as) {
    JudgedPair j;
    j.pair = pair;
    j.found = Classify(pair.counts, expected);
    if (as != nullptr) {
      j.declared = as->relation;
      j.declared_kinship = as->kinship;
      j.maybe_full_sibs = as->maybe_full_sibs;
    }
    judged.push_back(j);
  });
  return judged;
}

}  // namespace kinflow::kinship
