#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {

/// A consumer of a scan. Several sinks share one scan; each gets every tile in block order.
///
/// Call sequence (all from one thread at a time, except Consume):
///   BeginShard(s)  { BeginTile(t)  Consume(t, parts...) in parallel  EndTile(t) }*  SealShard(s)
/// Consume must not touch state that another part of the same tile touches; sums are then added in
/// block order whatever the number of threads, so results have the same bits.
class TileSink {
 public:
  enum class Partition { kBySamples, kByVariants };

  virtual ~TileSink() = default;
  virtual Partition partition() const = 0;
  /// Rows (plan order, ascending) this sink needs, or null for all. Tiles may hold other rows too:
  /// a source reads what is near. Row r of a tile is variant tile.first_variant + r.
  virtual const std::vector<uint64_t>* wanted_variants() const { return nullptr; }
  /// The bits of DosageTile::calls (CallFlag) that it looks at.
  virtual uint8_t FlagsUsed() const { return 0xff; }
  /// Shards [0, n) that this sink has already committed; the scan skips what all its sinks have.
  virtual uint32_t CommittedShards() const = 0;
  /// Variants in committed shards [0, n).
  virtual uint64_t CommittedVariants(uint32_t shards) const = 0;
  /// Memory the sink holds besides tiles, for the run's estimate.
  virtual uint64_t MemoryBytes() const { return 0; }
  /// Before a scan: what the budget of the process leaves besides the other sinks. A sink that can
  /// do its work in parts chooses them by it.
  virtual void FitMemory(uint64_t) {}
  /// Before a scan: that of all its tiles.
  virtual void UseEncoding(const DosageEncoding&) {}
  /// kBySamples: those of `n` that this scan is about.
  virtual Range Samples(uint32_t n) const { return {0, n}; }
  virtual void BeginShard(uint32_t shard) = 0;
  virtual void BeginTile(const DosageTile&) {}
  virtual void Consume(const DosageTile& tile, Range part) = 0;
  virtual void EndTile(const DosageTile&) {}
  /// Writes and publishes the shard: after it returns the work is safe against kill -9. A shard
  /// that is already committed may be asked for again (another sink lost it): the bytes are the
  /// same.
  virtual void SealShard(uint32_t shard) = 0;
  /// Once a scan, after its last shard: merges and seals the artifact.
  virtual void Finish() = 0;
  /// After Finish: nothing is sealed yet, the sink wants to see the same data again (other people
  /// than before, where its memory does not hold all).
  virtual bool WantsAnotherScan() const { return false; }
};

}  // namespace kinflow
