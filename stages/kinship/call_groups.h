#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/store/artifact_store.h"

namespace kinflow::kinship {

// The calls that pairs are compared by (artifact kind "kinship_calls"), cut in two directions:
// strips of people and pieces of variants. Dataset PiecePath(p, s) of a shard holds, for each group
// of eight people of the strip, `words` times kGroupWords words (pipeline/kernels/pair_counts.h);
// variants that fill up the last word are missing. Strips depend on the number of people alone,
// pieces on the variants of the shard alone.

inline constexpr std::string_view kCallsKind = "kinship_calls";

inline constexpr uint32_t kStripSamples = 1024;
inline constexpr uint32_t kStripGroups = kStripSamples / 8;
/// Words of a piece: 3,968 variants, two times what the byte counters of the kernel take at once.
inline constexpr size_t kPieceWords = 62;

inline uint32_t StripCount(uint32_t n_samples) {
  return (n_samples + kStripSamples - 1) / kStripSamples;
}
/// Groups of a strip, those that hold nobody included.
uint32_t GroupsInStrip(uint32_t n_samples, uint32_t strip);
std::string PiecePath(uint32_t piece, uint32_t strip);

/// One strip of people over all variants.
struct Strip {
  struct Piece {
    size_t words = 0;
    std::vector<uint64_t> bits;
    const uint64_t* Group(uint32_t group) const;  // within the strip
  };
  std::vector<Piece> pieces;
};
Strip ReadStrip(const ArtifactStore& store, const Manifest& calls, uint32_t n_samples,
                uint32_t strip);
/// Bytes of a strip of `variants` variants, about.
uint64_t StripBytes(uint64_t variants);

}  // namespace kinflow::kinship
