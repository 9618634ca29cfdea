#include "stages/scores/score_weights.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

namespace kinflow {
namespace {

constexpr uint8_t kEffectMask = 7, kOfRef = 8, kAsCounted = 16, kBeside = 32;

/// The weight of a dosage that is centred or standardised.
double ScaledWeight(const MatchedWeight& w, ScoreOptions::Genotypes genotypes) {
  if (genotypes == ScoreOptions::Genotypes::kAsIs) return w.weight;
  if (std::isnan(w.alt_freq)) return 0;
  if (genotypes == ScoreOptions::Genotypes::kCentre) return w.weight;
  const double variance = 2 * w.alt_freq * (1 - w.alt_freq);
  return variance > 0 ? w.weight / std::sqrt(variance) : 0;
}

}  // namespace

void ScoreWeights::Add(std::span<const MatchedScore> group) {
  const size_t first = scores_.size();
  scores_.resize(first + group.size());
  oneapi::tbb::parallel_for(size_t{0}, group.size(),
                            [&](size_t i) { Fill(group[i], scores_[first + i]); });
  AddRows(group);
}

void ScoreWeights::Fill(const MatchedScore& from, Score& score) const {
  const std::vector<MatchedWeight>& weights = from.weights;
  score.name = from.name;
  score.row.reserve(weights.size());
  score.weight.reserve(weights.size());
  score.flags.reserve(weights.size());
  uint64_t counted = UINT64_MAX;  // the last row whose genotypes are
  for (const MatchedWeight& w : weights) {
    if (w.row > UINT32_MAX) {
      throw Error(ErrorId::kLimitExceeded, "scores reach beyond 4 billion variants");
    }
    const bool counts = CountsGenotypes(w.effect), beside = counts && counted == w.row;
    if (counts) counted = w.row;
    score.row.push_back(static_cast<uint32_t>(w.row));
    score.weight.push_back(ScaledWeight(w, rules_.genotypes));
    score.flags.push_back(static_cast<uint8_t>(
        static_cast<uint8_t>(w.effect) | (w.effect_is_ref ? kOfRef : 0) | (beside ? kBeside : 0)));
    score.variants += counts && !beside;
    score.by_ploidy = score.by_ploidy || w.by_ploidy;
  }
}

void ScoreWeights::AddUnion() {
  std::vector<uint8_t> first(rows_.size(), 0);  // flags by row; 0 = no score named an allele so far
  std::map<size_t, uint8_t> second;             // of rows whose first score names both
  for (const Score& score : scores_) {
    size_t at = 0;
    bool names = false;
    for (size_t i = 0; i < score.row.size(); ++i) {
      const uint8_t flags = score.flags[i], effect = flags & kEffectMask;
      if (!CountsGenotypes(static_cast<EffectType>(effect))) continue;
      while (rows_[at] < score.row[i]) ++at;
      // Of a line with a weight by copies: its first part.
      const bool parts = effect == static_cast<uint8_t>(EffectType::kFirstCopy);
      const auto counted =
          static_cast<uint8_t>((parts ? flags & (kOfRef | kBeside) : flags) | kAsCounted);
      if ((flags & kBeside) == 0) {
        names = first[at] == 0;
        if (names) first[at] = counted;
      } else if (names) {
        second.emplace(at, counted);
      }
    }
  }
  Score all;
  auto beside = second.begin();
  for (size_t r = 0; r < rows_.size(); ++r) {
    all.row.push_back(static_cast<uint32_t>(rows_[r]));
    all.flags.push_back(static_cast<uint8_t>(first[r] | kAsCounted));
    if (beside == second.end() || beside->first != r) continue;
    all.row.push_back(static_cast<uint32_t>(rows_[r]));
    all.flags.push_back((beside++)->second);
  }
  all.weight.assign(all.row.size(), 1);
  all.variants = rows_.size();
  all.by_ploidy = std::any_of(scores_.begin(), scores_.end(),
                              [](const Score& score) { return score.by_ploidy; });
  scores_.push_back(std::move(all));
}

void ScoreWeights::Finish() { ShareCounts(); }

/// Rows that no score had so far, with their frequencies.
void ScoreWeights::AddRows(std::span<const MatchedScore> group) {
  using RowFreq = std::pair<uint64_t, double>;
  const auto before = [](const RowFreq& a, const RowFreq& b) { return a.first < b.first; };
  std::vector<RowFreq> all;
  for (const MatchedScore& score : group) {
    auto at = rows_.begin();
    for (const MatchedWeight& w : score.weights) {
      // Weights of a score that has most rows lie next to each other.
      if (at != rows_.end() && *at < w.row) ++at;
      if (at != rows_.end() && *at < w.row) at = std::lower_bound(at, rows_.end(), w.row);
      if (at == rows_.end() || *at != w.row) all.emplace_back(w.row, w.alt_freq);
    }
  }
  if (all.empty()) return;
  std::stable_sort(all.begin(), all.end(), before);
  const auto same = [](const RowFreq& a, const RowFreq& b) { return a.first == b.first; };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  const auto middle = static_cast<std::ptrdiff_t>(all.size());
  for (size_t i = 0; i < rows_.size(); ++i) all.emplace_back(rows_[i], alt_freq_[i]);
  std::inplace_merge(all.begin(), all.begin() + middle, all.end(), before);
  rows_.resize(all.size());
  alt_freq_.resize(all.size());
  for (size_t i = 0; i < all.size(); ++i) std::tie(rows_[i], alt_freq_[i]) = all[i];
}

void ScoreWeights::ShareCounts() {
  std::vector<Digest> digests(scores_.size());
  oneapi::tbb::parallel_for(size_t{0}, scores_.size(), [&](size_t s) {
    std::vector<uint32_t> counted;
    for (size_t i = 0; i < scores_[s].row.size(); ++i) {
      if (Get(s, i).counts()) counted.push_back(scores_[s].row[i]);
    }
    Hasher hasher;
    hasher.Add(counted.data(), counted.size() * sizeof(uint32_t));
    digests[s] = hasher.Finish();
  });
  std::map<Digest, uint32_t> seen;
  for (size_t s = 0; s < scores_.size(); ++s) {
    const auto [found, added] = seen.emplace(digests[s], static_cast<uint32_t>(leaders_.size()));
    scores_[s].count = found->second;
    if (added) leaders_.push_back(static_cast<uint32_t>(s));
  }
}

std::vector<uint64_t> ScoreWeights::variants_of_counts() const {
  std::vector<uint64_t> variants;
  for (const uint32_t leader : leaders_) variants.push_back(scores_[leader].variants);
  return variants;
}

size_t ScoreWeights::counts_by_ploidy() const {
  return static_cast<size_t>(
      std::count_if(leaders_.begin(), leaders_.end(),
                    [this](uint32_t leader) { return scores_[leader].by_ploidy; }));
}

ScoreWeights::Slice ScoreWeights::Find(size_t score, uint64_t first, uint64_t end) const {
  const auto& row = scores_[score].row;
  const auto begin = std::lower_bound(row.begin(), row.end(), first);
  // Tiles are short: their end is near.
  auto stop = begin;
  while (stop != row.end() && *stop < end) ++stop;
  return {static_cast<size_t>(begin - row.begin()), static_cast<size_t>(stop - row.begin())};
}

ScoreWeights::Weight ScoreWeights::Get(size_t score, size_t i) const {
  const Score& s = scores_[score];
  return {s.row[i],
          s.weight[i],
          static_cast<EffectType>(s.flags[i] & kEffectMask),
          (s.flags[i] & kOfRef) != 0,
          (s.flags[i] & kAsCounted) != 0,
          (s.flags[i] & kBeside) != 0};
}

void ScoreWeights::SetUnits(uint32_t units) {
  if (units == units_) return;
  if (units_ != 0) throw Error(ErrorId::kInternal, "the unit of dosages changes within a scan");
  units_ = units;
  oneapi::tbb::parallel_for(size_t{0}, scores_.size(), [&](size_t s) {
    scores_[s].grid = FixedPoint(scores_[s].weight, units);
  });
}

uint64_t ScoreWeights::CountVanishing() const {
  constexpr uint32_t kFinestUnits = 32'768;
  std::vector<uint64_t> vanishing(scores_.size(), 0);
  oneapi::tbb::parallel_for(size_t{0}, scores_.size(), [&](size_t s) {
    const auto& weights = scores_[s].weight;
    const FixedPoint grid(weights, kFinestUnits);
    if (grid.exact()) return;
    vanishing[s] = static_cast<uint64_t>(std::count_if(
        weights.begin(), weights.end(), [&](double w) { return w != 0 && grid.Steps(w) == 0; }));
  });
  return std::accumulate(vanishing.begin(), vanishing.end(), uint64_t{0});
}

uint64_t ScoreWeights::MemoryBytes() const {
  uint64_t bytes = rows_.capacity() * sizeof(uint64_t) + alt_freq_.capacity() * sizeof(double);
  for (const Score& s : scores_) {
    bytes += s.row.capacity() * sizeof(uint32_t) + s.weight.capacity() * sizeof(double) +
             s.flags.capacity();
  }
  return bytes;
}

}  // namespace kinflow
