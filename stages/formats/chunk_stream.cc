#include "stages/formats/chunk_stream.h"

#include <algorithm>
#include <cstring>

namespace kinflow {
namespace {

constexpr size_t kChunkBytes = 2 << 20;
constexpr size_t kSlack = 1 << 17;  // a batch ends with whole BGZF blocks

}  // namespace

ChunkStream::ChunkStream(const std::string& path)
    : reader_(path), pool_(std::make_shared<Pool>()), chunk_(NewChunk()) {}

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
  // Twice the rest: a line of many megabytes is not copied once for every 2 MiB of it.
  const size_t target = std::max(kChunkBytes, 2 * rest);
  ChunkPtr next = NewChunk();
  char* out = next->Extend(rest + target + kSlack);
  if (rest > 0) std::memcpy(out, begin(), rest);
  next->Commit(rest);
  const bool more = reader_.Append(*next, target);
  chunk_ = std::move(next);
  begin_ = 0;
  return more;
}

}  // namespace kinflow
