#include "stages/simulate/haplotypes.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {
namespace {

// A founder copies one ancestral haplotype for this many base pairs on average.
constexpr double kMosaicLength = 75000;
// Expected crossovers a chromosome and meiosis. The map is stretched over the simulated span, so
// that relatives share as much as real ones do, however few variants there are.
constexpr double kMorgans = 1.2;

// Bits [begin, end) of `from` into `to`.
void CopyBits(const Haplotypes::Row& from, uint32_t begin, uint32_t end, Haplotypes::Row& to) {
  for (uint32_t w = begin / 64; w * 64 < end; ++w) {
    uint64_t mask = ~uint64_t{0};
    if (w == begin / 64) mask &= ~uint64_t{0} << (begin % 64);
    if (end - w * 64 < 64) mask &= (uint64_t{1} << (end - w * 64)) - 1;
    to[w] |= from[w] & mask;
  }
}

void SetBits(uint32_t begin, uint32_t end, Haplotypes::Row& to) {
  Haplotypes::Row ones;
  ones.fill(~uint64_t{0});
  CopyBits(ones, begin, end, to);
}

// First variant from `begin` on that lies beyond `position`.
uint32_t EndBefore(const std::vector<SimVariant>& variants, uint32_t begin, double position) {
  const auto n = static_cast<uint32_t>(variants.size());
  if (variants[n - 1].position <= position) return n;
  uint32_t lo = begin, hi = n;
  while (lo < hi) {
    const uint32_t mid = (lo + hi) / 2;
    if (variants[mid].position <= position) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

}  // namespace

Haplotypes::Haplotypes(const SimulateOptions& options, const People& people,
                       const VariantStream& variants)
    : people_(people), variants_(variants) {
  for (unsigned side = 0; side < 2; ++side) {
    for (const uint32_t f : people.founders) {
      founder_state_[side].push_back(
          {Stream(options.seed, Purpose::kFounder, 2 * uint64_t{f} + side)});
    }
    for (const uint32_t c : people.children) {
      const uint64_t key = 2 * uint64_t{people.persons[c].meiosis} + side;
      child_state_[side].push_back({Stream(options.seed, Purpose::kMeiosis, key)});
    }
    alleles_[side].resize(people.persons.size());
    passed_[side].resize(people.children.size());
  }
}

void Haplotypes::Founder(const VariantBlock& block, uint32_t founder, unsigned side) {
  State& s = founder_state_[side][founder];
  const auto n = static_cast<uint32_t>(block.variants.size());
  if (block.starts_chromosome) {
    s.copies = static_cast<uint32_t>(s.rng.Below(kPanel));
    s.next = block.variants[0].position + Exponential(s.rng, kMosaicLength);
  }
  Row row{};
  for (uint32_t v = 0;;) {
    const uint32_t end = EndBefore(block.variants, v, s.next);
    CopyBits(block.panel[s.copies], v, end, row);
    for (const Rare& rare : rare_[s.copies]) {
      if (rare.variant >= v && rare.variant < end && s.rng.Uniform() < rare.share) {
        row[rare.variant / 64] |= uint64_t{1} << (rare.variant % 64);
      }
    }
    v = end;
    if (v == n) break;
    s.copies = static_cast<uint32_t>(s.rng.Below(kPanel));
    s.next += Exponential(s.rng, kMosaicLength);
  }
  alleles_[side][people_.founders[founder]] = row;
}

void Haplotypes::Child(const VariantBlock& block, uint32_t child, unsigned side) {
  State& s = child_state_[side][child];
  const double mean = variants_.SpanOf(block.chromosome) / kMorgans;
  const auto n = static_cast<uint32_t>(block.variants.size());
  const uint32_t person = people_.children[child];
  const SimPerson& p = people_.persons[person];
  const uint32_t parent = side == 0 ? p.mother : p.father;
  if (block.starts_chromosome) {
    s.copies = static_cast<uint32_t>(s.rng.Below(2));
    s.next = block.variants[0].position + Exponential(s.rng, mean);
  }
  Row row{}, passed{};
  for (uint32_t v = 0;;) {
    const uint32_t end = EndBefore(block.variants, v, s.next);
    CopyBits(alleles_[s.copies][parent], v, end, row);
    if (s.copies == 1) SetBits(v, end, passed);
    v = end;
    if (v == n) break;
    s.copies ^= 1;
    s.next += Exponential(s.rng, mean);
  }
  alleles_[side][person] = row;
  passed_[side][child] = passed;
}

void Haplotypes::Next(const VariantBlock& block) {
  for (auto& list : rare_) list.clear();
  for (uint32_t v = 0; v < block.variants.size(); ++v) {
    const SimVariant& variant = block.variants[v];
    if (variant.rare_leaf >= 0) rare_[variant.rare_leaf].push_back({v, variant.rare_share});
  }
  using Range = tbb::blocked_range<uint32_t>;
  tbb::parallel_for(Range(0, static_cast<uint32_t>(people_.founders.size()), 256),
                    [&](const Range& r) {
                      for (uint32_t i = r.begin(); i < r.end(); ++i) {
                        for (unsigned side = 0; side < 2; ++side) Founder(block, i, side);
                      }
                    });
  tbb::parallel_for(Range(0, static_cast<uint32_t>(people_.children.size()), 256),
                    [&](const Range& r) {
                      for (uint32_t i = r.begin(); i < r.end(); ++i) {
                        for (unsigned side = 0; side < 2; ++side) Child(block, i, side);
                      }
                    });
}

}  // namespace kinflow::simulate
