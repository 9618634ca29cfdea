#include "stages/formats/site_join.h"

#include <algorithm>
#include <optional>

namespace kinflow {
namespace {

using Sites = std::vector<BatchSite>;

bool SameAlleles(const BatchSite& a, const BatchSite& b) {
  return a.ref == b.ref && a.alt == b.alt;
}

bool Exchanged(const BatchSite& a, const BatchSite& b) {
  return a.ref == b.alt && a.alt == b.ref && !b.from_multiallelic;
}

bool IsPalindromic(const BatchSite& site) {
  const auto is = [&](std::string_view a, std::string_view b) {
    return site.ref == a && site.alt == b;
  };
  return is("A", "T") || is("T", "A") || is("C", "G") || is("G", "C");
}

/// Sites that stand once in their batch and are not taken yet.
class FreeSites {
 public:
  explicit FreeSites(const Sites& sites) : sites_(sites), taken_(sites.size(), 0) {
    for (size_t i = 0; i < sites.size(); ++i) {
      for (size_t k = i + 1; k < sites.size(); ++k) {
        if (SameAlleles(sites[i], sites[k])) taken_[i] = taken_[k] = 1;
      }
    }
  }
  bool IsFree(size_t i) const { return taken_[i] == 0; }
  template <class Same>
  std::optional<uint32_t> Take(const BatchSite& wanted, const Same& same) {
    for (uint32_t i = 0; i < sites_.size(); ++i) {
      if (taken_[i] != 0 || !same(wanted, sites_[i])) continue;
      taken_[i] = 1;
      return i;
    }
    return std::nullopt;
  }

 private:
  const Sites& sites_;
  std::vector<uint8_t> taken_;
};

}  // namespace

std::vector<JoinedSite> JoinSites(const std::vector<Sites>& sites, bool may_swap,
                                  std::vector<BatchTally>& tallies) {
  const size_t batches = sites.size();
  const bool everywhere =
      std::none_of(sites.begin(), sites.end(), [](const Sites& s) { return s.empty(); });
  std::vector<JoinedSite> joined;
  if (everywhere) {
    std::vector<FreeSites> free;
    for (const Sites& s : sites) free.emplace_back(s);
    // Partner of each of the first batch's sites in each other batch.
    const Sites& first = sites[0];
    std::vector<std::vector<std::optional<JoinedSite::Part>>> partner(
        first.size(), std::vector<std::optional<JoinedSite::Part>>(batches));
    for (const bool swapped : {false, true}) {
      if (swapped && !may_swap) break;
      for (uint32_t i = 0; i < first.size(); ++i) {
        if (!free[0].IsFree(i)) continue;
        for (size_t b = 1; b < batches; ++b) {
          if (partner[i][b]) continue;
          const auto site = free[b].Take(first[i], swapped ? Exchanged : SameAlleles);
          if (site) partner[i][b] = {*site, swapped};
        }
      }
    }
    for (uint32_t i = 0; i < first.size(); ++i) {
      if (!free[0].IsFree(i)) continue;
      partner[i][0] = {i, false};
      JoinedSite site;
      for (const auto& part : partner[i]) {
        if (part) site.parts.push_back(*part);
      }
      if (site.parts.size() == batches) joined.push_back(std::move(site));
    }
  }
  for (size_t b = 0; b < batches; ++b) {
    BatchTally& tally = tallies[b];
    tally.variants += sites[b].size();
    tally.common += joined.size();
    (everywhere ? tally.conflict : tally.only_here) += sites[b].size() - joined.size();
    for (const JoinedSite& site : joined) {
      if (!site.parts[b].swapped) continue;
      ++tally.swapped;
      tally.palindromic += IsPalindromic(sites[b][site.parts[b].site]) ? 1 : 0;
    }
  }
  return joined;
}

}  // namespace kinflow
