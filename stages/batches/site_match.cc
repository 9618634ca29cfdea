#include "stages/batches/site_match.h"

#include <algorithm>
#include <array>
#include <utility>

#include "pipeline/data/alleles.h"

namespace kinflow {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

Pair Unordered(std::string_view a, std::string_view b) { return a < b ? Pair(a, b) : Pair(b, a); }
Pair AllelesOf(const SiteVariant& v) { return Unordered(v.ref, v.alt); }

/// All batches have this one variant here: the common case needs no sorting.
bool IsPlain(std::span<const SiteVariant> site, uint32_t batches) {
  if (site.size() != batches) return false;
  for (uint32_t b = 0; b < batches; ++b) {
    if (site[b].batch != b || AllelesOf(site[b]) != AllelesOf(site[0])) return false;
  }
  return true;
}

}  // namespace

std::string_view LeftOutName(LeftOut reason) {
  constexpr std::array<std::string_view, kLeftOutReasons> kNames = {
      "duplicate", "duplicate_in_other", "other_strand", "other_alleles", "absent_in_other"};
  return kNames[static_cast<size_t>(reason)];
}

SiteMatcher::Loss SiteMatcher::WhyLeftOut(std::span<const SiteVariant> site, uint32_t variant,
                                          uint32_t other) const {
  const std::string ref = Complement(site[variant].ref), alt = Complement(site[variant].alt);
  LeftOut reason = LeftOut::kAbsentInOther;
  for (const SiteVariant& v : site) {
    if (v.batch != other) continue;
    if (AllelesOf(v) == Unordered(ref, alt)) return {variant, LeftOut::kOtherStrand, other};
    reason = LeftOut::kOtherAlleles;
  }
  return {variant, reason, other};
}

/// `group`: places of one pair of alleles.
void SiteMatcher::MatchGroup(std::span<const SiteVariant> site, std::span<const uint32_t> group) {
  count_.assign(batches_, 0);
  place_.assign(batches_, 0);
  for (const uint32_t v : group) {
    ++count_[site[v].batch];
    place_[site[v].batch] = v;
  }
  const auto twice = std::find_if(count_.begin(), count_.end(), [](uint32_t n) { return n > 1; });
  const auto none = std::find(count_.begin(), count_.end(), 0u);
  if (twice == count_.end() && none == count_.end()) {
    found_.insert(found_.end(), place_.begin(), place_.end());
    return;
  }
  for (const uint32_t v : group) {
    if (twice == count_.end()) {
      losses_.push_back(WhyLeftOut(site, v, static_cast<uint32_t>(none - count_.begin())));
      continue;
    }
    const bool own = count_[site[v].batch] > 1;
    const auto other = own ? site[v].batch : static_cast<uint32_t>(twice - count_.begin());
    losses_.push_back({v, own ? LeftOut::kDuplicate : LeftOut::kDuplicateInOther, other});
  }
}

void SiteMatcher::Match(std::span<const SiteVariant> site) {
  found_.clear();
  losses_.clear();
  if (IsPlain(site, batches_)) {
    for (uint32_t b = 0; b < batches_; ++b) found_.push_back(b);
    return;
  }
  order_.resize(site.size());
  for (uint32_t v = 0; v < site.size(); ++v) order_[v] = v;
  std::stable_sort(order_.begin(), order_.end(),
                   [&](uint32_t a, uint32_t b) { return AllelesOf(site[a]) < AllelesOf(site[b]); });
  for (size_t begin = 0, end = 0; begin < order_.size(); begin = end) {
    const Pair alleles = AllelesOf(site[order_[begin]]);
    while (end < order_.size() && AllelesOf(site[order_[end]]) == alleles) ++end;
    MatchGroup(site, std::span(order_).subspan(begin, end - begin));
  }
  // Groups come by alleles; what is told comes in the order of the files.
  std::vector<size_t> by_first(matches());
  for (size_t m = 0; m < by_first.size(); ++m) by_first[m] = m;
  std::sort(by_first.begin(), by_first.end(),
            [&](size_t a, size_t b) { return Place(a, 0) < Place(b, 0); });
  std::vector<uint32_t> sorted;
  for (const size_t m : by_first) {
    const auto row = found_.begin() + static_cast<ptrdiff_t>(m * batches_);
    sorted.insert(sorted.end(), row, row + batches_);
  }
  found_ = std::move(sorted);
  std::sort(losses_.begin(), losses_.end(),
            [](const Loss& a, const Loss& b) { return a.variant < b.variant; });
}

}  // namespace kinflow
