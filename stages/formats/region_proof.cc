#include "stages/formats/region_proof.h"

#include <algorithm>

namespace kinflow {

RegionProof::RegionProof(const std::string& path, const VariantIndex& index,
                         const std::vector<std::string>& names,
                         const std::vector<std::string>& contigs)
    : path_(path), names_(names), data_(index.data), peek_(path, contigs) {
  for (size_t c = 0; c < index.bins.size(); ++c) {
    VirtualSpan all{UINT64_MAX, 0};
    for (const IndexBin& bin : index.bins[c]) {
      all = {std::min(all.begin, bin.span.begin), std::max(all.end, bin.span.end)};
      starts_.push_back({bin.span.begin, c, bin.first, bin.last});
    }
    contig_data_.push_back(all);
  }
  std::sort(starts_.begin(), starts_.end(),
            [](const Start& a, const Start& b) { return a.offset < b.offset; });
  // A contig that has another name in the file would be missing from it.
  for (const VirtualSpan& all : contig_data_) {
    if (all.begin < all.end) At(all.begin);
  }
}

std::vector<RegionProof::Start>::const_iterator RegionProof::StartAt(VirtualOffset offset) const {
  return std::lower_bound(starts_.begin(), starts_.end(), offset,
                          [](const Start& start, VirtualOffset o) { return start.offset < o; });
}

/// The record there, which has to lie in the bin that begins with it.
RecordSite RegionProof::At(VirtualOffset offset) {
  RecordSite site = peek_.At(offset);
  const auto start = StartAt(offset);
  if (start != starts_.end() && start->offset == offset) {
    // Indexes have position 0 in the bin of the first bases.
    const auto pos = static_cast<uint64_t>(std::max<int64_t>(1, site.pos));
    if (site.chrom != names_[start->contig] || pos < start->first || pos > start->last) {
      throw StaleIndex(path_, offset, "a record of another place lies");
    }
  }
  return site;
}

/// Negative if the record at `offset` comes before a position, positive if behind it.
int RegionProof::Compare(VirtualOffset offset, size_t contig, uint32_t pos) {
  const RecordSite site = At(offset);
  if (site.chrom == names_[contig]) return site.pos < pos ? -1 : site.pos > pos;
  if (offset < contig_data_[contig].begin) return -1;
  if (offset >= contig_data_[contig].end) return 1;
  throw StaleIndex(path_, offset, "a record of another contig lies");
}

VirtualOffset RegionProof::Begin(const WantedPart& part) {
  VirtualOffset at = part.span.begin;
  while (at > data_.begin) {
    if (at < data_.end && Compare(at, part.first_contig, part.first) < 0) return at;
    const auto next = StartAt(at);
    at = next == starts_.begin() ? data_.begin : std::prev(next)->offset;
  }
  return data_.begin;
}

void RegionProof::CheckEnd(const WantedPart& part) {
  if (part.span.end >= data_.end) return;
  if (Compare(part.span.end, part.last_contig, part.last) <= 0) {
    throw StaleIndex(path_, part.span.end, "a record of a place before it lies");
  }
}

}  // namespace kinflow
