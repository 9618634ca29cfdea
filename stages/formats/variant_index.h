#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace kinflow {

/// What a .tbi or .csi says about its file. Own parser: no file is opened by anything but us.
struct VariantIndex {
  std::string path;
  std::vector<std::string> names;  // contigs; empty for the .csi of a BCF (numbers only)
  std::vector<uint64_t> counts;    // records a contig
  uint64_t last_offset = 0;        // largest compressed offset it points to
  bool counts_known = false;       // indexes of old tools lack them
  uint64_t total() const;
};

/// The index beside `path` (FILE.tbi, FILE.csi), nothing if there is none. Throws kMalformed,
/// kTruncated.
std::optional<VariantIndex> FindVariantIndex(const std::string& path);

/// Compares the records read of each contig with the index beside `path`; throws kRecordCount.
/// `contigs`: header contigs, for indexes that number them. No index, no check.
void CheckIndexCounts(const std::string& path,
                      const std::unordered_map<std::string, uint64_t>& read,
                      const std::vector<std::string>& contigs);

}  // namespace kinflow
