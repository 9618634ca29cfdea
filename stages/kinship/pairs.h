#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/kernels/pair_counts.h"
#include "pipeline/store/artifact_store.h"

namespace kinflow::kinship {

inline constexpr std::string_view kPairsKind = "kinship";

/// Two people by place in the SampleTable, first < second.
struct PairOfSamples {
  uint32_t first = 0, second = 0;
  auto operator<=>(const PairOfSamples&) const = default;
};

struct Pair {
  PairOfSamples samples;
  PairCounts counts;
};

/// Sums over all pairs of the cohort (no controls) that were compared, listed or not.
struct PairTotals {
  uint64_t pairs = 0;
  uint64_t undefined = 0;  // no kinship: one of the two has no heterozygous call
  /// Over pairs below third degree (kinship < 0.0442): what unrelated people look like.
  uint64_t unrelated_n = 0, unrelated_ibs0 = 0;

  PairTotals& operator+=(const PairTotals& other);
};

/// One shard of the artifact: pairs in order, and totals.
void WritePairs(H5Writer& file, const std::vector<Pair>& pairs, const PairTotals& totals);
/// All pairs of the artifact in order.
std::vector<Pair> ReadPairs(const ArtifactStore& store, const Manifest& manifest,
                            PairTotals& totals);

}  // namespace kinflow::kinship
