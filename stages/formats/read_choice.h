#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "stages/formats/region_set.h"

namespace kinflow {

/// What of a genotype file is read; handed to its source. Contract of every FileSource:
///
/// * Columns of other people are passed over as cheaply as the format allows.
/// * Records outside `regions` (by POS) are dropped in Read, before shards and blocks are cut:
///   shards, rows and results are the same whether an index was there to skip with or all was read.
struct ReadChoice {
  std::vector<std::string> keep;  // IIDs to read; empty = all
  RegionSetPtr regions;           // null = all positions
  SampleTablePtr order;           // people come in this table's order; null = in the file's
};

/// A block ends, empty if need be, when so many bytes of unwanted records have been passed over in
/// it: what it keeps alive stays small, and a stop request is seen soon.
inline constexpr uint64_t kPassedOverBytes = 4ull << 20;

}  // namespace kinflow
