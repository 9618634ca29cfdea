#include "stages/scores/weight_rows.h"

#include <algorithm>
#include <cmath>

namespace kinflow {
namespace {

/// The weight of a dosage that is centred or standardised.
double ScaledWeight(const MatchedWeight& w, ScoreOptions::Genotypes genotypes) {
  if (genotypes == ScoreOptions::Genotypes::kAsIs) return w.weight;
  if (std::isnan(w.alt_freq)) return 0;
  if (genotypes == ScoreOptions::Genotypes::kCentre) return w.weight;
  const double variance = 2 * w.alt_freq * (1 - w.alt_freq);
  return variance > 0 ? w.weight / std::sqrt(variance) : 0;
}

/// Index of a row that is there; quick if it lies not far behind `from`.
size_t PlaceOf(const std::vector<uint64_t>& rows, uint64_t row, size_t from) {
  size_t begin = rows[from] <= row ? from : 0, step = 1;
  while (begin + step < rows.size() && rows[begin + step] <= row) {
    begin += step;
    step *= 2;
  }
  const auto first = rows.begin() + static_cast<ptrdiff_t>(begin);
  const auto last = rows.begin() + static_cast<ptrdiff_t>(std::min(begin + step, rows.size()));
  return static_cast<size_t>(std::lower_bound(first, last, row) - rows.begin());
}

bool HasHaploid(const DosageTile& tile, size_t r) {
  const uint8_t* calls = tile.CallRow(r);
  if (calls == nullptr) return false;
  return std::any_of(calls, calls + tile.n_samples,
                     [](uint8_t flags) { return (flags & kCallHaploid) != 0; });
}

}  // namespace

WeightRows::WeightRows(const std::vector<std::vector<MatchedWeight>>& scores, bool mean_imputation,
                       ScoreOptions::Genotypes genotypes)
    : mean_(mean_imputation || genotypes != ScoreOptions::Genotypes::kAsIs),
      centred_(genotypes != ScoreOptions::Genotypes::kAsIs),
      n_scores_(static_cast<uint32_t>(scores.size())) {
  size_t n = 0;
  for (const auto& weights : scores) n += weights.size();
  rows_.reserve(n);
  for (const auto& weights : scores) {
    for (const MatchedWeight& w : weights) rows_.push_back(w.row);
  }
  std::sort(rows_.begin(), rows_.end());
  rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
  rows_.shrink_to_fit();
  alt_freq_.resize(rows_.size());
  begin_.assign(rows_.size() + 1, 0);
  weights_.resize(n);
  kernel_scores_.resize(n);
  Count(scores);
  Place(scores, genotypes);
}

bool WeightRows::IsSpecial(const MatchedWeight& w) const {
  const bool imputed = mean_ && w.alt_freq == w.alt_freq;
  return w.effect != EffectType::kAdditive || (w.effect_is_ref && !imputed);
}

template <class Visit>
void WeightRows::EachWeight(const std::vector<std::vector<MatchedWeight>>& scores,
                            const Visit& visit) const {
  for (uint32_t s = 0; s < scores.size(); ++s) {
    size_t at = 0;
    for (const MatchedWeight& w : scores[s]) {
      at = PlaceOf(rows_, w.row, at);
      visit(s, at, w);
    }
  }
}

/// How many weights stand before each row, and before its special ones.
void WeightRows::Count(const std::vector<std::vector<MatchedWeight>>& scores) {
  special_begin_.assign(rows_.size(), 0);
  EachWeight(scores, [&](uint32_t, size_t at, const MatchedWeight& w) {
    alt_freq_[at] = w.alt_freq;
    ++begin_[at + 1];
    special_begin_[at] += IsSpecial(w) ? 0 : 1;
  });
  for (size_t r = 0; r < rows_.size(); ++r) {
    begin_[r + 1] += begin_[r];
    special_begin_[r] += begin_[r];
  }
}

/// Every weight to its place: by row, plain ones first, then by score and effect.
void WeightRows::Place(const std::vector<std::vector<MatchedWeight>>& scores,
                       ScoreOptions::Genotypes genotypes) {
  for (const bool special : {false, true}) {
    std::vector<uint32_t> placed(rows_.size(), 0);
    EachWeight(scores, [&](uint32_t s, size_t at, const MatchedWeight& w) {
      if (IsSpecial(w) != special) return;
      const uint64_t place = (special ? special_begin_[at] : begin_[at]) + placed[at]++;
      weights_[place] = {s, w.effect, w.effect_is_ref, ScaledWeight(w, genotypes)};
      kernel_scores_[place] = s;
    });
  }
}

void WeightRows::SetUnits(uint32_t units) {
  if (units == units_) return;
  units_ = units;
  kernel_weights_.resize(weights_.size());
  for (size_t i = 0; i < weights_.size(); ++i) {
    const double w = weights_[i].weight / units;
    kernel_weights_[i] = weights_[i].effect_is_ref ? -w : w;
  }
}

void WeightRows::Plan(const DosageTile& tile, const MalesOnX& males, TilePlan& plan) {
  const bool any_male = males.any();
  SetUnits(tile.encoding.units_per_copy);
  plan.rows.clear();
  plan.plain.clear();
  const uint64_t end = tile.first_variant + tile.rows();
  auto it = std::lower_bound(rows_.begin(), rows_.end(), tile.first_variant);
  for (; it != rows_.end() && *it < end; ++it) {
    TileRow row;
    row.in_tile = static_cast<uint32_t>(*it - tile.first_variant);
    row.wanted = static_cast<uint32_t>(it - rows_.begin());
    row.on_x = any_male && tile.variants.chrom(row.in_tile) == "X";
    row.haploid = row.on_x || HasHaploid(tile, row.in_tile);
    WeightedRow plain;
    const uint64_t begin = begin_[row.wanted];
    plain.data = tile.Row(row.in_tile);
    plain.weights = kernel_weights_.data() + begin;
    plain.scores = kernel_scores_.data() + begin;
    plain.n_scores = row.haploid ? 0 : static_cast<uint32_t>(special_begin_[row.wanted] - begin);
    if (plain.n_scores == n_scores_) plain.scores = nullptr;  // all scores: the kernel's short road
    if (ImputesRow(row.wanted)) {
      plain.missing_value = 2 * alt_freq_[row.wanted] * tile.encoding.units_per_copy;
    }
    plan.rows.push_back(row);
    plan.plain.push_back(plain);
  }
}

std::span<const RowWeight> WeightRows::All(const TileRow& row) const {
  return std::span(weights_).subspan(begin_[row.wanted],
                                     begin_[row.wanted + 1] - begin_[row.wanted]);
}

std::span<const RowWeight> WeightRows::Special(const TileRow& row) const {
  const uint64_t begin = row.haploid ? begin_[row.wanted] : special_begin_[row.wanted];
  return std::span(weights_).subspan(begin, begin_[row.wanted + 1] - begin);
}

double WeightRows::Imputed(uint32_t wanted, const RowWeight& w, bool haploid) const {
  if (w.effect == EffectType::kConstant) return 1;
  if (!ImputesRow(wanted)) return 0;
  const double f = w.effect_is_ref ? 1 - alt_freq_[wanted] : alt_freq_[wanted];
  if (w.effect == EffectType::kSecondCopy) return haploid ? 0 : f * f;
  if (w.effect == EffectType::kFirstCopy && !haploid) return 1 - (1 - f) * (1 - f);
  return haploid || w.effect != EffectType::kAdditive ? f : 2 * f;
}

double WeightRows::Offset(uint32_t wanted, const RowWeight& w) const {
  const double of_ref = w.effect_is_ref ? 2 * w.weight : 0;
  return centred_ ? of_ref - w.weight * Imputed(wanted, w, false) : of_ref;
}

uint64_t WeightRows::MemoryBytes() const {
  return weights_.capacity() * (sizeof(RowWeight) + sizeof(double) + sizeof(uint32_t)) +
         rows_.capacity() * (2 * sizeof(uint64_t) + sizeof(double) + sizeof(uint64_t));
}

}  // namespace kinflow
