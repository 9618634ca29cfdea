#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/formats/region_set.h"

namespace kinflow {

/// What of a genotype file is read; handed to its source. Contract of every FileSource:
///
/// * Columns of other people are passed over as cheaply as the format allows.
/// * A source that meets its variants one by one (VCF, BCF) drops records outside `regions` (by
///   POS) in Read, before shards and blocks are cut: shards and rows are the same whether an index
///   was there to skip with or all was read.
/// * It passes over records that SelectWhere does not want once shards are cut, before their
///   genotypes are decoded: shards are those of all in `regions`.
/// * A source that knows its variants before it reads them (bed, pgen, BGEN with an index, the
///   store) is told what is wanted by SelectWhere, ids included. Its shards are those of all.
///
/// SelectVariants (selected_source.h) sees to it that nothing else is passed on in either case.
struct ReadChoice {
  std::vector<std::string> keep;  // IIDs to read; empty = all
  RegionSetPtr regions;           // null = all positions
};

/// A block ends, empty if need be, when so many bytes of unwanted records have been passed over in
/// it: what it keeps alive stays small, and a stop request is seen soon.
inline constexpr uint64_t kPassedOverBytes = 4ull << 20;

}  // namespace kinflow
