#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "stages/formats/bgzf_block.h"

namespace kinflow {

/// The records that start (for long ones: lie) within positions [first, last] of a contig, 1-based,
/// are all within the span. Bins nest; a position may be in several.
struct IndexBin {
  uint64_t first = 0, last = 0;
  VirtualSpan span;
};

/// What a .tbi or .csi says about its file. Own parser: no file is opened by anything but us.
struct VariantIndex {
  std::string path;
  std::vector<std::string> names;            // contigs; empty for the .csi of a BCF (numbers only)
  std::vector<uint64_t> counts;              // records a contig
  bool counts_known = false;                 // indexes of old tools lack them
  std::vector<std::vector<IndexBin>> bins;   // of a contig
  std::vector<std::vector<uint64_t>> lines;  // .tbi: lowest offset of each 16 KiB of positions
  VirtualSpan data;                          // from the first record to behind the last
  bool has_gaps = false;  // parts of `data` belong to no bin: not the index of one file
  uint64_t total() const;
};

/// The index beside `path` (FILE.tbi, FILE.csi), nothing if there is none. Throws kMalformed,
/// kTruncated.
std::optional<VariantIndex> FindVariantIndex(const std::string& path);

/// An index older than its file may be that of another version: nothing is left out by it.
bool OlderThanItsFile(const std::string& index, const std::string& file);

/// Compares the records read of each contig with the index beside `path`; throws kRecordCount.
/// `contigs`: header contigs, for indexes that number them. No index, no check. `whole` (null: all)
/// says of which contigs every record was read; others cannot be compared.
void CheckIndexCounts(const std::string& path,
                      const std::unordered_map<std::string, uint64_t>& read,
                      const std::vector<std::string>& contigs,
                      const std::function<bool(const std::string& contig)>& whole = {});

}  // namespace kinflow
