#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stages/formats/bgen_header.h"
#include "stages/formats/region_set.h"

namespace kinflow {

/// Where a variant of a BGEN lies, as its index says.
struct BgenIndexEntry {
  uint64_t offset = 0;  // its first byte
  uint32_t bytes = 0;
  uint32_t pos = 0;
  uint32_t id = 0;     // number in BgenIndex::ids
  uint32_t names = 0;  // hash of rsid and alleles
  uint16_t chrom = 0;  // number in BgenIndex::chroms
  uint16_t n_alt = 1;
};

/// The entries of an index in file order.
struct BgenIndex {
  std::vector<BgenIndexEntry> entries;
  std::vector<std::string> chroms;  // as written
  std::vector<std::string> ids;     // rsids; empty if they were not asked for
  uint64_t rows = 0;                // one an ALT

  /// True if the entry says of the variant what the file does.
  bool Describes(const BgenIndexEntry& entry, const BgenVariant& variant) const;
};

/// Sum over variants in any order. That of an index equals that of the file if both say the same
/// of each variant: place, position, rsid and alleles.
class BgenVariantSum {
 public:
  void Add(const BgenIndexEntry& entry, std::string_view chrom);
  void Add(const BgenVariant& variant, uint64_t offset);
  bool operator==(const BgenVariantSum&) const = default;

 private:
  uint64_t sum_ = 0;
};

struct BgenIndexSummary {
  std::string path;
  uint64_t rows = 0;  // one an ALT
  BgenVariantSum sum;
};

// The index of a BGEN is FILE.bgi: an SQLite database with the tables Variant and Metadata that
// bgenix defines.

std::string BgenIndexPath(const std::string& bgen);

/// What the index beside `bgen` counts, nothing if there is none. It has to be of this very file:
/// throws kRecordCount if size, first bytes or variant count differ, or if its variants are not one
/// behind the other from the first one's byte to the end of the file; kMalformed if it is no such
/// index.
std::optional<BgenIndexSummary> CheckBgenIndex(const std::string& bgen, const BgenHeader& header);

/// All of the index beside `bgen`, checked in the same way.
BgenIndex ReadBgenIndex(const std::string& bgen, const BgenHeader& header, bool with_ids = false);

/// Numbers, ascending, of the entries next to each of the regions and at both ends of each
/// chromosome. If those are right, as those within are seen to be, and the file is sorted, then no
/// variant of the regions is missing from the index.
std::vector<size_t> EntriesAround(const BgenIndex& index, const RegionSet& regions);

/// kRecordCount for an entry (from 1) that is not of the variant that lies there.
Error WrongBgenEntry(const std::string& bgen, uint64_t entry);

/// Walks over the variants of `bgen` and writes its index: a partial file, published when complete.
/// Throws whatever is wrong with the file. Returns the number of variants.
uint64_t BuildBgenIndex(const std::string& bgen, uint64_t max_allele);

}  // namespace kinflow
