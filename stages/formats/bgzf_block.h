#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/base/file.h"
#include "stages/formats/little_endian.h"

namespace kinflow {

constexpr size_t kMaxBgzfBlock = 1 << 16;  // bytes, packed and unpacked

/// Total block size from the BC subfield of a BGZF header, 0 if there is none. `n` bytes are there;
/// `header` becomes the bytes before the deflate data.
size_t BgzfBlockSize(const uint8_t* p, size_t n, size_t& header);

/// A place in the data of a BGZF file: offset of the block << 16 | offset in the unpacked block
/// (SAM specification, 4.1.1).
using VirtualOffset = uint64_t;
struct VirtualSpan {
  VirtualOffset begin = 0, end = 0;
  bool operator==(const VirtualSpan&) const = default;
};

/// Steps over the blocks of a BGZF file by their headers, inflating nothing.
class BgzfWalk {
 public:
  struct Block {
    uint64_t offset = 0;  // in the file
    uint32_t packed = 0;  // bytes in the file
    uint32_t length = 0;  // bytes of data
  };
  BgzfWalk(const std::string& path, uint64_t offset);
  /// The next block; nothing at the end of the file and where no block begins.
  std::optional<Block> Next();

 private:
  FileHandle file_;
  uint64_t size_ = 0, at_ = 0;
};

/// True if `place` lies `bytes` of data behind the start of the file.
bool LiesBehind(const std::string& path, VirtualOffset place, uint64_t bytes);
/// True if no data comes after `place`.
bool EndsAt(const std::string& path, VirtualOffset place);

}  // namespace kinflow
