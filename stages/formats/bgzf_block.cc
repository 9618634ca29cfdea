#include "stages/formats/bgzf_block.h"

#include <algorithm>
#include <array>

namespace kinflow {

size_t BgzfBlockSize(const uint8_t* p, size_t n, size_t& header) {
  // FLG is exactly FEXTRA: any other bit would put more fields before the data.
  if (n < 18 || p[0] != 0x1f || p[1] != 0x8b || p[2] != 8 || p[3] != 4) return 0;
  const size_t extra = Load16(p + 10);
  header = 12 + extra;
  if (header > n) return 0;
  for (size_t at = 12; at + 4 <= header;) {
    const size_t length = Load16(p + at + 2);
    if (p[at] == 'B' && p[at + 1] == 'C' && length == 2 && at + 6 <= header) {
      return Load16(p + at + 4) + 1;
    }
    at += 4 + length;
  }
  return 0;
}

BgzfWalk::BgzfWalk(const std::string& path, uint64_t offset)
    : file_(FileHandle::OpenRead(path)), size_(file_.Size()), at_(offset) {}

std::optional<BgzfWalk::Block> BgzfWalk::Next() {
  if (at_ >= size_) return std::nullopt;
  std::array<uint8_t, 256> head{};
  const size_t n = std::min<uint64_t>(head.size(), size_ - at_);
  file_.ReadAt(head.data(), n, at_);
  size_t header = 0;
  const size_t packed = BgzfBlockSize(head.data(), n, header);
  if (packed < header + 8 || packed > size_ - at_) return std::nullopt;
  std::array<uint8_t, 4> length{};
  file_.ReadAt(length.data(), 4, at_ + packed - 4);
  const Block block{at_, static_cast<uint32_t>(packed), Load32(length.data())};
  at_ += packed;
  return block;
}

bool LiesBehind(const std::string& path, VirtualOffset place, uint64_t bytes) {
  BgzfWalk walk(path, 0);
  uint64_t before = 0;
  while (const auto block = walk.Next()) {
    if (block->offset == place >> 16) {
      return before + (place & 0xffff) == bytes && (place & 0xffff) <= block->length;
    }
    if (before > bytes) return false;
    before += block->length;
  }
  return false;
}

bool EndsAt(const std::string& path, VirtualOffset place) {
  BgzfWalk walk(path, place >> 16);
  uint64_t length = 0, end = place >> 16;
  while (const auto block = walk.Next()) {
    length += block->length;
    end = block->offset + block->packed;
    if (length > (place & 0xffff)) return false;
  }
  return length == (place & 0xffff) && end == StampOf(path).size;
}

}  // namespace kinflow
