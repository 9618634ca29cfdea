#include "stages/formats/regrid.h"

#include <algorithm>
#include <numeric>

namespace kinflow {
namespace {

constexpr uint32_t kRoundedUnits = 16384;  // pgen's grid
constexpr uint32_t kMaxUnits = 32767;

}  // namespace

DosageEncoding JoinEncodings(const std::vector<DosageEncoding>& encodings) {
  uint64_t units = 1;
  for (const auto& e : encodings) {
    units = std::min<uint64_t>(std::lcm(units, uint64_t{e.units_per_copy}), kMaxUnits + 1);
  }
  if (units > kMaxUnits) units = kRoundedUnits;
  double bound = 0;
  for (const auto& e : encodings) {
    const bool exact = units % e.units_per_copy == 0;
    bound = std::max(bound, e.error_bound + (exact ? 0 : 0.5 / static_cast<double>(units)));
  }
  return DosageEncoding::ForUnits(static_cast<uint32_t>(units), bound);
}

Regrid::Regrid(const DosageEncoding& from, const DosageEncoding& to)
    : from_(from),
      to_(to),
      same_(from.layout == to.layout && from.units_per_copy == to.units_per_copy) {
  const uint64_t units = from.units_per_copy;
  for (uint64_t v = 0; v <= 2 * units; ++v) {
    const auto value = static_cast<uint16_t>((2 * v * to.units_per_copy + units) / (2 * units));
    map_.push_back(value);
    swapped_.push_back(static_cast<uint16_t>(2 * to.units_per_copy - value));
  }
  map_.resize(size_t{from.missing()} + 1, static_cast<uint16_t>(to.missing()));
  swapped_.resize(map_.size(), static_cast<uint16_t>(to.missing()));
}

void Regrid::Put(const DosageTile& tile, uint32_t row, bool swapped, uint8_t* out,
                 uint32_t first) const {
  const auto& map = swapped ? swapped_ : map_;
  if (same_ && !swapped) {
    std::copy(tile.Row(row), tile.Row(row) + from_.RowBytes(tile.n_samples),
              out + to_.RowBytes(first));
  } else if (to_.layout == DosageEncoding::Layout::kU16) {
    Fill(tile, row, map, reinterpret_cast<uint16_t*>(out) + first);
  } else {
    Fill(tile, row, map, out + first);
  }
}

template <class Out>
void Regrid::Fill(const DosageTile& tile, uint32_t row, const std::vector<uint16_t>& map,
                  Out* out) const {
  const uint32_t n = tile.n_samples;
  const uint8_t* bytes = tile.Row(row);
  const uint16_t* words = tile.RowU16(row);
  switch (from_.layout) {
    case DosageEncoding::Layout::kTwoBit:
      for (uint32_t s = 0; s < n; ++s) {
        out[s] = static_cast<Out>(map[(bytes[s / 4] >> (2 * (s % 4))) & 3u]);
      }
      return;
    case DosageEncoding::Layout::kU8:
      for (uint32_t s = 0; s < n; ++s) out[s] = static_cast<Out>(map[bytes[s]]);
      return;
    case DosageEncoding::Layout::kU16:
      for (uint32_t s = 0; s < n; ++s) out[s] = static_cast<Out>(map[words[s]]);
      return;
  }
}

}  // namespace kinflow
