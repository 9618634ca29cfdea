#include "stages/formats/pgen_difflist.h"

#include <algorithm>
#include <cstring>

namespace kinflow {
namespace {

constexpr uint32_t kGroup = 64;
constexpr const char* kName = "a list of samples";

// Bytes that the number of samples itself needs, as plink2 writes them: with exactly 256 (65536,
// ...) samples one more than the specification's text has.
uint32_t IdBytes(uint32_t samples) {
  return samples < 1u << 8 ? 1 : samples < 1u << 16 ? 2 : samples < 1u << 24 ? 3 : 4;
}

// True if all `n` distances are single bytes from 1 to 127: a sum without branches then.
bool AllShort(const uint8_t* distances, uint32_t n) {
  uint8_t high = 0;
  for (uint32_t i = 0; i < n; ++i) {
    high |= distances[i] | static_cast<uint8_t>(distances[i] - 1);
  }
  return high < 128;
}

// The samples of one group behind its first; returns the last one.
uint64_t ReadGroup(PgenCursor& in, uint64_t first, uint32_t n, uint32_t* out) {
  uint64_t id = first;
  out[0] = static_cast<uint32_t>(id);
  PgenCursor ahead = in;
  const uint8_t* distances = ahead.Take(n - 1, kName);
  if (AllShort(distances, n - 1)) {
    in.Take(n - 1, kName);
    for (uint32_t i = 1; i < n; ++i) {
      id += distances[i - 1];
      out[i] = static_cast<uint32_t>(id);
    }
    return id;
  }
  for (uint32_t i = 1; i < n; ++i) {
    const uint32_t distance = in.Varint(kName);
    if (distance == 0) in.Fail("the samples do not ascend in", kName);
    id += distance;
    out[i] = static_cast<uint32_t>(id);
  }
  return id;
}

}  // namespace

void ReadDifflist(PgenCursor& in, uint32_t samples, bool with_values, Difflist& list) {
  const uint32_t length = in.Varint(kName);
  list.samples.clear();
  if (length == 0) return;
  if (length > samples) in.Fail("more entries than samples in", kName);
  const uint32_t groups = (length + kGroup - 1) / kGroup, id_bytes = IdBytes(samples);
  const uint8_t* firsts = in.Take(uint64_t{groups} * id_bytes, kName);
  const uint8_t* sizes = in.Take(groups - 1, kName);
  if (with_values) list.values = in.Bits(uint64_t{length} * 2, kName);
  if (in.left() < length - groups) in.Fail("the record ends within", kName);
  list.samples.resize(length);
  uint64_t last = 0;
  for (uint32_t g = 0; g < groups; ++g) {
    uint32_t first = 0;
    std::memcpy(&first, firsts + size_t{g} * id_bytes, id_bytes);
    if (g > 0 && first <= last) in.Fail("the samples do not ascend in", kName);
    const uint32_t n = std::min(kGroup, length - g * kGroup);
    const size_t before = in.left();
    last = ReadGroup(in, first, n, list.samples.data() + size_t{g} * kGroup);
    if (last >= samples) in.Fail("a sample number is too large in", kName);
    if (g + 1 < groups && before - in.left() != sizes[g] + size_t{kGroup} - 1) {
      in.Fail("a group has another size than stated in", kName);
    }
  }
}

}  // namespace kinflow
