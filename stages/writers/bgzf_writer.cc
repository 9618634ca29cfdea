#include "stages/writers/bgzf_writer.h"

#include <libdeflate.h>
#include <tbb/parallel_for.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <vector>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

constexpr size_t kBlock = 0xff00;  // uncompressed bytes a block, as bgzip
constexpr size_t kBatch = 128 * kBlock;
constexpr size_t kHeader = 18, kFooter = 8;
constexpr size_t kRoom = 65536;  // largest block that BSIZE can state
constexpr int kLevel = 4;

void PutLittle(char* to, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to[i] = static_cast<char>(value >> (8 * i));
}

struct FreeCompressor {
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
};

// One block (SAM specification, section 4.1); 0 if it does not fit, which cannot happen for kBlock
// bytes: deflate's stored form adds 5 bytes for each 65,535.
size_t DeflateBlock(libdeflate_compressor* compressor, std::string_view bytes, char* out) {
  static constexpr std::array<unsigned char, kHeader> kHead = {0x1f, 0x8b, 8, 4,   0,   0, 0, 0, 0,
                                                               0xff, 6,    0, 'B', 'C', 2, 0, 0, 0};
  std::memcpy(out, kHead.data(), kHeader);
  const size_t n = libdeflate_deflate_compress(compressor, bytes.data(), bytes.size(),
                                               out + kHeader, kRoom - kHeader - kFooter);
  if (n == 0) return 0;
  const size_t size = kHeader + n + kFooter;
  PutLittle(out + 16, static_cast<uint32_t>(size - 1), 2);
  PutLittle(out + kHeader + n, libdeflate_crc32(0, bytes.data(), bytes.size()), 4);
  PutLittle(out + kHeader + n + 4, static_cast<uint32_t>(bytes.size()), 4);
  return size;
}

}  // namespace

BgzfWriter::BgzfWriter(const std::string& path)
    : path_(path), partial_(PartialName(path)), file_(FileHandle::CreateNew(partial_)) {}

BgzfWriter::~BgzfWriter() {
  if (!published_) ::unlink(partial_.c_str());
}

void BgzfWriter::Write(std::string_view bytes) {
  pending_ += bytes;
  if (pending_.size() >= kBatch) Compress(false);
}

void BgzfWriter::Compress(bool all) {
  const size_t full = pending_.size() / kBlock;
  const size_t blocks = full + (all && pending_.size() % kBlock != 0 ? 1 : 0);
  for (size_t first = 0; first < blocks; first += kBatch / kBlock) {
    const size_t n = std::min(blocks - first, kBatch / kBlock);
    std::vector<char> out(n * kRoom);
    std::vector<size_t> sizes(n, 0);
    tbb::parallel_for(tbb::blocked_range<size_t>(0, n, 8), [&](const auto& range) {
      const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(
          libdeflate_alloc_compressor(kLevel));
      if (!compressor) return;
      for (size_t i = range.begin(); i < range.end(); ++i) {
        const auto bytes = std::string_view(pending_).substr((first + i) * kBlock, kBlock);
        sizes[i] = DeflateBlock(compressor.get(), bytes, &out[i * kRoom]);
      }
    });
    for (size_t i = 0; i < n; ++i) {
      if (sizes[i] == 0) throw Error(ErrorId::kOutOfMemory, "no memory for a compressor");
      file_.Write({&out[i * kRoom], sizes[i]});
    }
  }
  pending_.erase(0, std::min(pending_.size(), blocks * kBlock));
}

void BgzfWriter::Close() {
  static constexpr unsigned char kEnd[28] = {0x1f, 0x8b, 8,   4,   0, 0, 0,    0, 0, 0xff,
                                             6,    0,    'B', 'C', 2, 0, 0x1b, 0, 3, 0,
                                             0,    0,    0,   0,   0, 0, 0,    0};
  Compress(true);
  file_.Write({reinterpret_cast<const char*>(kEnd), sizeof kEnd});
  file_.Sync();
  file_.Close();
}

void BgzfWriter::Publish() {
  PublishFile(partial_, path_);
  published_ = true;
}

}  // namespace kinflow
