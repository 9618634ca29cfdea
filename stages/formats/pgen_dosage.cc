#include "stages/formats/pgen_dosage.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

constexpr const char* kName = "the dosages";
constexpr const char* kPhaseName = "the phase of the dosages";
constexpr uint16_t kMax = 2 * kPgenUnits, kMissing = 65535;

// u16 of the file, which is not aligned.
uint16_t Load(const uint8_t* values, size_t i) {
  uint16_t value;
  std::memcpy(&value, values + 2 * i, 2);
  return value;
}

[[noreturn]] void BadValue(const PgenCursor& in, uint16_t value) {
  throw Error(ErrorId::kDosageInvalid, "a dosage is above two copies")
      .InFile(in.place().file)
      .AtRecord(in.place().record)
      .AtPosition(in.place().chrom, in.place().pos)
      .Field("DS")
      .Value(fmt::format("{}/{}", value, kPgenUnits))
      .Remedy("the .pgen is damaged: copy it again from its source");
}

// `missing`: the value that may stand for a missing dosage.
void CheckValues(const PgenCursor& in, const uint8_t* values, size_t n, uint16_t missing) {
  bool bad = false;
  for (size_t i = 0; i < n; ++i) {
    const uint16_t value = Load(values, i);
    bad |= value > kMax && value != missing;
  }
  if (!bad) return;
  for (size_t i = 0; i < n; ++i) {
    const uint16_t value = Load(values, i);
    if (value > kMax && value != missing) BadValue(in, value);
  }
}

// A value for every sample; missing ones leave the hard call.
void ReadAll(PgenCursor& in, uint32_t samples, uint16_t* units) {
  const uint8_t* values = in.Take(uint64_t{samples} * 2, kName);
  CheckValues(in, values, samples, kMissing);
  if (units == nullptr) return;
  for (uint32_t s = 0; s < samples; ++s) {
    const uint16_t value = Load(values, s);
    units[s] = value == kMissing ? units[s] : value;
  }
}

uint64_t ReadListed(PgenCursor& in, uint32_t samples, uint16_t* units, Difflist& list) {
  ReadDifflist(in, samples, false, list);
  const size_t n = list.samples.size();
  const uint8_t* values = in.Take(uint64_t{n} * 2, kName);
  CheckValues(in, values, n, kMax);
  if (units == nullptr) return n;
  for (size_t i = 0; i < n; ++i) units[list.samples[i]] = Load(values, i);
  return n;
}

uint64_t ReadMarked(PgenCursor& in, uint32_t samples, uint16_t* units) {
  const uint8_t* bits = in.Bits(samples, kName);
  const size_t bytes = (size_t{samples} + 7) / 8;
  const auto word = [&](size_t at) {
    uint64_t w = 0;
    std::memcpy(&w, bits + at, std::min<size_t>(8, bytes - at));
    return w;
  };
  uint64_t n = 0;
  for (size_t at = 0; at < bytes; at += 8) n += static_cast<uint64_t>(std::popcount(word(at)));
  const uint8_t* values = in.Take(2 * n, kName);
  CheckValues(in, values, n, kMax);
  if (units == nullptr) return n;
  size_t next = 0;
  for (size_t at = 0; at < bytes; at += 8) {
    uint64_t w = word(at);
    uint16_t* out = units + 8 * at;
    if (w == ~0ull) {
      std::memcpy(out, values + 2 * next, 128);
      next += 64;
      continue;
    }
    for (; w != 0; w &= w - 1) out[std::countr_zero(w)] = Load(values, next++);
  }
  return n;
}

// Differences between the haplotypes, -16384 to 16384.
void PassDosagePhase(PgenCursor& in, uint64_t n, bool all) {
  uint64_t phased = n;
  if (!all) {
    const uint8_t* bits = in.Bits(n, kPhaseName);
    phased = 0;
    for (uint64_t i = 0; i < (n + 7) / 8; ++i) phased += std::popcount(bits[i]);
  }
  const uint8_t* values = in.Take(2 * phased, kPhaseName);
  bool bad = false;
  for (uint64_t i = 0; i < phased; ++i) {
    const auto value = static_cast<int16_t>(Load(values, i));
    const bool missing = all && value == INT16_MIN;
    bad |=
        (value < -static_cast<int>(kPgenUnits) || value > static_cast<int>(kPgenUnits)) & !missing;
  }
  if (bad) in.Fail("a value out of range in", kPhaseName);
}

}  // namespace

void ReadDosages(PgenCursor& in, uint8_t type, uint32_t samples, uint16_t* units,
                 Difflist& scratch) {
  uint64_t n = samples;
  const uint8_t kind = type & 0x60;
  if (kind == 0x40) {
    ReadAll(in, samples, units);
  } else if (kind == 0x20) {
    n = ReadListed(in, samples, units, scratch);
  } else {
    n = ReadMarked(in, samples, units);
  }
  if (HasDosagePhase(type)) PassDosagePhase(in, n, kind == 0x40);
}

}  // namespace kinflow
