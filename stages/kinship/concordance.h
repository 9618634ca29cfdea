#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pipeline/data/table.h"
#include "stages/kinship/pairs.h"

namespace kinflow::kinship {

/// Calls of one variant in pairs of samples with the same genotypes.
struct RepeatedCalls {
  uint32_t both = 0;        // pairs in which both have a call
  uint32_t one = 0;         // in which one has
  uint32_t discordant = 0;  // of `both`
  uint32_t opposite = 0;    // of `discordant`: the two homozygotes
  uint32_t repeats = 0;     // calls beyond the first of each person
  uint32_t deviating = 0;   // of these, other than the person's most frequent call

  /// Share of discordant calls; NaN = nothing was compared.
  double Discordance() const;
};
/// Bounds of calls that deviate, of two samples a person the same as discordant pairs:
/// MoBaPsychGen's share of the repeats, and more than the error of one call, which makes as many
/// discordant pairs as the person has other samples.
inline constexpr double kOftenDiscordant = 0.03;
inline constexpr int64_t kLeastDiscordant = 2;

/// Samples of each person behind the pairs: samples joined by pairs are one person's.
using SamplesOfPeople = std::vector<std::vector<uint32_t>>;
SamplesOfPeople PeopleOf(const std::vector<PairOfSamples>& pairs);

/// `calls`: a two-bit row; `people`: PeopleOf() the pairs.
RepeatedCalls CompareCalls(const uint8_t* calls, const std::vector<PairOfSamples>& pairs,
                           const SamplesOfPeople& people);

/// Variants by the share of pairs that are discordant.
struct DiscordanceTally {
  static constexpr std::array<const char*, 6> kClasses = {
      "none", "below 0.01", "0.01 to 0.03", "0.03 to 0.1", "0.1 and above", "not compared"};
  std::array<uint64_t, kClasses.size()> variants{};

  void Add(const RepeatedCalls& calls);
};

/// concordance.tsv. Fewer than `small` pairs, or pairs of fewer people, are not counted in it.
Table ConcordanceTable(const DiscordanceTally& tally, int64_t pairs, int64_t people, int64_t small);

}  // namespace kinflow::kinship
