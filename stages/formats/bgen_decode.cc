#include "stages/formats/bgen_decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "pipeline/kernels/probabilities.h"
#include "stages/formats/little_endian.h"

namespace kinflow {
namespace {

constexpr uint8_t kMissingBit = 0x80, kReservedBit = 0x40;
constexpr uint64_t kTripleScale = 32768;             // layout 1: one probability
constexpr uint64_t kTripleTolerance = 2;             // three roundings
constexpr uint64_t kBeforePloidy = 8;                // samples, alleles, ploidy from and to
constexpr uint64_t kFixedBytes = kBeforePloidy + 2;  // and phased, bits

/// Numbers of up to 32 bits one behind the other, lowest bits first.
class BitFields {
 public:
  BitFields(const uint8_t* p, uint32_t bits)
      : p_(p), bits_(bits), mask_((uint64_t{1} << bits) - 1) {}
  uint64_t Next() {
    uint64_t word;
    std::memcpy(&word, p_ + (at_ >> 3), sizeof word);
    const uint64_t value = (word >> (at_ & 7)) & mask_;
    at_ += bits_;
    return value;
  }
  void Skip(uint64_t n) { at_ += n * bits_; }

 private:
  const uint8_t* p_;
  uint32_t bits_;
  uint64_t mask_;
  uint64_t at_ = 0;
};

Error Malformed(const RecordPlace& place, std::string what) {
  return Error(ErrorId::kMalformed, std::move(what))
      .InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Remedy("the file is damaged: copy it again from its source");
}

Error BadSum(const RecordPlace& place, uint32_t sample, uint64_t sum, uint64_t scale) {
  return Error(ErrorId::kDosageInvalid,
               fmt::format("sample {}: the probabilities sum to more than 1", sample + 1))
      .InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Field(FieldName(place.field))
      .Value(fmt::format("{}/{}", sum, scale))
      .Remedy("write the file anew from its source: it is damaged or was written wrongly");
}

Error OffBgenGrid(const RecordPlace& place, uint32_t sample, uint32_t units, uint64_t copies,
                  uint64_t scale) {
  return Error(ErrorId::kOffGrid,
               fmt::format("sample {}: the dosage is no multiple of 1/{}, the grid planned from "
                           "the first records",
                           sample + 1, units))
      .InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Field(FieldName(place.field))
      .Value(fmt::format("{}/{}", copies, scale))
      .Remedy("set dosage.units to 16384 (rounds, by at most 3.1e-5)");
}

Error BadPloidy(const RecordPlace& place, uint32_t sample, uint32_t ploidy) {
  return Error(ErrorId::kDosageInvalid,
               fmt::format("sample {}: dosages are read for ploidies up to 2 only", sample + 1))
      .InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Field("ploidy")
      .Value(fmt::format("{}", ploidy))
      .Remedy("leave the variant out, or write the sample as missing with ploidy 1 or 2");
}

/// Adds up one diploid genotype whose alleles have no order: genotypes (a, b), a <= b, in the order
/// of b, then a; the last one is the rest. Returns the sum of those stored.
uint64_t AddDiploid(BitFields& in, uint64_t scale, std::vector<uint64_t>& copies) {
  uint64_t sum = 0;
  const size_t last = copies.size() - 1;
  for (size_t b = 0; b <= last; ++b) {
    for (size_t a = 0; a <= b; ++a) {
      const uint64_t p = a == last ? scale - std::min(sum, scale) : in.Next();
      if (a != last) sum += p;
      copies[a] += p;
      copies[b] += p;
    }
  }
  return sum;
}

/// Adds up one haplotype, or a haploid genotype; the last allele is the rest.
uint64_t AddHaplotype(BitFields& in, uint64_t scale, std::vector<uint64_t>& copies) {
  uint64_t sum = 0;
  for (size_t a = 0; a + 1 < copies.size(); ++a) {
    const uint64_t p = in.Next();
    sum += p;
    copies[a] += p;
  }
  copies.back() += scale - std::min(sum, scale);
  return sum;
}

/// Number of samples by ploidy.
using Ploidies = std::array<uint32_t, 3>;

/// Looks at each ploidy byte.
Ploidies CountPloidies(BgenGenotypes& g, const RecordPlace& place) {
  Ploidies n{};
  for (uint32_t s = 0; s < g.samples; ++s) {
    const uint8_t byte = g.ploidy[s];
    if ((byte & kReservedBit) != 0) throw Malformed(place, "a ploidy byte has its unused bit set");
    const uint32_t ploidy = byte & 63u;
    if (ploidy > 2) throw BadPloidy(place, s, ploidy);
    ++n[ploidy];
    if ((byte & kMissingBit) != 0) g.none_missing = false;
  }
  g.all_diploid = n[2] == g.samples;
  return n;
}

/// Smallest and largest ploidy that the header of a variant's genotypes may state.
bool StatesPloidies(const Ploidies& n, uint8_t least, uint8_t most) {
  for (uint8_t ploidy = 0; ploidy < n.size(); ++ploidy) {
    if (n[ploidy] > 0 && (ploidy < least || ploidy > most)) return false;
  }
  return true;
}

/// Copies of the one allele -> of the other one, the missing ones left as they are.
void CountOtherAllele(uint16_t* row, uint32_t samples, uint16_t both) {
  for (uint32_t s = 0; s < samples; ++s) {
    row[s] = row[s] == UINT16_MAX ? row[s] : static_cast<uint16_t>(both - row[s]);
  }
}

bool AllBytesAre(const uint8_t* p, size_t n, uint8_t value) {
  return p[0] == value && std::memcmp(p, p + 1, n - 1) == 0;
}

}  // namespace

BgenGenotypes ParseBgenGenotypes(std::span<const uint8_t> bytes, const BgenHeader& header,
                                 const BgenVariant& variant, const RecordPlace& place) {
  const uint64_t fixed = kFixedBytes + header.samples;
  if (bytes.size() < fixed) throw Malformed(place, "the genotypes end too early");
  BgenGenotypes g;
  g.samples = Load32(bytes.data());
  g.alleles = Load16(bytes.data() + 4);
  if (g.samples != header.samples || g.alleles != variant.alleles.size()) {
    throw Malformed(
        place, fmt::format("genotypes of {} samples and {} alleles, {} and {} expected", g.samples,
                           g.alleles, header.samples, variant.alleles.size()));
  }
  g.ploidy = bytes.data() + kBeforePloidy;
  const uint8_t* settings = g.ploidy + g.samples;
  g.bits = settings[1];
  g.phased = settings[0] == 1;
  g.probabilities = settings + 2;
  if (settings[0] > 1 || g.bits < 1 || g.bits > 32) {
    throw Malformed(place, fmt::format("phased is {} (0 or 1 expected) and bits {} (1 to 32)",
                                       settings[0], g.bits));
  }
  const Ploidies n =
      AllBytesAre(g.ploidy, g.samples, 2) ? Ploidies{0, 0, g.samples} : CountPloidies(g, place);
  const uint8_t least = bytes[kBeforePloidy - 2], most = bytes[kBeforePloidy - 1];
  if (!StatesPloidies(n, least, most)) {
    throw Malformed(place,
                    fmt::format("the ploidies are 0 of {} samples, 1 of {} and 2 of {}; {} to "
                                "{} are stated",
                                n[0], n[1], n[2], least, most));
  }
  const uint64_t k = g.alleles;
  const uint64_t values = n[1] * (k - 1) + n[2] * (g.phased ? 2 * (k - 1) : k * (k + 1) / 2 - 1);
  const uint64_t expected = fixed + (values * g.bits + 7) / 8;
  if (bytes.size() != expected) {
    throw Malformed(place, fmt::format("genotypes of {} bytes; their ploidy and bits take {}",
                                       bytes.size(), expected));
  }
  return g;
}

/// Calls put(sample, true) for each sample with the allele copies in copies_, in units of
/// 1/(2^bits - 1), or put(sample, false) if it is missing.
template <class Put>
void BgenDecoder::ForEachGenotype(const BgenGenotypes& g, const RecordPlace& place, Put put) {
  const uint64_t scale = (uint64_t{1} << g.bits) - 1;
  BitFields in(g.probabilities, g.bits);
  const uint32_t k = g.alleles;
  copies_.resize(k);
  for (uint32_t s = 0; s < g.samples; ++s) {
    const uint32_t ploidy = g.ploidy[s] & 63u;
    if (ploidy == 0 || (g.ploidy[s] & kMissingBit) != 0) {
      in.Skip(ploidy < 2 || g.phased ? uint64_t{ploidy} * (k - 1) : k * (k + 1ull) / 2 - 1);
      put(s, false);
      continue;
    }
    uint64_t sum = 0;
    if (k == 2 && ploidy == 2 && !g.phased) {
      const uint64_t p00 = in.Next(), p01 = in.Next();
      sum = p00 + p01;
      copies_[0] = p00 + sum;
      copies_[1] = 2 * scale - copies_[0];
    } else {
      std::fill(copies_.begin(), copies_.end(), uint64_t{0});
      if (ploidy == 2 && !g.phased) {
        sum = AddDiploid(in, scale, copies_);
      } else {
        for (uint32_t h = 0; h < ploidy; ++h) {
          sum = std::max(sum, AddHaplotype(in, scale, copies_));
        }
      }
    }
    if (sum > scale) throw BadSum(place, s, sum, scale);
    put(s, true);
  }
}

bool BgenDecoder::DecodeFast(const BgenGenotypes& g, const RecordPlace& place, uint16_t* out) {
  if (g.bits != 8 || g.alleles != 2 || !g.all_diploid || grid_.units_per_copy != 255) return false;
  if (!choice_.all) scratch_.resize(g.samples);
  uint16_t* row = choice_.all ? out : scratch_.data();
  const uint8_t* ploidy = g.none_missing ? nullptr : g.ploidy;
  if (g.phased) {
    HaplotypesToDosages(g.probabilities, ploidy, g.samples, row);
  } else if (!ProbabilitiesToDosages(g.probabilities, ploidy, g.samples, row)) {
    ForEachGenotype(g, place, [](uint32_t, bool) {});  // throws, naming the sample
  }
  if (first_alt_ == 0) CountOtherAllele(row, g.samples, 2 * 255);
  if (choice_.all) return true;
  for (size_t i = 0; i < choice_.source.size(); ++i) out[i] = row[choice_.source[i]];
  return true;
}

template <class T>
void BgenDecoder::DecodeTriples(const uint8_t* triples, const RecordPlace& place, T* out) {
  for (uint32_t s = 0; s < header_.samples; ++s, triples += 6) {
    const uint32_t target = choice_.target[s];
    if (target == SampleTable::kAbsent) continue;
    uint64_t p00 = Load16(triples), p11 = Load16(triples + 4);
    if (first_alt_ == 0) std::swap(p00, p11);
    const uint64_t p01 = Load16(triples + 2), sum = p00 + p01 + p11;
    if (sum > kTripleScale + kTripleTolerance) throw BadSum(place, s, sum, kTripleScale);
    if (sum == 0) {
      out[target] = static_cast<T>(-1);
      continue;
    }
    // Less than 1: rounding, or the chance that there was no call. Given a call, the copies are
    // (P01 + 2 P11) / sum.
    const uint64_t product = (p01 + 2 * p11) * grid_.units_per_copy;
    if (grid_.error_bound == 0 && product % sum != 0) {
      throw OffBgenGrid(place, s, grid_.units_per_copy, p01 + 2 * p11, sum);
    }
    out[target] = static_cast<T>((2 * product + sum) / (2 * sum));
  }
}

template <class T>
void BgenDecoder::DecodeRows(std::span<const uint8_t> bytes, const BgenVariant& variant,
                             const RecordPlace& place, DosageTile& tile, size_t row) {
  T* out = reinterpret_cast<T*>(tile.Row(row));
  if (header_.layout == 1) return DecodeTriples(bytes.data(), place, out);
  const BgenGenotypes g = ParseBgenGenotypes(bytes, header_, variant, place);
  if (!g.all_diploid) FillHaploid(g, FlagsOf(tile, row), tile.n_samples);
  if (keep_phase_ && g.phased) FillPhase(g, FlagsOf(tile, row), tile.n_samples);
  if constexpr (sizeof(T) == 2) {
    if (DecodeFast(g, place, out)) return;
  }
  const size_t stride = tile.stride_bytes / sizeof(T);
  const uint64_t full = (uint64_t{1} << g.bits) - 1;
  const BgenScale scale(grid_, full);
  ForEachGenotype(g, place, [&](uint32_t s, bool called) {
    const uint32_t target = choice_.target[s];
    if (target == SampleTable::kAbsent) return;
    uint32_t units = static_cast<T>(-1);
    for (uint32_t a = 0; a + 1 < g.alleles; ++a) {
      const uint64_t copies = copies_[first_alt_ + a];
      if (called && !scale.ToUnits(copies, units)) {
        throw OffBgenGrid(place, s, grid_.units_per_copy, copies, full);
      }
      out[a * stride + target] = static_cast<T>(units);
    }
  });
}

/// No flags are kept before the first call that has any: most tiles have none.
uint8_t* BgenDecoder::FlagsOf(DosageTile& tile, size_t row) {
  if (tile.calls.empty()) {
    const size_t size = tile.values.size() / tile.stride_bytes * tile.n_samples;
    tile.calls.Resize(size);
    std::memset(tile.calls.data(), 0, size);
  }
  return tile.calls.data() + row * tile.n_samples;
}

void BgenDecoder::FillHaploid(const BgenGenotypes& g, uint8_t* flags, size_t n_samples) {
  for (uint32_t s = 0; s < g.samples; ++s) {
    if ((g.ploidy[s] & 63u) != 1 || choice_.target[s] == SampleTable::kAbsent) continue;
    any_flag_ = true;
    for (uint32_t a = 0; a + 1 < g.alleles; ++a) {
      flags[a * n_samples + choice_.target[s]] = kCallHaploid;
    }
  }
}

/// FillPhase for 8 bits, two alleles and no haploid person: the most probable allele of a haplotype
/// is the upper bit of its byte.
void BgenDecoder::FillPhase8(const BgenGenotypes& g, uint8_t* flags) {
  const uint8_t *pairs = g.probabilities, *ploidy = g.ploidy;
  const unsigned ref_first = first_alt_ == 1 ? 1 : 0;
  const auto flag = [=](uint32_t s) {
    const unsigned pair = Load16(pairs + 2 * size_t{s});
    const unsigned first = pair >> 7 & 1, second = pair >> 15;
    const unsigned told = (first ^ second) & ~(unsigned{ploidy[s]} >> 7);
    const unsigned alt_first = told & (first ^ ref_first);
    return static_cast<uint8_t>(told * kCallPhased | alt_first * kCallAltFirst);
  };
  uint8_t any = 0;
  if (choice_.all) {
    const uint32_t n = g.samples;  // plain loop over plain pointers: vectorised
    for (uint32_t s = 0; s < n; ++s) {
      flags[s] = flag(s);
      any |= flags[s];
    }
  } else {
    for (const uint32_t s : choice_.source) {
      *flags = flag(s);
      any |= *flags++;
    }
  }
  any_flag_ |= any != 0;
}

/// A haplotype has its most probable allele, as programs that write GT beside HDS have it.
void BgenDecoder::FillPhase(const BgenGenotypes& g, uint8_t* flags, size_t n_samples) {
  if (g.bits == 8 && g.alleles == 2 && g.all_diploid) return FillPhase8(g, flags);
  const uint64_t scale = (uint64_t{1} << g.bits) - 1;
  BitFields in(g.probabilities, g.bits);
  const auto most_probable = [&] {
    uint32_t best = 0;
    uint64_t most = 0, sum = 0;
    for (uint32_t a = 0; a < g.alleles; ++a) {
      const uint64_t p = a + 1 < g.alleles ? in.Next() : scale - std::min(sum, scale);
      sum += p;
      if (p > most) best = a, most = p;
    }
    return best;
  };
  for (uint32_t s = 0; s < g.samples; ++s) {
    const uint32_t ploidy = g.ploidy[s] & 63u;
    const bool missing = (g.ploidy[s] & kMissingBit) != 0;
    if (missing || ploidy != 2 || choice_.target[s] == SampleTable::kAbsent) {
      in.Skip(uint64_t{ploidy} * (g.alleles - 1));
      continue;
    }
    const uint32_t first = most_probable(), second = most_probable();
    any_flag_ = true;
    for (uint32_t a = 0; a + 1 < g.alleles; ++a) {
      const uint32_t alt = first_alt_ + a;
      // Haplotypes of the same allele tell nothing of where a doubtful copy lies.
      if ((first == alt) == (second == alt)) continue;
      flags[a * n_samples + choice_.target[s]] =
          static_cast<uint8_t>(kCallPhased | (first == alt ? kCallAltFirst : 0));
    }
  }
}

void BgenDecoder::Decode(std::span<const uint8_t> bytes, const BgenVariant& variant,
                         const RecordPlace& place, DosageTile& tile, size_t row) {
  if (tile.encoding.layout == DosageEncoding::Layout::kU16) {
    DecodeRows<uint16_t>(bytes, variant, place, tile, row);
  } else {
    DecodeRows<uint8_t>(bytes, variant, place, tile, row);
  }
}

}  // namespace kinflow
