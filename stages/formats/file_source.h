#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/graph/genotype_source.h"
#include "stages/formats/genotype_options.h"

namespace kinflow {

/// What a source met while it decoded; complete when its last block is decoded.
struct DecodeCounts {
  uint64_t half_calls = 0;        // genotypes like ./1, taken as missing
  uint64_t no_probabilities = 0;  // GP of 0 for every genotype, taken as missing
  uint64_t from_calls = 0;        // genotypes without a dosage, taken from their GT
  uint64_t from_ds = 0;           // genotypes without HDS, taken from their DS
  uint64_t unread_dosages = 0;    // records whose GT was taken beside dosages in a field not read
  uint64_t padded_rows = 0;       // of a .bed: bits behind the last sample that are not zero
  /// Dosages (DS) on X beside the call ".", taken for those of one copy.
  uint64_t dosages_beside_dot = 0;
  /// Records on X, Y or MT with DS and no GT; those of them with a dosage above 1.
  uint64_t untold_records = 0, untold_above_one = 0;

  void Add(const DecodeCounts& more);
};

/// The same of blocks that are decoded at the same time.
class SharedDecodeCounts {
 public:
  void Add(const DecodeCounts& more) {
    const std::lock_guard lock(mutex_);
    counts_.Add(more);
  }
  DecodeCounts counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  DecodeCounts counts_;
};

/// Bytes [begin, end) of a file.
struct ByteRange {
  uint64_t begin = 0, end = 0;
};

/// Appends a range that begins at or behind the last one; ranges that touch become one.
inline void AddRange(std::vector<ByteRange>& ranges, uint64_t begin, uint64_t end) {
  if (!ranges.empty() && begin <= ranges.back().end) {
    ranges.back().end = std::max(ranges.back().end, end);
  } else {
    ranges.push_back({begin, end});
  }
}

inline uint64_t BytesOf(const std::vector<ByteRange>& ranges) {
  uint64_t bytes = 0;
  for (const ByteRange& range : ranges) bytes += range.end - range.begin;
  return bytes;
}

/// A genotype source over files. Block numbers count from 0 at the first Read, also after
/// SkipShards; shard numbers always count from the start of the data.
class FileSource : public GenotypeSource {
 public:
  /// Shards begun so far, skipped ones included.
  virtual uint32_t shards_begun() const = 0;
  virtual DecodeCounts counts() const = 0;
  std::vector<std::string> Warnings() const final;  // of the counts
  /// The parts of its file that the source will read, ascending and disjoint; empty = all of it.
  virtual std::vector<ByteRange> ranges() const { return {}; }
  /// Why regions and ids do not spare it reading everything ("no index"); "" if they do or there
  /// are none.
  virtual std::string reads_all_because() const { return ""; }
};

}  // namespace kinflow
