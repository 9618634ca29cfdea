#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kinflow {

/// Where a variant of a BGEN lies, as its index says.
struct BgenIndexEntry {
  uint64_t offset = 0;  // its first byte
  uint32_t bytes = 0;
  uint16_t chrom = 0;  // number in BgenIndex::chroms
  uint16_t n_alt = 1;
  uint32_t pos = 0;
  uint32_t id = 0;  // number in BgenIndex::ids
};

/// The entries of an index in file order.
struct BgenIndex {
  std::vector<BgenIndexEntry> entries;
  std::vector<std::string> chroms;  // as written
  std::vector<std::string> ids;     // rsids; empty if they were not asked for
};

struct BgenIndexSummary {
  std::string path;
  uint64_t variants = 0;
  uint64_t rows = 0;  // one an ALT
};

// The index of a BGEN is FILE.bgi: an SQLite database with the tables Variant and Metadata that
// bgenix defines.

std::string BgenIndexPath(const std::string& bgen);

/// What the index beside `bgen` counts, nothing if there is none. It has to be of this very file:
/// throws kRecordCount if size, first bytes, variant count or last byte differ, kMalformed if it is
/// no such index.
std::optional<BgenIndexSummary> CheckBgenIndex(const std::string& bgen, uint64_t variants);

/// All of an index that CheckBgenIndex accepted.
BgenIndex ReadBgenIndex(const std::string& bgen, uint64_t variants, bool with_ids = false);

/// Walks over the variants of `bgen` and writes its index: a partial file, published when complete.
/// Throws whatever is wrong with the file. Returns the number of variants.
uint64_t BuildBgenIndex(const std::string& bgen, uint64_t max_allele);

}  // namespace kinflow
