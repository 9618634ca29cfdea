#include "stages/kinship/concordance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>

namespace kinflow::kinship {
namespace {

constexpr uint32_t kMissing = 3;

uint32_t CallOf(const uint8_t* calls, uint32_t sample) {
  return (calls[sample / 4] >> (2 * (sample % 4))) & 3u;
}

}  // namespace

double RepeatedCalls::Discordance() const {
  return both == 0 ? std::numeric_limits<double>::quiet_NaN()
                   : static_cast<double>(discordant) / both;
}

RepeatedCalls CompareCalls(const uint8_t* calls, const std::vector<PairOfSamples>& pairs,
                           const SamplesOfPeople& people) {
  RepeatedCalls counts;
  for (const PairOfSamples& pair : pairs) {
    const uint32_t a = CallOf(calls, pair.first), b = CallOf(calls, pair.second);
    if (a == kMissing || b == kMissing) {
      counts.one += a != b ? 1 : 0;
      continue;
    }
    ++counts.both;
    counts.discordant += a != b ? 1 : 0;
    counts.opposite += a + b == 2 && a != b ? 1 : 0;
  }
  for (const std::vector<uint32_t>& samples : people) {
    std::array<uint32_t, 4> of_call{};
    for (const uint32_t sample : samples) ++of_call[CallOf(calls, sample)];
    of_call[kMissing] = 0;
    const uint32_t called = std::accumulate(of_call.begin(), of_call.end(), 0u);
    if (called == 0) continue;
    counts.repeats += called - 1;
    counts.deviating += called - *std::max_element(of_call.begin(), of_call.end());
  }
  return counts;
}

void DiscordanceTally::Add(const RepeatedCalls& calls) {
  const double share = calls.Discordance();
  const size_t of = std::isnan(share) ? 5
                    : share == 0      ? 0
                    : share < 0.01    ? 1
                    : share < 0.03    ? 2
                    : share < 0.1     ? 3
                                      : 4;
  ++variants[of];
}

SamplesOfPeople PeopleOf(const std::vector<PairOfSamples>& pairs) {
  std::map<uint32_t, uint32_t> joined_to;  // another sample of the person, or itself
  const auto one_of = [&joined_to](uint32_t sample) {
    uint32_t at = joined_to.emplace(sample, sample).first->second;
    while (joined_to.at(at) != at) at = joined_to.at(at);
    return at;
  };
  for (const PairOfSamples& pair : pairs) {
    const uint32_t a = one_of(pair.first), b = one_of(pair.second);
    joined_to[a] = b;
  }
  std::map<uint32_t, std::vector<uint32_t>> samples;
  for (const auto& [sample, _] : joined_to) samples[one_of(sample)].push_back(sample);
  SamplesOfPeople people;
  for (auto& [_, of_person] : samples) people.push_back(std::move(of_person));
  return people;
}

Table ConcordanceTable(const DiscordanceTally& tally, int64_t pairs, int64_t people,
                       int64_t small) {
  const std::string count = pairs == 0       ? "0"
                            : pairs < small  ? fmt::format("<{}", small)
                            : people < small ? "NA"
                                             : fmt::format("{}", pairs);
  Table::Strings classes, compared;
  Table::Ints variants;
  for (size_t c = 0; c < tally.kClasses.size(); ++c) {
    classes.emplace_back(tally.kClasses[c]);
    compared.push_back(count);
    variants.push_back(static_cast<int64_t>(tally.variants[c]));
  }
  Table table;
  table.Add("DISCORDANCE", std::move(classes));
  table.Add("VARIANTS", std::move(variants));
  table.Add("PAIRS", std::move(compared));
  return table;
}

}  // namespace kinflow::kinship
