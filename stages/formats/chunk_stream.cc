#include "stages/formats/chunk_stream.h"

#include <algorithm>
#include <cstring>

namespace kinflow {
namespace {

constexpr size_t kChunkBytes = 2 << 20;
constexpr size_t kFirstBytes = 128 << 10;         // chunks grow: a header alone takes little more
constexpr size_t kSlack = 1 << 17;                // a batch ends with whole BGZF blocks
constexpr size_t kPooledBytes = 8 * kChunkBytes;  // larger chunks, of long lines, are given back

// Bytes that are not compressed need no room beyond their own.
size_t ChunkBytes(const BgzfReader& reader) {
  const bool known = reader.container() == Container::kPlain && reader.file_bytes() > 0;
  return known ? std::min<uint64_t>(kChunkBytes, reader.file_bytes()) : kChunkBytes;
}

}  // namespace

ChunkStream::ChunkStream(const std::string& path)
    : reader_(path),
      target_bytes_(kFirstBytes),
      chunk_bytes_(ChunkBytes(reader_)),
      pool_(std::make_shared<Pool>()),
      chunk_(NewChunk()) {}

ChunkPtr ChunkStream::NewChunk() {
  std::unique_ptr<ByteBuffer> buffer;
  {
    const std::lock_guard<std::mutex> lock(pool_->mutex);
    if (!pool_->free.empty()) {
      buffer = std::move(pool_->free.back());
      pool_->free.pop_back();
    }
  }
  if (!buffer) buffer = std::make_unique<ByteBuffer>();
  buffer->Clear();
  return {buffer.release(), [pool = pool_](ByteBuffer* used) {
            std::unique_ptr<ByteBuffer> owned(used);
            if (owned->capacity() > kPooledBytes) return;
            const std::lock_guard<std::mutex> lock(pool->mutex);
            pool->free.push_back(std::move(owned));
          }};
}

void ChunkStream::Restrict(std::vector<VirtualSpan> spans, int last_byte) {
  reader_.Restrict(std::move(spans), last_byte);
  chunk_ = NewChunk();
  begin_ = 0;
}

bool ChunkStream::More() {
  const size_t rest = size();
  // As much as the rest: a line of many megabytes is not copied once for every 2 MiB of it.
  const size_t target = std::max(target_bytes_, rest);
  target_bytes_ = std::min(kChunkBytes, 2 * target_bytes_);
  ChunkPtr next = NewChunk();
  char* out = next->Extend(rest + std::max(chunk_bytes_, rest) + kSlack);
  if (rest > 0) std::memcpy(out, begin(), rest);
  next->Commit(rest);
  const bool more = reader_.Append(*next, target);
  chunk_ = std::move(next);
  begin_ = 0;
  return more;
}

}  // namespace kinflow
