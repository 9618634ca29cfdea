#include "stages/scores/tile_plan.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "stages/scores/effect_amount.h"

namespace kinflow {
namespace {

bool HasHaploid(const DosageTile& tile, size_t r) {
  const uint8_t* calls = tile.CallRow(r);
  if (calls == nullptr) return false;
  return std::any_of(calls, calls + tile.n_samples,
                     [](uint8_t flags) { return (flags & kCallHaploid) != 0; });
}

void Reset(BlockScore& out, uint32_t score) {
  out.score = score;
  out.plain.Clear();
  out.rows.fill(0);
  out.imputed.clear();
  out.special.clear();
}

/// Once all weights are there.
void Close(BlockScore& out, size_t rows) {
  uint32_t before = 0;
  for (size_t w = 0; w < out.rows.size(); ++w) {
    out.before[w] = before;
    before += static_cast<uint32_t>(std::popcount(out.rows[w]));
  }
  out.all_rows = before == rows;
  out.plain.Close(static_cast<uint32_t>((rows + 1) / 2));
}

/// Once all scores are planned.
void CloseBlock(PlannedBlock& block) {
  block.active.clear();
  block.on_all_rows.clear();
  for (const BlockScore& score : block.scores) {
    if (!score.empty()) block.active.push_back(score.score);
    if (score.all_rows) block.on_all_rows.push_back(score.score);
  }
  const size_t n = block.on_all_rows.size();
  block.imputed.resize(n * block.rows.size());
  for (size_t k = 0; k < n; ++k) {
    const std::vector<int64_t>& imputed = block.scores[block.on_all_rows[k]].imputed;
    for (size_t r = 0; r < block.rows.size(); ++r) block.imputed[r * n + k] = imputed[r];
  }
}

}  // namespace

int64_t AmountOf(const ScoreWeights& weights, const FixedPoint& grid, const ScoreWeights::Weight& w,
                 size_t row_index, const Ploidy& call, bool missing) {
  const WeightingRules& rules = weights.rules();
  const double freq = rules.imputes() ? weights.alt_freq(row_index) : std::nan("");
  const double mean = ImputedDosage(w.effect, w.effect_is_ref, freq, call.copies);
  if (missing) {
    const bool nothing = w.as_counted || (rules.centred() && !rules.uncentred_missing());
    return nothing ? 0 : grid.Amount(w.weight, mean);
  }
  const int64_t amount = grid.Amount(w.weight, EffectDosage(w.effect, w.effect_is_ref, call));
  return rules.centred() && !w.as_counted ? amount - grid.Amount(w.weight, mean) : amount;
}

bool TilePlan::IsSpecial(const ScoreWeights::Weight& w, const PlannedRow& row) const {
  if (row.by_ploidy || w.beside || w.effect != EffectType::kAdditive) return true;
  return w.effect_is_ref && !(!w.as_counted && weights_.rules().imputes() &&
                              !std::isnan(weights_.alt_freq(row.index)));
}

void TilePlan::PlanRows(const DosageTile& tile) {
  const bool any_male =
      std::find(people_.sex.begin(), people_.sex.end(), Sex::kMale) != people_.sex.end();
  const auto& wanted = weights_.rows();
  const uint64_t end = tile.first_variant + tile.rows();
  const auto first = std::lower_bound(wanted.begin(), wanted.end(), tile.first_variant);
  const auto last = std::lower_bound(first, wanted.end(), end);
  n_rows_ = static_cast<uint64_t>(last - first);
  n_blocks_ = (n_rows_ + kPairBlockRows - 1) / kPairBlockRows;
  if (blocks_.size() < n_blocks_) blocks_.resize(n_blocks_);
  place_.resize(tile.rows());
  for (size_t b = 0; b < n_blocks_; ++b) {
    const size_t n = std::min<size_t>(kPairBlockRows, n_rows_ - b * kPairBlockRows);
    blocks_[b].rows.resize(n);
    blocks_[b].values.resize(n);
    blocks_[b].scores.resize(weights_.scores());
  }
  oneapi::tbb::parallel_for(size_t{0}, size_t{n_rows_}, [&](size_t k) {
    PlannedRow row;
    row.index = static_cast<size_t>(first - wanted.begin()) + k;
    row.in_tile = static_cast<uint32_t>(wanted[row.index] - tile.first_variant);
    row.rule = CopyRuleOf(tile.variants, row.in_tile);
    if (HasHaploid(tile, row.in_tile)) row.calls = tile.CallRow(row.in_tile);
    row.by_ploidy = row.calls != nullptr || row.rule == CopyRule::kY || row.rule == CopyRule::kMt ||
                    (row.rule == CopyRule::kX && any_male);
    place_[row.in_tile] = static_cast<uint32_t>(k);
    blocks_[k / kPairBlockRows].rows[k % kPairBlockRows] = row;
    blocks_[k / kPairBlockRows].values[k % kPairBlockRows] = tile.Row(row.in_tile);
  });
}

void TilePlan::AddPlain(const ScoreWeights::Weight& w, uint32_t row, const PlannedRow& planned,
                        BlockScore& out) {
  const FixedPoint& grid = weights_.grid(out.score);
  // Counting REF is 2 w - w x.
  const double weight = w.effect_is_ref ? -w.weight : w.weight;
  out.plain.Add(row, grid.Steps(weight));
  out.rows[row / 64] |= uint64_t{1} << (row % 64);
  const double freq = weights_.alt_freq(planned.index);
  const bool known = !w.as_counted && weights_.rules().imputes() && !std::isnan(freq);
  const int64_t mean = known ? grid.Amount(weight, 2 * freq) : 0;
  const bool uncentred = known && weights_.rules().uncentred_missing();
  out.imputed.push_back(
      mean +
      (uncentred ? grid.Amount(w.weight, ImputedDosage(w.effect, w.effect_is_ref, freq, 2)) : 0));
  if (weights_.rules().centred() && !w.as_counted) {
    offsets_[out.score] -= mean;
  } else if (w.effect_is_ref) {
    offsets_[out.score] += grid.Amount(w.weight, 2);
  }
}

void TilePlan::AddSpecial(const DosageTile& tile, const ScoreWeights::Weight& w, uint32_t row,
                          const PlannedRow& planned, BlockScore& out) const {
  SpecialWeight& special = out.special.emplace_back();
  special.row = static_cast<uint8_t>(row);
  special.weight = w;
  if (tile.encoding.layout != DosageEncoding::Layout::kTwoBit) return;
  const FixedPoint& grid = weights_.grid(out.score);
  for (const bool haploid : {false, true}) {
    for (const Sex sex : {Sex::kUnknown, Sex::kMale, Sex::kFemale}) {
      for (uint32_t call = 0; call < 4; ++call) {
        const Ploidy ploidy =
            PloidyOf(planned.rule, sex, people_.x_males_once, call == 3 ? 0 : call, haploid);
        special.of_call[4 * KindOf(haploid, sex) + call] =
            AmountOf(weights_, grid, w, planned.index, ploidy, call == 3);
      }
    }
  }
}

void TilePlan::PlanScore(const DosageTile& tile, uint32_t score) {
  const auto [begin, end] =
      weights_.Find(score, tile.first_variant, tile.first_variant + tile.rows());
  for (size_t b = 0; b < n_blocks_; ++b) Reset(blocks_[b].scores[score], score);
  for (size_t i = begin; i < end; ++i) {
    const ScoreWeights::Weight w = weights_.Get(score, i);
    const uint32_t place = place_[w.row - tile.first_variant];
    PlannedBlock& block = blocks_[place / kPairBlockRows];
    const uint32_t row = place % kPairBlockRows;
    BlockScore& out = block.scores[score];
    if (IsSpecial(w, block.rows[row])) {
      AddSpecial(tile, w, row, block.rows[row], out);
    } else {
      AddPlain(w, row, block.rows[row], out);
    }
  }
  for (size_t b = 0; b < n_blocks_; ++b) Close(blocks_[b].scores[score], blocks_[b].rows.size());
}

void TilePlan::Make(const DosageTile& tile) {
  PlanRows(tile);
  oneapi::tbb::parallel_for(uint32_t{0}, static_cast<uint32_t>(weights_.scores()),
                            [&](uint32_t score) { PlanScore(tile, score); });
  oneapi::tbb::parallel_for(size_t{0}, n_blocks_, [&](size_t b) { CloseBlock(blocks_[b]); });
}

}  // namespace kinflow
