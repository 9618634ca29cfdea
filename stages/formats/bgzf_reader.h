#pragma once

#include <zlib.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pipeline/base/file.h"
#include "stages/formats/bgzf_block.h"
#include "stages/formats/genotype_options.h"

namespace kinflow {

/// Bytes that a reader hands on: aligned growth with readable slack behind the end.
class ByteBuffer {
 public:
  static constexpr size_t kSlack = 64;
  char* data() { return bytes_.get(); }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  std::span<const uint8_t> bytes() const {
    return {reinterpret_cast<const uint8_t*>(bytes_.get()), size_};
  }
  void Clear() { size_ = 0; }
  /// Room for `more` bytes behind the end; content is kept.
  char* Extend(size_t more);
  void Commit(size_t more) { size_ += more; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0, capacity_ = 0;
};

/// The decompressed bytes of a plain, gzip or BGZF file in order; which of them is told by content.
/// BGZF: blocks are inflated in parallel on the current TBB arena; header, CRC32, ISIZE, the end
/// block and the chain to the last byte are checked. Not thread-safe, but for bytes_read().
/// Throws kMissingFile, kUnreadableFile, kTruncated.
class BgzfReader {
 public:
  explicit BgzfReader(const std::string& path);
  ~BgzfReader();

  Container container() const { return container_; }
  const std::string& path() const { return file_.path(); }
  uint64_t file_bytes() const { return file_bytes_; }
  uint64_t bytes_read() const { return offset_.load(std::memory_order_relaxed); }
  /// BGZF only: from now on Append gives the data of these spans (ascending, disjoint), one after
  /// the other; no more of the file is read than that. Where a span does not begin and end at
  /// blocks of the file, or does not end with `last_byte` (-1: any), Append throws kRecordCount:
  /// the index that named it belongs to another file.
  void Restrict(std::vector<VirtualSpan> spans, int last_byte);
  /// Appends about `target` bytes, at least one; false at the end of the data.
  bool Append(ByteBuffer& out, size_t target);

 private:
  struct Block {
    size_t begin = 0;     // of the deflate data in input_
    uint32_t packed = 0;  // its bytes
    uint32_t crc = 0, size = 0;
    uint64_t offset = 0;  // in the file, for messages
    size_t out = 0;
    uint32_t skip = 0, used = 0;  // the span's part of the data; within spans only
  };
  bool Refill();
  void EnterSpan();
  bool TakeSpanBlock(Block& block);
  void CheckEnd() const;
  bool TakeBlock(Block& block);
  bool AppendSpans(ByteBuffer& out, size_t target);
  bool AppendBgzf(ByteBuffer& out, size_t target);
  bool AppendGzip(ByteBuffer& out, size_t target);
  void InflateBlocks(const std::vector<Block>& blocks, char* out);

  FileHandle file_;
  uint64_t file_bytes_ = 0;
  Container container_ = Container::kPlain;
  std::atomic<uint64_t> offset_{0};  // bytes taken from the file
  std::vector<uint8_t> input_;
  size_t begin_ = 0, end_ = 0;  // unread part of input_
  uint64_t position_ = 0;       // in the file, behind input_
  std::vector<Block> blocks_;
  std::unique_ptr<z_stream> zlib_;
  bool gzip_open_ = false;  // inside a gzip member

  bool restricted_ = false;
  std::vector<VirtualSpan> spans_;
  size_t span_ = 0;                                // the one being read
  bool span_begins_ = false, span_ended_ = false;  // its first block is next, its last is taken
  int last_byte_ = -1;
};

}  // namespace kinflow
