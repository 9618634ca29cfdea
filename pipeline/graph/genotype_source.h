#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/data/dosage_tile.h"
#include "pipeline/data/sample_table.h"

namespace kinflow {

/// Undecoded bytes of one block, made by Read and turned into a tile by Decode. Pooled: buffers
/// keep their capacity. Each format derives its own.
struct RawBlock {
  virtual ~RawBlock() = default;
  uint64_t block = 0;
  uint32_t shard = 0;
};

/// How a source cuts its records into shards and tiles. Shards depend on the data alone (sample
/// count, chromosome and file borders), never on threads, memory or tile size.
struct ScanShape {
  uint32_t tile_records = 256;            // at most so many records a block
  uint64_t block_bytes = 32ull << 20;     // about, of a raw block; one record may have more
  uint64_t shard_genotypes = 1ull << 31;  // a shard ends with the record that reaches it
};

/// Is this row of a variant table of use?
using VariantPredicate = std::function<bool(const VariantTable&, size_t row)>;

/// A stream of variants of one genotype input. Read is called by one thread at a time; Decode by
/// many at once: it is const and depends on `raw` only; it may read the file, where `raw` says
/// where.
class GenotypeSource {
 public:
  virtual ~GenotypeSource() = default;
  virtual const SampleTablePtr& samples() const = 0;
  virtual const DosageEncoding& encoding() const = 0;
  /// Variants if known before reading (bed, store), for progress and estimates.
  virtual std::optional<uint64_t> variant_count() const = 0;
  /// Bytes of input and how many have been read or passed, for progress. bytes_read() may be called
  /// while another thread is in Read().
  virtual uint64_t input_bytes() const = 0;
  virtual uint64_t bytes_read() const = 0;
  virtual void Shape(const ScanShape& shape) = 0;  // before the first Read
  /// Restricts reading to blocks that hold these rows (ascending); the default reads everything.
  /// A source that honours it sets DosageTile::first_variant itself and returns true; other rows of
  /// its blocks may hold any values.
  virtual bool SelectRows(const std::vector<uint64_t>&) { return false; }
  /// A hint before the first Read: only these variants are of use, told by chromosome, position and
  /// id. A source may pass over others, without reading them if it knows where they lie, or else
  /// without decoding them; blocks may hold others too.
  virtual void SelectWhere(VariantPredicate) {}
  /// A hint before the first Read: of DosageTile::calls nobody looks at other bits (CallFlag). A
  /// source may leave them out, above all where reading them takes time of its own.
  virtual void UseFlags(uint8_t) {}
  /// Bits that DosageTile::calls may have, others than asked for (VCF) included, where UseFlags was
  /// told `used`; for the memory plan. 0 = calls stay empty.
  virtual uint8_t FlagsGiven(uint8_t used) const = 0;
  virtual std::unique_ptr<RawBlock> NewRawBlock() const = 0;
  /// Next block in order (sets block and shard); false at the end. Throws Error.
  virtual bool Read(RawBlock& raw) = 0;
  virtual void Decode(const RawBlock& raw, DosageTile& tile) const = 0;
  /// Passes over the first `n` shards without decoding (resume). Before the first Read.
  virtual void SkipShards(uint32_t n) = 0;
  /// What the user should know of the data decoded so far, as sentences with counts; complete when
  /// the last block is decoded. No ids. Any thread, after the scan.
  virtual std::vector<std::string> Warnings() const { return {}; }
  /// Records that a block is to have where memory allows: those that are stored together, which
  /// smaller blocks would unpack once each.
  virtual uint32_t LeastBlockRecords() const { return 1; }
  /// Bytes of one raw block of `tile_records`, about; for the memory plan.
  virtual uint64_t RawBlockBytes(uint32_t tile_records) const = 0;
};

/// Bytes of a row of the source's tiles, values and flags, where nobody looks at flags but `used`.
inline uint64_t TileRowBytes(const GenotypeSource& source, uint8_t used) {
  const uint32_t people = source.samples()->size();
  return source.encoding().StrideBytes(people) + (source.FlagsGiven(used) != 0 ? people : 0);
}

}  // namespace kinflow
