#include "stages/formats/region_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/formats/pseudoautosomal.h"

namespace kinflow {
namespace {

constexpr Interval kWholeChromosome;

[[noreturn]] void BadRegion(std::string_view part) {
  throw Error(ErrorId::kConfigRange, "not a region")
      .Field("input.regions")
      .Value(part)
      .Remedy("write 1:1000-2000, or X for a whole chromosome; separate several with commas");
}

Interval ParseEnds(std::string_view text, std::string_view part) {
  const auto ends = Split(text, '-');
  const auto begin = ParseUint(ends[0]);
  const auto end = ends.size() == 2 ? ParseUint(ends[1]) : begin;
  if (ends.size() > 2 || !begin || !end || *begin < 1 || *end < *begin || *end > UINT32_MAX) {
    BadRegion(part);
  }
  return {static_cast<uint32_t>(*begin), static_cast<uint32_t>(*end)};
}

void Merge(RegionSet::Intervals& all) {
  std::sort(all.begin(), all.end(), [](const Interval& a, const Interval& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  size_t last = 0;
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i].begin <= uint64_t{all[last].end} + 1) {
      all[last].end = std::max(all[last].end, all[i].end);
    } else {
      all[++last] = all[i];
    }
  }
  all.resize(last + 1);
}

}  // namespace

RegionSetPtr RegionSet::Build(const std::vector<std::pair<std::string, Interval>>& regions) {
  auto set = std::make_shared<RegionSet>();
  for (const auto& [chrom, interval] : regions) {
    set->chroms_[NormaliseChrom(chrom)].push_back(interval);
  }
  for (auto& [chrom, intervals] : set->chroms_) Merge(intervals);
  return set;
}

RegionSetPtr RegionSet::Parse(std::string_view text) {
  std::vector<std::pair<std::string, Interval>> regions;
  for (std::string_view part : Split(text, ',')) {
    part = Trim(part);
    if (part.empty()) continue;
    const size_t colon = part.find(':');
    const std::string_view chrom = part.substr(0, colon);
    if (chrom.empty()) BadRegion(part);
    regions.emplace_back(chrom, colon == std::string_view::npos
                                    ? kWholeChromosome
                                    : ParseEnds(part.substr(colon + 1), part));
  }
  return Build(regions);
}

const RegionSet::Intervals& RegionSet::Of(std::string_view chrom) const {
  static const Intervals kNone;
  auto it = chroms_.find(chrom);
  if (it == chroms_.end()) it = chroms_.find(WithoutXy(chrom));
  return it == chroms_.end() ? kNone : it->second;
}

bool RegionSet::Contains(std::string_view chrom, uint32_t pos) const {
  const Intervals& all = Of(chrom);
  const auto it = std::lower_bound(all.begin(), all.end(), pos,
                                   [](const Interval& i, uint32_t p) { return i.end < p; });
  return it != all.end() && it->begin <= pos;
}

bool RegionSet::ContainsAll(std::string_view chrom) const {
  const Intervals& all = Of(chrom);
  return all.size() == 1 && all.front().begin <= 1 && all.front().end == UINT32_MAX;
}

RegionSetPtr RegionSet::Intersection(const RegionSet& a, const RegionSet& b) {
  // Names are normal already: "chr1" that was "chrchr1" stays.
  auto common = std::make_shared<RegionSet>();
  for (const auto& [chrom, intervals] : a.chroms_) {
    const Intervals& others = b.Of(chrom);
    for (size_t i = 0, k = 0; i < intervals.size() && k < others.size();) {
      const Interval both{std::max(intervals[i].begin, others[k].begin),
                          std::min(intervals[i].end, others[k].end)};
      if (both.begin <= both.end) common->chroms_[chrom].push_back(both);
      intervals[i].end < others[k].end ? ++i : ++k;
    }
  }
  return common;
}

std::string RegionSet::Canonical() const {
  std::string text;
  for (const auto& [chrom, intervals] : chroms_) {
    for (const Interval& i : intervals) {
      text.append(" ").append(chrom);
      if (i == kWholeChromosome) continue;
      const fmt::format_int begin(i.begin), end(i.end);
      text.append(":").append(begin.data(), begin.size());
      text.append("-").append(end.data(), end.size());
    }
  }
  return text;
}

bool RegionCursor::Wants(std::string_view chrom, uint32_t pos) {
  if (!regions_) return true;
  if (intervals_ == nullptr || chrom != chrom_) {
    chrom_ = chrom;
    intervals_ = &regions_->Of(chrom);
    next_ = 0;
  }
  while (next_ < intervals_->size() && (*intervals_)[next_].end < pos) ++next_;
  return next_ < intervals_->size() && (*intervals_)[next_].begin <= pos;
}

}  // namespace kinflow
