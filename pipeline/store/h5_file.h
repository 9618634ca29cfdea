#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pipeline/data/column_table.h"
#include "pipeline/data/dosage_tile.h"
#include "pipeline/data/factor.h"
#include "pipeline/data/string_column.h"
#include "pipeline/data/table.h"

namespace kinflow {

// The only door to HDF5 (layout: pipeline/store/README.md). Every dataset is chunked, deflated and
// carries fletcher32; format bounds V110; no times in the file: equal content gives equal bytes.
// Thread-safety: one object is used by one thread; different objects may be used at once (the
// library's global lock is the bottleneck, so only compressed bytes cross it).

class H5Writer;
enum class Compressor : uint8_t;  // chunk_codec.h

/// Appends variant-major dosages to one 2-D dataset. Rows are collected to chunk bands (about 1 MB
/// a chunk); full bands are compressed in parallel on the current TBB arena and written in chunk
/// order. Bytes do not depend on how rows were grouped into tiles.
class DosageWriter {
 public:
  DosageWriter(H5Writer& file, std::string_view path, uint32_t n_samples,
               const DosageEncoding& encoding,          // kU8 or kU16 only
               Compressor compressor = Compressor{0});  // kAuto
  ~DosageWriter();
  /// All rows of a tile (kTwoBit is expanded to u8).
  void Append(const DosageTile& tile);
  void Append(const DosageTile& tile, Range rows);
  /// Rows of one byte a sample (a tile's `calls`): for a u8 writer of its own, which then describes
  /// its dataset as flags. Null `rows`: no flags.
  void AppendBytes(const uint8_t* rows, size_t n_rows, size_t stride_bytes);
  /// Flushes the last, padded band and sets the final extent. Once.
  void Finish();
  /// Most that a writer of this shape holds, in bytes.
  static uint64_t MemoryBytes(uint32_t n_samples, const DosageEncoding& encoding);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One HDF5 file being written at `path` (a partial name; the caller publishes it). After a write
/// error the file is unlinked and the Error says so; HDF5 must not be shut down normally then
/// (HDF5 1.10 crashes), which Fail() arranges: see HadWriteError().
class H5Writer {
 public:
  struct Impl;

  explicit H5Writer(const std::string& path);
  ~H5Writer();  // without Close(): removes the file
  H5Writer(const H5Writer&) = delete;
  H5Writer& operator=(const H5Writer&) = delete;

  // 1-D datasets; parents in `path` ("/variants/pos") are created as groups.
  void Write(std::string_view path, std::span<const uint8_t> v);
  void Write(std::string_view path, std::span<const uint16_t> v);
  void Write(std::string_view path, std::span<const uint32_t> v);
  void Write(std::string_view path, std::span<const int64_t> v);
  void Write(std::string_view path, std::span<const uint64_t> v);
  void Write(std::string_view path, std::span<const float> v);
  void Write(std::string_view path, std::span<const double> v);
  /// Fixed-length, null-padded UTF-8 of the longest string.
  void Write(std::string_view path, const StringColumn& v);
  void Write(std::string_view path, const std::vector<std::string>& v);
  /// An HDF5 enumeration over u8; as strings if its levels do not fit one.
  void Write(std::string_view path, const Factor& v);
  /// Row-major 2-D dataset of doubles.
  void WriteMatrix(std::string_view path, std::span<const double> v, size_t rows, size_t cols);
  void Attribute(std::string_view object, std::string_view name, std::string_view value);
  void Attribute(std::string_view object, std::string_view name, double value);
  void Attribute(std::string_view object, std::string_view name, int64_t value);
  /// Group `path` with one dataset a column, in column order (attribute "columns").
  void WriteTable(std::string_view path, const Table& table);
  /// The same; a few columns are in memory at a time.
  void WriteTable(std::string_view path, const ColumnTable& table);
  /// One dataset `path` with a record a row: for small tables, of whose columns each costs more
  /// than its values. As WriteTable where a record would be too long.
  void WriteRecords(std::string_view path, const Table& table);
  struct NamedColumn {
    std::string name;
    std::variant<std::span<const int64_t>, std::span<const double>, const StringColumn*,
                 const std::vector<std::string>*, const Factor*>
        values;
  };
  /// The same of any columns, which are compressed side by side on the current TBB arena.
  void WriteColumns(std::string_view path, const std::vector<NamedColumn>& columns);
  void WriteVariants(std::string_view path, const VariantTable& variants);
  /// H5Fclose, fsync. Throws; the file is gone then.
  void Close();

