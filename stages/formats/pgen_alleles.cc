#include "stages/formats/pgen_alleles.h"

#include <algorithm>
#include <bit>

namespace kinflow {
namespace {

constexpr const char* kName = "the calls of further alleles";

// Which samples of one call are patched, in order.
void ReadPatched(PgenCursor& in, uint32_t format, const uint64_t* calls, uint32_t samples,
                 uint32_t call, Difflist& list) {
  list.samples.clear();
  if (format == 15) return;  // none
  if (format == 1) {
    ReadDifflist(in, samples, false, list);
    for (const uint32_t sample : list.samples) {
      if (CallAt(calls, sample) != call) in.Fail("a sample has another call in", kName);
    }
    return;
  }
  if (format != 0) in.Fail("unknown layout of", kName);
  uint64_t n = 0;
  for (size_t w = 0; w < CallWords(samples); ++w) n += std::popcount(WhereCall(calls[w], call));
  // The last word's calls behind the end are 0, which is no patched call.
  const uint8_t* bits = in.Bits(n, kName);
  uint64_t at = 0;
  for (size_t w = 0; w < CallWords(samples); ++w) {
    for (uint64_t here = WhereCall(calls[w], call); here != 0; here &= here - 1, ++at) {
      if ((bits[at / 8] >> (at % 8) & 1) == 0) continue;
      list.samples.push_back(static_cast<uint32_t>(32 * w + std::countr_zero(here) / 2));
    }
  }
}

// Packed numbers of 0, 1, 2, 4 or 8 bits, lowest bits first.
class Packed {
 public:
  Packed(PgenCursor& in, uint64_t count, uint32_t width)
      : width_(width), bytes_(in.Bits(count * width, kName)) {}
  uint32_t At(uint64_t i) const {
    if (width_ == 0) return 0;
    const uint64_t bit = i * width_;
    return bytes_[bit / 8] >> (bit % 8) & ((1u << width_) - 1);
  }

 private:
  uint32_t width_;
  const uint8_t* bytes_;
};

void CheckAllele(const PgenCursor& in, uint32_t allele, uint32_t alts) {
  if (allele > alts) in.Fail("an allele number beyond those of the .pvar in", kName);
}

void ReadWithRef(PgenCursor& in, uint32_t alts, const Difflist& list, AllelePatches& patches) {
  const uint32_t width = alts == 2 ? 0 : alts == 3 ? 1 : alts <= 5 ? 2 : alts <= 17 ? 4 : 8;
  const Packed values(in, list.samples.size(), width);
  for (size_t i = 0; i < list.samples.size(); ++i) {
    const uint32_t allele = values.At(i) + 2;
    CheckAllele(in, allele, alts);
    patches.with_ref.push_back({list.samples[i], 0, static_cast<uint8_t>(allele)});
  }
}

void ReadTwoAlts(PgenCursor& in, uint32_t alts, const Difflist& list, AllelePatches& patches) {
  const uint64_t n = list.samples.size();
  if (alts == 2) {  // one bit: is the first allele the second ALT, too
    const Packed values(in, n, 1);
    for (size_t i = 0; i < n; ++i) {
      patches.two_alts.push_back({list.samples[i], static_cast<uint8_t>(values.At(i) + 1), 2});
    }
    return;
  }
  const Packed values(in, 2 * n, alts <= 4 ? 2 : alts <= 16 ? 4 : 8);
  for (size_t i = 0; i < n; ++i) {
    const uint32_t first = values.At(2 * i) + 1, second = values.At(2 * i + 1) + 1;
    if (first > second) in.Fail("the alleles of a call are not in order in", kName);
    CheckAllele(in, second, alts);
    patches.two_alts.push_back(
        {list.samples[i], static_cast<uint8_t>(first), static_cast<uint8_t>(second)});
  }
}

}  // namespace

void ReadAllelePatches(PgenCursor& in, const uint64_t* calls, uint32_t samples, uint32_t alts,
                       AllelePatches& patches, Difflist& scratch) {
  patches.with_ref.clear();
  patches.two_alts.clear();
  if (alts < 2 || alts > kPgenMaxAlts) in.Fail("the .pvar has one ALT allele; unexpected:", kName);
  const uint8_t formats = in.Byte(kName);
  ReadPatched(in, formats & 15, calls, samples, 1, scratch);
  ReadWithRef(in, alts, scratch, patches);
  ReadPatched(in, formats >> 4, calls, samples, 2, scratch);
  ReadTwoAlts(in, alts, scratch, patches);
}

void CallsOfAllele(const uint64_t* calls, const AllelePatches& patches, uint32_t samples,
                   uint32_t allele, uint64_t* out) {
  if (allele == 1) {
    std::copy_n(calls, CallWords(samples), out);
  } else {
    for (size_t w = 0; w < CallWords(samples); ++w) out[w] = WhereCall(calls[w], 3) * 3;
  }
  for (const auto* list : {&patches.with_ref, &patches.two_alts}) {
    for (const auto& call : *list) {
      SetCall(out, call.sample, (call.first == allele) + (call.second == allele));
    }
  }
}

}  // namespace kinflow
