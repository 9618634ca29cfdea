#include "pipeline/store/chunk_codec.h"

#include <libdeflate.h>

#include <new>
#include <vector>

#include "pipeline/store/fletcher32.h"
#include "pipeline/store/shuffle.h"

namespace kinflow {
namespace {

constexpr size_t kChecksumBytes = 4;

void FreeCompressor(void* p) { libdeflate_free_compressor(static_cast<libdeflate_compressor*>(p)); }

// For sums and weights, random in all but their highest bytes, memory speed is worth more than the
// bytes.
constexpr unsigned kLeastEighthsOfNumbers = 1;

bool ByRuns(Compressor kind) { return kind == Compressor::kRun || kind == Compressor::kNumbers; }

libdeflate_compressor* MakeCompressor(Compressor kind) {
  if (ByRuns(kind)) return nullptr;
  auto* c = libdeflate_alloc_compressor(kind == Compressor::kFast ? 1 : 2);
  if (c == nullptr) throw std::bad_alloc();
  return c;
}

struct Decoder {
  std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> inflate{
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor};
  std::vector<uint8_t> shuffled;
};

}  // namespace

ChunkEncoder::ChunkEncoder(Compressor compressor)
    : compressor_(compressor),
      run_(compressor == Compressor::kNumbers ? kLeastEighthsOfNumbers : 0),
      libdeflate_(MakeCompressor(compressor), FreeCompressor) {}
ChunkEncoder::~ChunkEncoder() = default;
ChunkEncoder::ChunkEncoder(ChunkEncoder&&) noexcept = default;

std::span<const uint8_t> ChunkEncoder::Encode(const uint8_t* raw, size_t size,
                                              size_t shuffle_bytes) {
  if (shuffle_bytes > 1) {
    shuffled_.Resize(size);
    Shuffle(raw, size, shuffle_bytes, shuffled_.data());
    raw = shuffled_.data();
  }
  size_t n = 0;
  if (ByRuns(compressor_)) {
    out_.Resize(RunDeflater::Bound(size) + kChecksumBytes);
    n = run_.Compress(raw, size, out_.data());
  } else {
    auto* c = static_cast<libdeflate_compressor*>(libdeflate_.get());
    out_.Resize(libdeflate_zlib_compress_bound(c, size) + kChecksumBytes);
    n = libdeflate_zlib_compress(c, raw, size, out_.data(), out_.size() - kChecksumBytes);
  }
  const uint32_t sum = Fletcher32(out_.data(), n);
  for (size_t b = 0; b < kChecksumBytes; ++b)
    out_.data()[n + b] = static_cast<uint8_t>(sum >> (8 * b));
  return {out_.data(), n + kChecksumBytes};
}

bool ChunkChecksumFits(std::span<const uint8_t> stored) {
  if (stored.size() < kChecksumBytes) return false;
  const size_t n = stored.size() - kChecksumBytes;
  uint32_t expected = 0;
  for (size_t b = 0; b < kChecksumBytes; ++b) expected |= uint32_t{stored[n + b]} << (8 * b);
  return Fletcher32(stored.data(), n) == expected;
}

bool DecodeChunk(std::span<const uint8_t> stored, size_t shuffle_bytes, uint8_t* raw, size_t size) {
  // Scratch of a leaf function: nothing below it runs other tasks.
  static thread_local Decoder decoder;
  if (!decoder.inflate) throw std::bad_alloc();
  if (!ChunkChecksumFits(stored)) return false;
  uint8_t* target = raw;
  if (shuffle_bytes > 1) {
    decoder.shuffled.resize(size);
    target = decoder.shuffled.data();
  }
  // No pointer for the length: libdeflate then fails unless it is exactly `size`.
  const auto result = libdeflate_zlib_decompress(
      decoder.inflate.get(), stored.data(), stored.size() - kChecksumBytes, target, size, nullptr);
  if (result != LIBDEFLATE_SUCCESS) return false;
  if (shuffle_bytes > 1) Unshuffle(target, size, shuffle_bytes, raw);
  return true;
}

}  // namespace kinflow
