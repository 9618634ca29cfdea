#include "stages/scores/score_weights.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

namespace kinflow {
namespace {

constexpr uint8_t kEffectMask = 7, kOfRef = 8;

/// The weight of a dosage that is centred or standardised.
double ScaledWeight(const MatchedWeight& w, ScoreOptions::Genotypes genotypes) {
  if (genotypes == ScoreOptions::Genotypes::kAsIs) return w.weight;
  if (std::isnan(w.alt_freq)) return 0;
  if (genotypes == ScoreOptions::Genotypes::kCentre) return w.weight;
  const double variance = 2 * w.alt_freq * (1 - w.alt_freq);
  return variance > 0 ? w.weight / std::sqrt(variance) : 0;
}

}  // namespace

void ScoreWeights::Add(std::string name, std::span<const MatchedWeight> weights) {
  Score& score = scores_.emplace_back();
  score.name = std::move(name);
  score.row.reserve(weights.size());
  score.weight.reserve(weights.size());
  score.flags.reserve(weights.size());
  score.freq.reserve(weights.size());
  for (const MatchedWeight& w : weights) {
    if (w.row > UINT32_MAX) {
      throw Error(ErrorId::kLimitExceeded, "scores reach beyond 4 billion variants");
    }
    score.row.push_back(static_cast<uint32_t>(w.row));
    score.weight.push_back(ScaledWeight(w, rules_.genotypes));
    score.flags.push_back(
        static_cast<uint8_t>(static_cast<uint8_t>(w.effect) | (w.effect_is_ref ? kOfRef : 0)));
    score.freq.push_back(w.alt_freq);
    score.variants += CountsGenotypes(w.effect);
    score.by_ploidy = score.by_ploidy || w.by_ploidy;
  }
}

void ScoreWeights::AddUnion() {
  FindRows();
  Score& all = scores_.emplace_back();
  all.row.assign(rows_.begin(), rows_.end());
  all.weight.assign(rows_.size(), 0);
  all.flags.assign(rows_.size(), static_cast<uint8_t>(EffectType::kAdditive));
  all.freq = alt_freq_;
  all.variants = rows_.size();
  all.by_ploidy = std::any_of(scores_.begin(), scores_.end(),
                              [](const Score& score) { return score.by_ploidy; });
}

void ScoreWeights::Finish() {
  FindRows();
  for (Score& score : scores_) std::vector<double>().swap(score.freq);
  ShareCounts();
}

void ScoreWeights::FindRows() {
  uint64_t most = 0;
  for (const Score& score : scores_) {
    if (!score.row.empty()) most = std::max<uint64_t>(most, score.row.back());
  }
  std::vector<bool> used(most + 1, false);
  for (const Score& score : scores_) {
    for (const uint32_t row : score.row) used[row] = true;
  }
  rows_.clear();
  for (uint64_t row = 0; row <= most; ++row) {
    if (used[row]) rows_.push_back(row);
  }
  alt_freq_.resize(rows_.size());
  for (const Score& score : scores_) {
    auto at = rows_.begin();
    for (size_t i = 0; i < score.row.size(); ++i) {
      // Weights of a score that has most rows lie next to each other.
      if (*at != score.row[i]) {
        if (at + 1 != rows_.end() && at[1] == score.row[i]) {
          ++at;
        } else {
          at = std::lower_bound(at, rows_.end(), score.row[i]);
        }
      }
      alt_freq_[static_cast<size_t>(at - rows_.begin())] = score.freq[i];
    }
  }
}

void ScoreWeights::ShareCounts() {
  std::map<Digest, uint32_t> seen;
  for (size_t s = 0; s < scores_.size(); ++s) {
    Hasher hasher;
    for (size_t i = 0; i < scores_[s].row.size(); ++i) {
      if (!CountsGenotypes(static_cast<EffectType>(scores_[s].flags[i] & kEffectMask))) continue;
      hasher.Add(&scores_[s].row[i], sizeof(uint32_t));
    }
    const auto [found, added] =
        seen.emplace(hasher.Finish(), static_cast<uint32_t>(leaders_.size()));
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
  return {s.row[i], s.weight[i], static_cast<EffectType>(s.flags[i] & kEffectMask),
          (s.flags[i] & kOfRef) != 0};
}

void ScoreWeights::SetUnits(uint32_t units) {
  if (units == units_) return;
  if (units_ != 0) throw Error(ErrorId::kInternal, "the unit of dosages changes within a scan");
  units_ = units;
  for (Score& score : scores_) score.grid = FixedPoint(score.weight, units);
}

uint64_t ScoreWeights::CountVanishing() const {
  constexpr uint32_t kFinestUnits = 32'768;
  uint64_t n = 0;
  for (const Score& score : scores_) {
    const FixedPoint grid(score.weight, kFinestUnits);
    if (grid.exact()) continue;
    n += static_cast<uint64_t>(
        std::count_if(score.weight.begin(), score.weight.end(),
                      [&](double w) { return w != 0 && grid.Steps(w) == 0; }));
  }
  return n;
}

uint64_t ScoreWeights::MemoryBytes() const {
  uint64_t bytes = rows_.capacity() * sizeof(uint64_t) + alt_freq_.capacity() * sizeof(double);
  for (const Score& s : scores_) {
    bytes += s.row.capacity() * sizeof(uint32_t) + s.weight.capacity() * sizeof(double) +
             s.flags.capacity() + s.freq.capacity() * sizeof(double);
  }
  return bytes;
}

}  // namespace kinflow
