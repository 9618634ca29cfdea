#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stages/formats/bgzf_reader.h"
#include "stages/formats/read_choice.h"

namespace kinflow {

/// Decompressed bytes that lines or records lie in; shared by the blocks cut from it.
using ChunkPtr = std::shared_ptr<ByteBuffer>;

/// Bytes that a block keeps alive beside its records: of chunks at both ends, which other blocks
/// share, and of a record longer than a chunk as much again as it has (More). Of these
/// kChunkEndBytes may be records.
inline constexpr uint64_t kChunkEndBytes = 4ull << 20;
inline uint64_t BytesBesideRecords(uint64_t record_bytes) {
  return std::max(kChunkEndBytes + kPassedOverBytes, 2 * record_bytes);
}
/// Bytes of records that a block of `block_bytes` in all may have.
inline uint64_t MostRecordBytes(uint64_t block_bytes, uint64_t record_bytes) {
  const uint64_t beside = BytesBesideRecords(record_bytes) - kChunkEndBytes;
  return block_bytes > beside ? block_bytes - beside : 0;
}

/// Walks the decompressed bytes of a file. The window [begin, end) is the unused part of the
/// current chunk; More() enlarges it by moving to a new chunk that starts with the unused bytes, so
/// whole records never cross a chunk and nothing but the rest is copied. Chunks are pooled, but for
/// those of long records.
class ChunkStream {
 public:
  explicit ChunkStream(const std::string& path);

  char* begin() { return chunk_->data() + begin_; }
  char* end() { return chunk_->data() + chunk_->size(); }
  size_t size() const { return chunk_->size() - begin_; }
  void Take(size_t n) { begin_ += n; }
  /// Adds bytes to the window, no more than are in it where those are many; false at the end of the
  /// file (the window stays).
  bool More();
  const ChunkPtr& chunk() const { return chunk_; }
  /// BgzfReader::Restrict; what the window holds is dropped.
  void Restrict(std::vector<VirtualSpan> spans, int last_byte);

  const BgzfReader& reader() const { return reader_; }

 private:
  struct Pool {
    std::mutex mutex;
    std::vector<std::unique_ptr<ByteBuffer>> free;
  };
  ChunkPtr NewChunk();

  BgzfReader reader_;
  size_t target_bytes_;  // of the next chunk, about
  size_t chunk_bytes_;   // to aim at
  std::shared_ptr<Pool> pool_;
  ChunkPtr chunk_;
  size_t begin_ = 0;
};

}  // namespace kinflow
