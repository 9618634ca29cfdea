#include "stages/formats/bgzf_reader.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "pipeline/base/buffer_memory.h"
#include "pipeline/base/error.h"

namespace kinflow {
namespace {

constexpr size_t kInputBytes = 1 << 20;
constexpr size_t kSpanInputBytes = 128 << 10;  // a read within spans, and the first one
constexpr std::array<uint8_t, 28> kEndBlock = {0x1f, 0x8b, 8,  4,  0, 0, 0,    0, 0, 0xff,
                                               6,    0,    66, 67, 2, 0, 0x1b, 0, 3, 0,
                                               0,    0,    0,  0,  0, 0, 0,    0};

Error Damaged(const std::string& path, uint64_t offset, std::string_view what) {
  return Error(ErrorId::kTruncated, fmt::format("{} at byte {}", what, offset))
      .InFile(path)
      .Remedy("copy the file again from its source and compare checksums");
}

Error Stale(const std::string& path, uint64_t offset, std::string_view what) {
  return Error(ErrorId::kRecordCount,
               fmt::format("the index does not fit the file: {} at byte {}", what, offset))
      .InFile(path)
      .Remedy(
          "build the index again (bcftools index -f); if the fault stays, the file is damaged: "
          "copy it again from its source");
}

}  // namespace

char* ByteBuffer::Extend(size_t more) {
  if (size_ + more + kSlack > capacity_) {
    capacity_ = std::max(size_ + more + kSlack, capacity_ + capacity_ / 2);
    std::unique_ptr<char[]> grown(new char[capacity_]);
    AdviseHugePages(grown.get(), capacity_);
    if (size_ > 0) std::memcpy(grown.get(), bytes_.get(), size_);
    bytes_ = std::move(grown);
  }
  return bytes_.get() + size_;
}

BgzfReader::BgzfReader(const std::string& path) : file_(FileHandle::OpenRead(path)) {
  file_bytes_ = file_.Size();
  // A size of 0 says nothing: the system gives it for what is no regular file.
  const size_t wanted =
      file_bytes_ == 0 ? kInputBytes : std::min<uint64_t>(kInputBytes, file_bytes_);
  input_.resize(wanted + kMaxBgzfBlock + 64);
  Refill();
  size_t header = 0;
  if (BgzfBlockSize(input_.data(), end_, header) != 0) {
    container_ = Container::kBgzf;
    CheckEnd();
  } else if (end_ >= 2 && input_[0] == 0x1f && input_[1] == 0x8b) {
    container_ = Container::kGzip;
    zlib_ = std::make_unique<z_stream>();
    std::memset(zlib_.get(), 0, sizeof(z_stream));
    if (inflateInit2(zlib_.get(), 15 + 16) != Z_OK) {
      throw Error(ErrorId::kOutOfMemory, "cannot start zlib").InFile(path);
    }
  }
}

BgzfReader::~BgzfReader() {
  if (zlib_) inflateEnd(zlib_.get());
}

void BgzfReader::CheckEnd() const {
  std::array<uint8_t, kEndBlock.size()> tail{};
  if (file_bytes_ >= tail.size()) file_.ReadAt(tail.data(), tail.size(), file_bytes_ - tail.size());
  if (tail != kEndBlock) {
    throw Damaged(path(), file_bytes_,
                  "the BGZF end block is not at the end: the file was cut, or bytes were added,");
  }
}

bool BgzfReader::Refill() {
  std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  size_t n = 0;
  if (restricted_) {
    // To the end of the block that the span ends in, and not a byte more than that can need.
    const uint64_t limit = std::min(file_bytes_, (spans_[span_].end >> 16) + kMaxBgzfBlock);
    n = std::min<uint64_t>(kSpanInputBytes, limit - std::min(limit, position_));
    if (n > 0) file_.ReadAt(input_.data() + end_, n, position_);
  } else {
    // Reads grow with what has been read: who wants the header alone takes little more.
    const size_t room = input_.size() - 64 - end_;
    n = file_.Read(input_.data() + end_,
                   std::min(room, std::max<size_t>(kSpanInputBytes, position_)));
  }
  end_ += n;
  position_ += n;
  offset_.fetch_add(n, std::memory_order_relaxed);
  return n > 0;
}

bool BgzfReader::TakeBlock(Block& block) {
  if (end_ - begin_ < kMaxBgzfBlock) {
    while (end_ - begin_ < kMaxBgzfBlock && Refill()) {
    }
  }
  const size_t left = end_ - begin_;
  if (left == 0) return false;
  block.offset = position_ - left;
  const uint8_t* p = input_.data() + begin_;
  size_t header = 0;
  const size_t size = BgzfBlockSize(p, left, header);
  if (size == 0) throw Damaged(path(), block.offset, "no BGZF block header");
  if (size < header + 8) throw Damaged(path(), block.offset, "impossible BGZF block size");
  if (size > left) throw Damaged(path(), block.offset, "incomplete BGZF block");
  block.begin = begin_ + header;
  block.packed = static_cast<uint32_t>(size - header - 8);
  block.crc = Load32(p + size - 8);
  block.size = Load32(p + size - 4);
  if (block.size > kMaxBgzfBlock)
    throw Damaged(path(), block.offset, "impossible BGZF block length");
  begin_ += size;
  return true;
}

void BgzfReader::Restrict(std::vector<VirtualSpan> spans, int last_byte) {
  restricted_ = true;
  spans_ = std::move(spans);
  last_byte_ = last_byte;
  span_ = 0;
  EnterSpan();
}

void BgzfReader::EnterSpan() {
  begin_ = end_ = 0;
  if (span_ == spans_.size()) return;
  position_ = spans_[span_].begin >> 16;
  span_begins_ = true;
  span_ended_ = false;
}

// The next block of the span with the bytes before and behind the span cut off; false at its end.
bool BgzfReader::TakeSpanBlock(Block& block) {
  const VirtualSpan& span = spans_[span_];
  const uint64_t next = position_ - (end_ - begin_), last = span.end >> 16;
  const uint32_t end = span.end & 0xffff;
  span_ended_ = span_ended_ || (next == last && end == 0);
  if (span_ended_) return false;
  if (next > last) throw Stale(path(), last, "no block begins");
  try {
    if (!TakeBlock(block)) throw Stale(path(), next, "the file ends");
  } catch (const Error& error) {
    if (span_begins_ && error.id() == ErrorId::kTruncated) {
      throw Stale(path(), next, "no block begins");
    }
    throw;
  }
  block.skip = span_begins_ ? span.begin & 0xffff : 0;
  block.used = next == last ? end : block.size;
  if (block.used > block.size || block.skip > block.used) {
    throw Stale(path(), next, "the block is shorter than the offset in it");
  }
  span_begins_ = false;
  span_ended_ = next == last;
  return true;
}

bool BgzfReader::AppendSpans(ByteBuffer& out, size_t target) {
  const size_t before = out.size();
  while (out.size() - before < target && span_ < spans_.size()) {
    blocks_.clear();
    size_t total = 0;
    Block block;
    while (total < target) {
      if (!blocks_.empty() && !span_ended_ && end_ - begin_ < kMaxBgzfBlock) break;
      if (!TakeSpanBlock(block)) break;
      block.out = total;
      total += block.size;
      blocks_.push_back(block);
    }
    if (!blocks_.empty()) {
      // Only the first block of a span has bytes to skip, only its last one bytes to cut.
      char* to = out.Extend(total);
      InflateBlocks(blocks_, to);
      const size_t skip = blocks_.front().skip;
      const size_t cut = blocks_.back().size - blocks_.back().used;
      if (skip > 0) std::memmove(to, to + skip, total - skip);
      out.Commit(total - skip - cut);
    }
    if (!span_ended_) continue;
    // What `out` held before is the data in front of this.
    if (last_byte_ >= 0 && out.size() > 0 && out.data()[out.size() - 1] != last_byte_) {
      throw Stale(path(), spans_[span_].end >> 16, "no record ends");
    }
    ++span_;
    EnterSpan();
  }
  return out.size() > before;
}

bool BgzfReader::AppendBgzf(ByteBuffer& out, size_t target) {
  const size_t before = out.size();
  while (out.size() - before < target) {
    // A batch lies within input_: TakeBlock refills (and moves bytes) only when few are left, so a
    // batch ends before that.
    blocks_.clear();
    size_t total = 0;
    Block block;
    while (out.size() - before + total < target) {
      if (!blocks_.empty() && end_ - begin_ < kMaxBgzfBlock) break;
      if (!TakeBlock(block)) break;
      block.out = total;
      total += block.size;
      blocks_.push_back(block);
    }
    if (blocks_.empty()) break;
    InflateBlocks(blocks_, out.Extend(total));
    out.Commit(total);
  }
  return out.size() > before;
}

void BgzfReader::InflateBlocks(const std::vector<Block>& blocks, char* out) {
  // A byte a block: bodies of parallel_for report and never throw.
  std::vector<uint8_t> bad(blocks.size(), 0);
  const auto work = [&](const tbb::blocked_range<size_t>& range) {
    const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> codec(
        libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
    for (size_t i = range.begin(); i < range.end(); ++i) {
      const Block& b = blocks[i];
      bad[i] = !codec ||
               libdeflate_deflate_decompress(codec.get(), input_.data() + b.begin, b.packed,
                                             out + b.out, b.size, nullptr) != LIBDEFLATE_SUCCESS ||
               libdeflate_crc32(0, out + b.out, b.size) != b.crc;
    }
  };
  // Isolated: a thread that waits here must not pick up a whole tile to decode.
  tbb::this_task_arena::isolate(
      [&] { tbb::parallel_for(tbb::blocked_range<size_t>(0, blocks.size(), 4), work); });
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (bad[i]) throw Damaged(path(), blocks[i].offset, "damaged BGZF block (checksum)");
  }
}

bool BgzfReader::AppendGzip(ByteBuffer& out, size_t target) {
  const size_t before = out.size();
  while (out.size() - before < target) {
    if (begin_ == end_ && !Refill()) {
      if (gzip_open_) throw Damaged(path(), bytes_read(), "gzip data ends too early");
      break;
    }
    if (!gzip_open_) {
      if (inflateReset(zlib_.get()) != Z_OK) throw Damaged(path(), bytes_read(), "gzip failure");
      gzip_open_ = true;
    }
    const size_t room = target - (out.size() - before);
    zlib_->next_out = reinterpret_cast<Bytef*>(out.Extend(room));
    zlib_->avail_out = static_cast<uInt>(std::min<size_t>(room, 1u << 30));
    zlib_->next_in = input_.data() + begin_;
    zlib_->avail_in = static_cast<uInt>(end_ - begin_);
    const uInt avail = zlib_->avail_out;
    const int rc = inflate(zlib_.get(), Z_NO_FLUSH);
    begin_ = end_ - zlib_->avail_in;
    out.Commit(avail - zlib_->avail_out);
    if (rc == Z_STREAM_END) {
      gzip_open_ = false;
    } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
      throw Damaged(path(), bytes_read() - (end_ - begin_), "damaged gzip data");
    }
  }
  return out.size() > before;
}

bool BgzfReader::Append(ByteBuffer& out, size_t target) {
  if (restricted_) return AppendSpans(out, target);
  if (container_ == Container::kBgzf) return AppendBgzf(out, target);
  if (container_ == Container::kGzip) return AppendGzip(out, target);
  if (begin_ == end_ && !Refill()) return false;
  const size_t n = end_ - begin_;
  std::memcpy(out.Extend(n), input_.data() + begin_, n);
  out.Commit(n);
  begin_ = end_;
  return true;
}

}  // namespace kinflow
