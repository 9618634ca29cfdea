#include "stages/scores/line_index.h"

#include <bit>

#include "pipeline/base/hash.h"

namespace kinflow {

uint64_t LineIndex::Key(std::string_view chrom, uint32_t pos, std::string_view id) const {
  if (by_ == MatchBy::kId) return HashBytes(id).low;
  // Chromosome names are short: FNV-1a over them, then the position mixed in (splitmix64).
  uint64_t h = 14695981039346656037ull;
  for (const char c : chrom) h = (h ^ static_cast<uint8_t>(c)) * 1099511628211ull;
  h ^= static_cast<uint64_t>(pos) * 0x9E3779B97F4A7C15ull;
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9ull;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBull;
  return h ^ (h >> 31);
}

LineIndex::LineIndex(const ScoreLines& lines, MatchBy by) : by_(by) {
  slots_.resize(std::bit_ceil(lines.size() + lines.size() / 2 + 16));
  next_.assign(lines.size(), kNone);
  // Backwards, so that chains run in line order.
  for (size_t i = lines.size(); i-- > 0;) {
    if (lines.problem(i) != RowProblem::kNone) continue;
    if (by == MatchBy::kPosition ? lines.pos(i) == 0 : lines.id(i).empty()) continue;
    const uint64_t key = Key(lines.chrom(i), lines.pos(i), lines.id(i));
    Slot& slot = slots_[Find(key)];
    slot.key = key;
    next_[i] = slot.first;
    slot.first = static_cast<uint32_t>(i);
  }
}

size_t LineIndex::Find(uint64_t key) const {
  const size_t mask = slots_.size() - 1;
  size_t at = key & mask;
  while (slots_[at].first != kNone && slots_[at].key != key) at = (at + 1) & mask;
  return at;
}

uint32_t LineIndex::First(std::string_view chrom, uint32_t pos, std::string_view id) const {
  return slots_[Find(Key(chrom, pos, id))].first;
}

}  // namespace kinflow
