#include "stages/batches/value_map.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace kinflow {
namespace {

constexpr uint64_t kMostUnits = 32'767;     // twice that fits u16 beside the missing value
constexpr uint32_t kRoundedUnits = 16'384;  // as for values finer than any grid (genotype_probe.h)

}  // namespace

DosageEncoding CommonEncoding(std::span<const DosageEncoding> batches) {
  uint64_t units = 1;
  double bound = 0;
  for (const DosageEncoding& e : batches) {
    units = std::min(kMostUnits + 1, std::lcm(units, uint64_t{e.units_per_copy}));
    bound = std::max(bound, e.error_bound);
  }
  if (units <= kMostUnits) return DosageEncoding::ForUnits(static_cast<uint32_t>(units), bound);
  bound = 0;
  for (const DosageEncoding& e : batches) {
    const bool exact = kRoundedUnits % e.units_per_copy == 0;
    bound = std::max(bound, e.error_bound + (exact ? 0 : 0.5 / kRoundedUnits));
  }
  return DosageEncoding::ForUnits(kRoundedUnits, bound);
}

ValueMap::ValueMap(const DosageEncoding& from, const DosageEncoding& to) : from_(from), to_(to) {
  const uint64_t units = from.units_per_copy;
  as_is_.assign(size_t{from.missing()} + 1, static_cast<uint16_t>(to.missing()));
  turned_ = as_is_;
  for (uint64_t v = 0; v <= 2 * units; ++v) {
    // To the nearest: exact where the grid holds the value.
    as_is_[v] = static_cast<uint16_t>((2 * v * to.units_per_copy + units) / (2 * units));
    turned_[v] = static_cast<uint16_t>(2 * to.units_per_copy - as_is_[v]);
  }
}

template <class In, class Out>
void ValueMap::Map(const uint8_t* from, uint32_t n, bool swapped, const uint8_t* flags,
                   uint8_t* to) const {
  const auto* in = reinterpret_cast<const In*>(from);
  auto* out = reinterpret_cast<Out*>(to);
  const uint16_t* table = swapped ? turned_.data() : as_is_.data();
  for (uint32_t s = 0; s < n; ++s) out[s] = static_cast<Out>(table[in[s]]);
  if (!swapped || flags == nullptr) return;
  const uint32_t units = from_.units_per_copy, one = to_.units_per_copy;
  for (uint32_t s = 0; s < n; ++s) {
    if ((flags[s] & kCallHaploid) == 0) continue;
    out[s] = static_cast<Out>(in[s] <= units ? one - as_is_[in[s]] : to_.missing());
  }
}

void ValueMap::Apply(const uint8_t* from, uint32_t n, bool swapped, const uint8_t* flags,
                     uint8_t* to) const {
  using Layout = DosageEncoding::Layout;
  if (!swapped && from_.units_per_copy == to_.units_per_copy) {
    std::memcpy(to, from, to_.RowBytes(n));
  } else if (to_.layout == Layout::kU8) {
    Map<uint8_t, uint8_t>(from, n, swapped, flags, to);
  } else if (from_.layout == Layout::kU8) {
    Map<uint8_t, uint16_t>(from, n, swapped, flags, to);
  } else {
    Map<uint16_t, uint16_t>(from, n, swapped, flags, to);
  }
}

template <class Out>
void ValueMap::Turn(const uint8_t* to, uint32_t n, uint8_t* flags) const {
  const auto* values = reinterpret_cast<const Out*>(to);
  const uint32_t one = to_.units_per_copy;
  for (uint32_t s = 0; s < n; ++s) {
    if ((flags[s] & kCallPhased) == 0 || (flags[s] & kCallHaploid) != 0) continue;
    if (values[s] == to_.missing()) continue;
    const bool het = 2u * values[s] > one && 2u * values[s] < 3 * one;
    flags[s] = static_cast<uint8_t>(het ? flags[s] ^ kCallAltFirst : flags[s] & ~kCallAltFirst);
  }
}

void ValueMap::TurnFlags(const uint8_t* to, uint32_t n, uint8_t* flags) const {
  if (to_.layout == DosageEncoding::Layout::kU8) return Turn<uint8_t>(to, n, flags);
  Turn<uint16_t>(to, n, flags);
}

}  // namespace kinflow