 private:
  friend class DosageWriter;
  std::unique_ptr<Impl> impl_;
};

/// True after any HDF5 write error in this process: main() must end with _exit().
bool HadWriteError();

/// One sealed HDF5 file opened read-only. Callers verify the file's digest first (ArtifactStore
/// does). Throws kShardDamaged with the file and dataset on any failed read or checksum.
class H5Reader {
 public:
  struct Impl;

  explicit H5Reader(const std::string& path);
  ~H5Reader();
  H5Reader(H5Reader&&) noexcept;

  bool Has(std::string_view path) const;
  std::vector<uint8_t> ReadU8(std::string_view path) const;
  std::vector<uint16_t> ReadU16(std::string_view path) const;
  std::vector<uint32_t> ReadU32(std::string_view path) const;
  std::vector<int64_t> ReadI64(std::string_view path) const;
  std::vector<uint64_t> ReadU64(std::string_view path) const;
  std::vector<float> ReadF32(std::string_view path) const;
  std::vector<double> ReadF64(std::string_view path) const;
  StringColumn ReadStrings(std::string_view path) const;
  /// Either form of Write(Factor).
  Factor ReadFactor(std::string_view path) const;
  std::vector<double> ReadMatrix(std::string_view path, size_t& rows, size_t& cols) const;
  bool HasAttribute(std::string_view object, std::string_view name) const;
  std::string AttributeText(std::string_view object, std::string_view name) const;
  double AttributeDouble(std::string_view object, std::string_view name) const;
  int64_t AttributeInt(std::string_view object, std::string_view name) const;
  /// Of either form: WriteTable, WriteRecords.
  Table ReadTable(std::string_view path) const;
  bool IsTable(std::string_view path) const;
  VariantTable ReadVariants(std::string_view path) const;
  bool IsGroup(std::string_view path) const;
  /// Datasets and groups directly below `group`, sorted.
  std::vector<std::string> List(std::string_view group) const;
  const std::string& path() const;
  const Impl& Handle() const { return *impl_; }  // for the store's own files

 private:
  friend class DosageReader;
  std::unique_ptr<Impl> impl_;
};

/// Random access to a dosage dataset. ReadBand() is the serial part (raw bytes under the library
/// lock), Expand() the parallel, pure part (checksum, inflate, unshuffle).
class DosageReader {
 public:
  DosageReader(const H5Reader& file, std::string_view path);
  ~DosageReader();
  DosageReader(DosageReader&&) noexcept;

  uint64_t rows() const;
  uint32_t samples() const;
  const DosageEncoding& encoding() const;
  uint32_t rows_per_chunk() const;
  /// From now on rows consist of these samples (columns) only, in this order; chunks without any
  /// of them are not read.
  void SelectSamples(const std::vector<uint32_t>& columns);

  /// Compressed chunks of one band of rows.
  struct RawBand {
    uint64_t band = 0;
    std::vector<std::vector<uint8_t>> chunks;  // over sample columns; empty if not needed
  };
  void ReadBand(uint64_t band, RawBand& out) const;  // one thread at a time
  /// All rows of the band (fewer in the last) to `out`, rows `stride_bytes` apart. Thread-safe.
  void Expand(const RawBand& raw, uint8_t* out, size_t stride_bytes) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kinflow
