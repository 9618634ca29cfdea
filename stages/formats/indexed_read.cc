#include "stages/formats/indexed_read.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/file.h"
#include "pipeline/base/text.h"
#include "stages/formats/region_proof.h"

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

/// The part of each wanted interval, ascending. One that no record of the index lies in has an
/// empty part, where such records would be.
std::vector<WantedPart> WantedParts(const VariantIndex& index,
                                    const std::vector<std::string>& names,
                                    const RegionSet& regions) {
  std::vector<WantedPart> parts;
  for (size_t c = 0; c < index.bins.size() && c < names.size(); ++c) {
    const RegionSet::Intervals& wanted = regions.Of(NormaliseChrom(names[c]));
    if (wanted.empty() || index.bins[c].empty()) continue;
    const OffsetBounds bounds(index.bins[c], index.lines[c]);
    for (const Interval& interval : wanted) {
      VirtualSpan span = bounds.Of(interval);
      span.begin = std::min(span.begin, span.end);
      parts.push_back({span, c, c, interval.begin, interval.end});
    }
  }
  // By contig and position where empty ones of several contigs meet: contigs end before they begin.
  std::stable_sort(parts.begin(), parts.end(), [](const WantedPart& a, const WantedPart& b) {
    return a.span.begin < b.span.begin;
  });
  return parts;
}

bool Joins(const VirtualSpan& span, const VirtualSpan& last) {
  return (span.begin >> 16) <= (last.end >> 16) + kGapBytes;
}

/// The same as spans that are worth to be read one by one, each with proof that it holds all that
/// is wanted of it.
std::vector<VirtualSpan> Proven(const std::vector<WantedPart>& parts, RegionProof& proof) {
  std::vector<WantedPart> joined;
  for (WantedPart part : parts) {
    const bool near = !joined.empty() && Joins(part.span, joined.back().span);
    if (!near) part.span.begin = proof.Begin(part);
    if (near || (!joined.empty() && Joins(part.span, joined.back().span))) {
      WantedPart& last = joined.back();
      last.span = {std::min(last.span.begin, part.span.begin),
                   std::max(last.span.end, part.span.end)};
      last.last_contig = part.last_contig;
      last.last = part.last;
      continue;
    }
    joined.push_back(part);
  }
  std::vector<VirtualSpan> spans;
  for (const WantedPart& part : joined) {
    proof.CheckEnd(part);
    if (part.span.begin < part.span.end) spans.push_back(part.span);
  }
  return spans;
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

std::string IndexFault(const VariantIndex& index, const std::string& path, bool bgzf,
                       uint64_t header_bytes, const std::vector<std::string>& contigs) {
  const std::string name = BaseName(index.path);
  const auto& names = index.names.empty() ? contigs : index.names;
  if (!bgzf) return "not BGZF";
  if (index.bins.size() > names.size()) return name + " has contigs that the header lacks";
  if (index.data.end == 0) return name + " is empty";
  if (index.has_gaps) return name + " leaves out parts of the file";
  if (!LiesBehind(path, index.data.begin, header_bytes)) {
    return name + " does not begin where the records do";
  }
  if (!EndsAt(path, index.data.end)) return name + " does not end where the records do";
  return "";
}

IndexedRead PlanIndexedRead(const std::string& path, bool bgzf, uint64_t header_bytes,
                            const std::vector<std::string>& contigs, const RegionSet& regions) {
  IndexedRead plan;
  const auto index = FindVariantIndex(path);
  if (!index) {
    plan.why = "no index";
    return plan;
  }
  if (OlderThanItsFile(index->path, path)) {
    plan.why = BaseName(index->path) + " is older than the file";
    return plan;
  }
  plan.why = IndexFault(*index, path, bgzf, header_bytes, contigs);
  if (!plan.why.empty()) return plan;
  const auto& names = index->names.empty() ? contigs : index->names;
  RegionProof proof(path, *index, names, contigs);
  plan.skips = true;
  plan.header_end = index->data.begin;
  plan.spans = Proven(WantedParts(*index, names, regions), proof);
  return plan;
}

}  // namespace kinflow
