#include "stages/kinship/call_groups.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/kernels/call_planes.h"
#include "pipeline/kernels/pair_counts.h"

namespace kinflow::kinship {

uint32_t GroupsInStrip(uint32_t n_samples, uint32_t strip) {
  return std::min(kStripGroups, CallPlanes::Groups(n_samples) - strip * kStripGroups);
}

std::string PiecePath(uint32_t piece, uint32_t strip) {
  return fmt::format("/calls/{:05}/{:05}", piece, strip);
}

const uint64_t* Strip::Piece::Group(uint32_t group) const {
  return bits.data() + group * words * kGroupWords;
}

Strip ReadStrip(const ArtifactStore& store, const Manifest& calls, uint32_t n_samples,
                uint32_t strip) {
  Strip result;
  const size_t groups = GroupsInStrip(n_samples, strip);
  for (size_t i = 0; i < calls.shards.size(); ++i) {
    const H5Reader file = store.Open(calls, i);
    const auto pieces = static_cast<uint32_t>(file.AttributeInt("/", "pieces"));
    for (uint32_t p = 0; p < pieces; ++p) {
      Strip::Piece piece;
      piece.bits = file.ReadU64(PiecePath(p, strip));
      piece.words = piece.bits.size() / (groups * kGroupWords);
      if (piece.bits.size() != piece.words * groups * kGroupWords) {
        throw Error(ErrorId::kInternal, "a piece of calls has another size than its strip");
      }
      result.pieces.push_back(std::move(piece));
    }
  }
  return result;
}

uint64_t StripBytes(uint64_t variants) { return kStripSamples * (variants / 64 + 1) * 16; }

}  // namespace kinflow::kinship
