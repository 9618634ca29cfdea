#include "stages/formats/indexed_read.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/file.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

// Unwanted bytes of the file that are read rather than jumped over: about what a disk reads in the
// time of a seek.
constexpr uint64_t kGapBytes = 128 << 10;

/// Bounds on the offsets of a contig's records, from its bins: records ascend by position, so one
/// at `pos` lies behind the records of all bins that end before `pos`, and before those of all bins
/// that begin behind it.
class OffsetBounds {
 public:
  OffsetBounds(const std::vector<IndexBin>& bins, const std::vector<uint64_t>& lines)
      : by_last_(bins), by_first_(bins), lines_(lines) {
    std::sort(by_last_.begin(), by_last_.end(),
              [](const IndexBin& a, const IndexBin& b) { return a.last < b.last; });
    std::sort(by_first_.begin(), by_first_.end(),
              [](const IndexBin& a, const IndexBin& b) { return a.first < b.first; });
    for (const IndexBin& bin : bins) {
      all_ = {std::min(all_.begin, bin.span.begin), std::max(all_.end, bin.span.end)};
    }
    VirtualOffset end = all_.begin, begin = all_.end;
    for (IndexBin& bin : by_last_) bin.span.end = end = std::max(end, bin.span.end);
    for (size_t i = by_first_.size(); i-- > 0;) {
      by_first_[i].span.begin = begin = std::min(begin, by_first_[i].span.begin);
    }
  }

  VirtualSpan Of(const Interval& wanted) const {
    VirtualSpan span = all_;
    auto it = std::lower_bound(by_last_.begin(), by_last_.end(), wanted.begin,
                               [](const IndexBin& b, uint64_t pos) { return b.last < pos; });
    if (it != by_last_.begin()) span.begin = std::prev(it)->span.end;
    const uint64_t window = (std::max(wanted.begin, 1u) - 1) >> 14;
    if (window < lines_.size()) span.begin = std::max(span.begin, lines_[window]);
    it = std::upper_bound(by_first_.begin(), by_first_.end(), wanted.end,
                          [](uint64_t pos, const IndexBin& b) { return pos < b.first; });
    if (it != by_first_.end()) span.end = it->span.begin;
    return span;
  }

 private:
  std::vector<IndexBin> by_last_;   // span.end: the largest of this bin and those before
  std::vector<IndexBin> by_first_;  // span.begin: the smallest of this bin and those behind
  const std::vector<uint64_t>& lines_;
  VirtualSpan all_{UINT64_MAX, 0};
};

std::vector<VirtualSpan> Join(std::vector<VirtualSpan> spans) {
  std::sort(spans.begin(), spans.end(),
            [](const VirtualSpan& a, const VirtualSpan& b) { return a.begin < b.begin; });
  std::vector<VirtualSpan> joined;
  for (const VirtualSpan& span : spans) {
    if (!joined.empty() && (span.begin >> 16) <= (joined.back().end >> 16) + kGapBytes) {
      joined.back().end = std::max(joined.back().end, span.end);
    } else {
      joined.push_back(span);
    }
  }
  return joined;
}

}  // namespace

std::vector<ByteRange> IndexedRead::Ranges(uint64_t file_bytes) const {
  std::vector<ByteRange> ranges;
  if (!skips) return ranges;
  const auto add = [&](VirtualOffset begin, VirtualOffset end) {
    // The block that a span ends in is read to its end, wherever that is.
    const uint64_t last = std::min(file_bytes, (end >> 16) + ((end & 0xffff) ? kMaxBgzfBlock : 0));
    AddRange(ranges, begin >> 16, last);
  };
  add(0, header_end);
  for (const VirtualSpan& span : spans) add(span.begin, span.end);
  return ranges;
}

std::vector<VirtualSpan> WantedSpans(const VariantIndex& index,
                                     const std::vector<std::string>& names,
                                     const RegionSet& regions) {
  std::vector<VirtualSpan> spans;
  for (size_t c = 0; c < index.bins.size() && c < names.size(); ++c) {
    const RegionSet::Intervals& wanted = regions.Of(NormaliseChrom(names[c]));
    if (wanted.empty() || index.bins[c].empty()) continue;
    const OffsetBounds bounds(index.bins[c], index.lines[c]);
    for (const Interval& interval : wanted) {
      const VirtualSpan span = bounds.Of(interval);
      if (span.begin < span.end) spans.push_back(span);
    }
  }
  return Join(std::move(spans));
}

IndexedRead PlanIndexedRead(const std::string& path, bool bgzf, uint64_t header_bytes,
                            const std::vector<std::string>& contigs, const RegionSet& regions) {
  IndexedRead plan;
  const auto index = FindVariantIndex(path);
  const auto& names = index && !index->names.empty() ? index->names : contigs;
  const auto no = [&](std::string why) {
    plan.why = std::move(why);
    return plan;
  };
  if (!index) return no("no index");
  const std::string name = BaseName(index->path);
  if (OlderThanItsFile(index->path, path)) return no(name + " is older than the file");
  if (!bgzf) return no("not BGZF");
  if (index->bins.size() > names.size()) return no(name + " has contigs that the header lacks");
  if (index->data.end == 0) return no(name + " is empty");
  if (index->has_gaps) return no(name + " leaves out parts of the file");
  if (!LiesBehind(path, index->data.begin, header_bytes)) {
    return no(name + " does not begin where the records do");
  }
  if (!EndsAt(path, index->data.end)) return no(name + " does not end where the records do");
  plan.skips = true;
  plan.header_end = index->data.begin;
  plan.spans = WantedSpans(*index, names, regions);
  return plan;
}

}  // namespace kinflow
