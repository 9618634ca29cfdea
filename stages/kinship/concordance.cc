#include "stages/kinship/concordance.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>

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

RepeatedCalls CompareCalls(const uint8_t* calls, const std::vector<PairOfSamples>& pairs) {
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

size_t PeopleOf(const std::vector<PairOfSamples>& pairs) {
  std::map<uint32_t, uint32_t> joined_to;  // another sample of the person, or itself
  const auto one_of = [&joined_to](uint32_t sample) {
    uint32_t at = joined_to.emplace(sample, sample).first->second;
    while (joined_to.at(at) != at) at = joined_to.at(at);
    return at;
  };
  size_t joins = 0;
  for (const PairOfSamples& pair : pairs) {
    const uint32_t a = one_of(pair.first), b = one_of(pair.second);
    if (a == b) continue;
    joined_to[a] = b;
    ++joins;
  }
  return joined_to.size() - joins;
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
