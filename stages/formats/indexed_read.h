#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/formats/bgzf_block.h"
#include "stages/formats/file_source.h"
#include "stages/formats/region_set.h"
#include "stages/formats/variant_index.h"

namespace kinflow {

/// How the wanted records of a VCF or BCF are reached.
struct IndexedRead {
  bool skips = false;  // false: the whole file is read, `why` says for what reason
  std::string why;     // "no index", "index x.tbi: its records end elsewhere", ...
  VirtualOffset header_end = 0;
  std::vector<VirtualSpan> spans;  // ascending, disjoint, whole records: all that can be wanted

  /// What is read of a file of this size; empty = all of it.
  std::vector<ByteRange> Ranges(uint64_t file_bytes) const;
};

/// Why the index beside a file cannot be its own, "" if nothing tells that: its records begin
/// behind the header (`header_bytes` of data), leave no gap, and end with the file's data.
/// `contigs`: of the header of a BCF, whose index numbers them; none for text.
std::string IndexFault(const VariantIndex& index, const std::string& path, bool bgzf,
                       uint64_t header_bytes, const std::vector<std::string>& contigs);

/// Decides whether the index beside `path` can be trusted to skip with: it has no IndexFault and is
/// not older than the file. Otherwise everything is read, and the count check at the end has its
/// say. Records of a contig must ascend by position (SiteChecker sees to it): then the spans hold
/// every record whose POS lies in `regions`, or what the index says of the file is seen to be wrong
/// (RegionProof, kRecordCount). Throws what FindVariantIndex throws, too.
IndexedRead PlanIndexedRead(const std::string& path, bool bgzf, uint64_t header_bytes,
                            const std::vector<std::string>& contigs, const RegionSet& regions);

}  // namespace kinflow
