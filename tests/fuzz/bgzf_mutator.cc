// Mutations that keep BGZF blocks whole, or make them anew around changed content: a fuzzer that
// only flips bytes fails at the first checksum.

#include <libdeflate.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_support.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

constexpr size_t kHeader = 18, kFooter = 8;

size_t BlockSize(const std::string& bytes, size_t at) {
  if (bytes.size() - at < kHeader + kFooter || bytes.compare(at, 4, "\x1f\x8b\x08\x04") != 0)
    return 0;
  const auto low = static_cast<uint8_t>(bytes[at + 16]),
             high = static_cast<uint8_t>(bytes[at + 17]);
  const size_t size = (low | size_t{high} << 8) + 1;
  return size < kHeader + kFooter || size > bytes.size() - at ? 0 : size;
}

// Whole blocks; what is no block ends the list as one piece.
std::vector<std::string> Cut(const std::string& bytes) {
  std::vector<std::string> blocks;
  for (size_t at = 0; at < bytes.size();) {
    const size_t size = BlockSize(bytes, at);
    blocks.push_back(bytes.substr(at, size == 0 ? std::string::npos : size));
    at += blocks.back().size();
  }
  return blocks;
}

void Put(std::string& out, size_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

std::string Pack(const std::vector<uint8_t>& content, int level) {
  libdeflate_compressor* codec = libdeflate_alloc_compressor(level);
  std::string body(libdeflate_deflate_compress_bound(codec, content.size()), '\0');
  body.resize(
      libdeflate_deflate_compress(codec, content.data(), content.size(), body.data(), body.size()));
  libdeflate_free_compressor(codec);
  std::string out("\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0", 16);
  Put(out, kHeader + body.size() + kFooter - 1, 2);
  out += body;
  Put(out, libdeflate_crc32(0, content.data(), content.size()), 4);
  Put(out, content.size(), 4);
  return out;
}

// The block with its content mutated and packed again; unchanged if it does not inflate.
std::string Repack(const std::string& block, uint32_t random) {
  if (BlockSize(block, 0) != block.size()) return block;
  std::vector<uint8_t> content(4096);
  size_t size = 0;
  libdeflate_decompressor* codec = libdeflate_alloc_decompressor();
  const auto result =
      libdeflate_deflate_decompress(codec, block.data() + kHeader, block.size() - kHeader - kFooter,
                                    content.data(), content.size(), &size);
  libdeflate_free_decompressor(codec);
  if (result != LIBDEFLATE_SUCCESS) return block;
  size = LLVMFuzzerMutate(content.data(), size, content.size());
  content.resize(size);
  return Pack(content, static_cast<int>(random % 7));
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  std::minstd_rand random(seed);
  const std::string input(reinterpret_cast<const char*>(data), size);
  const size_t border = std::min(input.find(kinflow::fuzz::kPartBorder), input.size());
  std::vector<std::string> blocks = Cut(input.substr(0, border));
  const uint32_t kind = random() % 8;
  if (blocks.empty() || kind < 2) return LLVMFuzzerMutate(data, size, max_size);
  const size_t a = random() % blocks.size(), b = random() % blocks.size();
  if (kind == 2) {
    blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(a));
  } else if (kind == 3) {
    blocks.insert(blocks.begin() + static_cast<std::ptrdiff_t>(a), std::string(blocks[b]));
  } else if (kind == 4) {
    std::swap(blocks[a], blocks[b]);
  } else {
    blocks[a] = Repack(blocks[a], random());
  }
  std::string out;
  for (const auto& block : blocks) out += block;
  out += input.substr(border);
  if (out.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, out.data(), out.size());
  return out.size();
}
