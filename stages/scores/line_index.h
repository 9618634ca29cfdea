#pragma once

#include <cstdint>
#include <vector>

#include "stages/scores/score_lines.h"

namespace kinflow {

/// How score lines find target variants.
enum class MatchBy : uint8_t { kPosition, kId };

/// Hash index over score lines, so that targets can be streamed past it: memory grows with the
/// lines alone (about 24 bytes each). Lines that cannot match (no position, a problem) are left
/// out.
class LineIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  LineIndex(const ScoreLines& lines, MatchBy by);

  /// First line whose position (or id) has this variant's hash, then the next ones in line order;
  /// callers compare the position (id) itself.
  uint32_t First(std::string_view chrom, uint32_t pos, std::string_view id) const;
  uint32_t Next(uint32_t line) const { return next_[line]; }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t first = kNone;
  };
  size_t Find(uint64_t key) const;  // the key's slot, or the free one where it belongs
  uint64_t Key(std::string_view chrom, uint32_t pos, std::string_view id) const;

  MatchBy by_;
  std::vector<Slot> slots_;  // open addressing, size a power of two
  std::vector<uint32_t> next_;
};

}  // namespace kinflow
