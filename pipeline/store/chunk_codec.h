#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "pipeline/data/dosage_tile.h"
#include "pipeline/store/run_deflate.h"

namespace kinflow {

/// Which deflate encoder writes chunks. All give plain zlib streams.
enum class Compressor : uint8_t {
  kAuto,  // DosageWriter only: kRun or kFast, by what the first chunks of the dataset compress to
  kRun,   // RunDeflater: for dosages
  kNumbers,  // the same for columns of numbers: stored where that costs less than an eighth
  kFast,     // libdeflate level 1
  kText,     // libdeflate level 2: for texts
};

/// Makes the stored form of a chunk, as HDF5's filters [shuffle,] deflate, fletcher32 would. One
/// object is used by one thread; it keeps its buffers.
class ChunkEncoder {
 public:
  explicit ChunkEncoder(Compressor compressor);  // not kAuto
  ~ChunkEncoder();
  ChunkEncoder(ChunkEncoder&&) noexcept;

  /// `shuffle_bytes` is the element size, 1 = no shuffle. The result lives until the next call.
  std::span<const uint8_t> Encode(const uint8_t* raw, size_t size, size_t shuffle_bytes);

 private:
  Compressor compressor_;
  RunDeflater run_;
  std::unique_ptr<void, void (*)(void*)> libdeflate_;
  AlignedBuffer shuffled_, out_;
};

/// True if the checksum at the end of a stored chunk fits its bytes.
bool ChunkChecksumFits(std::span<const uint8_t> stored);

/// Undoes Encode: checks fletcher32, inflates (Adler-32 is checked, the length must be exactly
/// `size`), unshuffles. False if anything is wrong; `raw` is undefined then. Thread-safe.
bool DecodeChunk(std::span<const uint8_t> stored, size_t shuffle_bytes, uint8_t* raw, size_t size);

}  // namespace kinflow
