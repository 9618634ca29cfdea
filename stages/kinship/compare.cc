#include "stages/kinship/compare.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/kernels/call_planes.h"
#include "pipeline/kernels/pair_counts.h"
#include "stages/kinship/kinship.h"

namespace kinflow::kinship {
namespace {

constexpr uint32_t kBlockGroups = 8;
constexpr uint32_t kBlockSamples = kBlockGroups * kPairGroup;

/// What one block of pairs gives.
struct BlockResult {
  std::vector<Pair> pairs;
  PairTotals totals;
};

/// A block of groups within a strip.
struct Block {
  uint32_t strip, first, groups;  // groups counted within the strip
  uint32_t SampleOf(uint32_t person) const {
    return CallPlanes::SampleOf(strip * kStripGroups + first + person / kPairGroup,
                                person % kPairGroup);
  }
};

/// Of two people in either order.
void AddPair(PairOfSamples samples, PairCounts counts, const PairChoice& choice,
             BlockResult& result) {
  if (samples.first > samples.second) {
    std::swap(samples.first, samples.second);
    std::swap(counts.het_hom, counts.hom_het);
  }
  const double kinship = Kinship(counts);
  const bool of_cohort =
      choice.controls[samples.first] == 0 && choice.controls[samples.second] == 0;
  result.totals.pairs += of_cohort ? 1 : 0;
  if (!of_cohort) {
    // Copies of a few people say nothing of those of the cohort.
  } else if (!std::isfinite(kinship)) {
    ++result.totals.undefined;
  } else if (kinship < kLeastThird) {
    result.totals.unrelated_n += counts.n();
    result.totals.unrelated_ibs0 += counts.ibs0;
  }
  if (kinship >= choice.min_kinship ||
      std::binary_search(choice.always.begin(), choice.always.end(), samples)) {
    result.pairs.push_back({samples, counts});
  }
}

void CountBlock(const Strip& strip_a, const Block& a, const Strip& strip_b, const Block& b,
                PairCounts* counts) {
  for (size_t piece = 0; piece < strip_a.pieces.size(); ++piece) {
    const Strip::Piece& piece_a = strip_a.pieces[piece];
    const Strip::Piece& piece_b = strip_b.pieces[piece];
    for (uint32_t ga = 0; ga < a.groups; ++ga) {
      for (uint32_t gb = 0; gb < b.groups; ++gb) {
        AddPairCounts(piece_a.Group(a.first + ga), piece_b.Group(b.first + gb), piece_a.words,
                      counts + (ga * kBlockGroups + gb) * kPairGroup * kPairGroup);
      }
    }
  }
}

void CompareBlocks(const Strip& strip_a, const Block& a, const Strip& strip_b, const Block& b,
                   uint32_t n_samples, const PairChoice& choice, BlockResult& result) {
  std::vector<PairCounts> counts(size_t{kBlockSamples} * kBlockSamples);
  CountBlock(strip_a, a, strip_b, b, counts.data());
  const auto absent = [&](uint32_t s) { return s >= n_samples || choice.people[s] == 0; };
  const bool same = a.strip == b.strip && a.first == b.first;
  for (uint32_t i = 0; i < a.groups * kPairGroup; ++i) {
    const uint32_t x = a.SampleOf(i);
    if (absent(x)) continue;
    for (uint32_t j = 0; j < b.groups * kPairGroup; ++j) {
      const uint32_t y = b.SampleOf(j);
      if (absent(y) || (same && x >= y)) continue;
      const size_t groups = size_t{i / kPairGroup} * kBlockGroups + j / kPairGroup;
      const size_t place = groups * kPairGroup * kPairGroup + i % kPairGroup * kPairGroup;
      AddPair({x, y}, counts[place + j % kPairGroup], choice, result);
    }
  }
}

std::vector<Block> BlocksOf(uint32_t strip, uint32_t n_samples) {
  std::vector<Block> blocks;
  const uint32_t groups = GroupsInStrip(n_samples, strip);
  for (uint32_t first = 0; first < groups; first += kBlockGroups) {
    blocks.push_back({strip, first, std::min(kBlockGroups, groups - first)});
  }
  return blocks;
}

}  // namespace

PairTotals CompareStrips(const NumberedStrip& a, const NumberedStrip& b, uint32_t n_samples,
                         const PairChoice& choice, std::vector<Pair>& pairs) {
  const std::vector<Block> blocks_a = BlocksOf(a.number, n_samples);
  const std::vector<Block> blocks_b = BlocksOf(b.number, n_samples);
  struct Job {
    Block a, b;
  };
  std::vector<Job> jobs;
  for (const Block& x : blocks_a) {
    for (const Block& y : blocks_b) {
      if (a.number != b.number || x.first <= y.first) jobs.push_back({x, y});
    }
  }
  std::vector<BlockResult> results(jobs.size());
  oneapi::tbb::parallel_for(size_t{0}, jobs.size(), [&](size_t j) {
    CompareBlocks(a.strip, jobs[j].a, b.strip, jobs[j].b, n_samples, choice, results[j]);
  });
  PairTotals totals;
  for (const BlockResult& result : results) {
    totals += result.totals;
    pairs.insert(pairs.end(), result.pairs.begin(), result.pairs.end());
  }
  return totals;
}

}  // namespace kinflow::kinship
