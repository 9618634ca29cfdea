#include "stages/scores/block_sums.h"

#include <algorithm>
#include <bit>

#include "pipeline/kernels/counts.h"

namespace kinflow {
namespace {

uint32_t Stored(const DosageTile& tile, const uint8_t* row, uint32_t sample) {
  switch (tile.encoding.layout) {
    case DosageEncoding::Layout::kTwoBit:
      return (row[sample / 4] >> (2 * (sample % 4))) & 3u;
    case DosageEncoding::Layout::kU8:
      return row[sample];
    case DosageEncoding::Layout::kU16:
      return reinterpret_cast<const uint16_t*>(row)[sample];
  }
  return 0;
}

}  // namespace

void BlockSums::FindMissing(const DosageTile& tile, const PlannedBlock& block, Range samples) {
  missing_.clear();
  missing_rows_.fill(0);
  missing_of_lane_.fill(0);
  const auto find = [&](size_t r) {
    absent_.clear();
    AppendMissing(tile.encoding, block.values[r], samples, absent_);
    if (absent_.empty()) return;
    missing_rows_[r / 64] |= uint64_t{1} << (r % 64);
    missing_begin_[r] = static_cast<uint16_t>(missing_.size());
    for (const uint32_t s : absent_) {
      const auto lane = static_cast<uint8_t>(LaneOf(s % kLaneSamples));
      missing_.push_back({static_cast<uint8_t>(r), lane});
      ++missing_of_lane_[lane];
    }
    missing_end_[r] = static_cast<uint16_t>(missing_.size());
  };
  for (size_t w = 0; w < low_.missing().size(); ++w) {
    for (uint64_t pairs = low_.missing()[w]; pairs != 0; pairs &= pairs - 1) {
      const size_t r = 2 * (64 * w + static_cast<size_t>(std::countr_zero(pairs)));
      find(r);
      if (r + 1 < block.rows.size()) find(r + 1);
    }
  }
}

/// Scores with a weight on every row.
void BlockSums::AddMissingOnAllRows(const PlannedBlock& block, uint32_t group) {
  constexpr size_t kScoresTogether = 16;  // whose sums stay in the nearest cache
  if (missing_.empty()) return;
  const std::vector<uint32_t>& scores = block.on_all_rows;
  for (size_t first = 0; first < scores.size(); first += kScoresTogether) {
    const size_t end = std::min(scores.size(), first + kScoresTogether);
    for (const Missing& m : missing_) {
      const int64_t* imputed = block.imputed_of(m.row);
      uint64_t* sums = sums_.sums(group, 0) + m.lane;
      for (size_t k = first; k < end; ++k) {
        sums[size_t{scores[k]} * kLaneSamples] += static_cast<uint64_t>(imputed[k]);
      }
    }
  }
  for (const uint32_t s : scores) {
    if (!weights_.counts(s)) continue;
    const LaneCounters counted = sums_.missing(group, weights_.count_of(s));
    for (uint32_t lane = 0; lane < kLaneSamples; ++lane) counted.Add(lane, missing_of_lane_[lane]);
  }
}

/// Scores with weights on some rows. `counted` null: another score counts.
void BlockSums::AddMissing(const BlockScore& score, uint64_t* sums,
                           const LaneCounters& counted) const {
  for (size_t w = 0; w < score.rows.size(); ++w) {
    for (uint64_t rows = score.rows[w] & missing_rows_[w]; rows != 0; rows &= rows - 1) {
      const uint64_t lowest = rows & (~rows + 1);
      const auto r = 64 * w + static_cast<size_t>(std::countr_zero(rows));
      const size_t k =
          score.before[w] + static_cast<size_t>(std::popcount(score.rows[w] & (lowest - 1)));
      for (uint32_t m = missing_begin_[r]; m < missing_end_[r]; ++m) {
        sums[missing_[m].lane] += static_cast<uint64_t>(score.imputed[k]);
        if (counted) counted.Add(missing_[m].lane, 1);
      }
    }
  }
}

void BlockSums::AddPlain(const DosageTile& tile, const PlannedBlock& block, uint32_t group,
                         Range samples) {
  // Lanes behind the last sample hold anything.
  const bool whole = samples.begin == group * kLaneSamples &&
                     (samples.size() == kLaneSamples || samples.end == tile.n_samples);
  if (!whole) part_.assign(block.active.size() * kLaneSamples, 0);
  columns_.clear();
  for (size_t k = 0; k < block.active.size(); ++k) {
    const BlockScore& score = block.scores[block.active[k]];
    score.plain.AppendColumns(
        weights_.grid(score.score).shift(),
        whole ? sums_.sums(group, score.score) : part_.data() + k * kLaneSamples, columns_);
  }
  AddPairs(low_, columns_);
  if (tile.encoding.layout == DosageEncoding::Layout::kU16) {
    for (PairColumn& column : columns_) column.shift += 8;
    AddPairs(high_, columns_);
  }
  if (whole) return;
  for (size_t k = 0; k < block.active.size(); ++k) {
    uint64_t* sums = sums_.sums(group, block.active[k]);
    for (uint32_t i = samples.begin; i < samples.end; ++i) {
      const uint32_t lane = LaneOf(i % kLaneSamples);
      sums[lane] += part_[k * kLaneSamples + lane];
    }
  }
}

void BlockSums::AddSpecial(const DosageTile& tile, const PlannedRow& row, const BlockScore& score,
                           const SpecialWeight& special, Range samples) {
  const uint32_t group = samples.begin / kLaneSamples;
  const size_t count = weights_.count_of(score.score);
  const bool counts = weights_.counts(score.score) && special.weight.counts();
  const FixedPoint& grid = weights_.grid(score.score);
  const uint8_t* values = tile.Row(row.in_tile);
  const bool two_bit = tile.encoding.layout == DosageEncoding::Layout::kTwoBit;
  uint64_t* sums = sums_.sums(group, score.score);
  const LaneCounters counted = sums_.missing(group, count);
  for (uint32_t s = samples.begin; s < samples.end; ++s) {
    const uint32_t stored = Stored(tile, values, s), lane = LaneOf(s % kLaneSamples);
    const bool missing = stored == tile.encoding.missing();
    const Sex sex = people_.of(s);
    const bool haploid = row.calls != nullptr && (row.calls[s] & kCallHaploid) != 0 &&
                         IsHaploid(row.rule, sex, missing);
    const double alt = missing ? 0 : stored / static_cast<double>(tile.encoding.units_per_copy);
    const Ploidy call = PloidyOf(row.rule, sex, people_.x_males_once, alt, haploid);
    sums[lane] += static_cast<uint64_t>(
        two_bit ? special.of_call[4 * KindOf(haploid, sex) + stored]
                : AmountOf(weights_, grid, special.weight, row.index, call, missing));
    if (!counts) continue;
    if (missing && call.copies > 0) counted.Add(lane, 1);
    if (call.copies == 2) continue;
    sums_.fewer(count, s) += 2u - call.copies;
    if (missing && call.copies > 0) ++sums_.fewer_missing(count, s);
  }
}

void BlockSums::Add(const DosageTile& tile, const PlannedBlock& block, uint32_t group, Range part) {
  const uint32_t first = group * kLaneSamples;
  const Range samples = {std::max(first, part.begin), std::min(first + kLaneSamples, part.end)};
  low_.Fill(tile.encoding, block.values, group, ValueBytes::kLow);
  if (tile.encoding.layout == DosageEncoding::Layout::kU16) {
    high_.Fill(tile.encoding, block.values, group, ValueBytes::kHigh);
  }
  FindMissing(tile, block, samples);
  AddPlain(tile, block, group, samples);
  AddMissingOnAllRows(block, group);
  for (const uint32_t s : block.active) {
    const BlockScore& score = block.scores[s];
    if (!score.all_rows) {
      const bool counts = weights_.counts(s);
      AddMissing(score, sums_.sums(group, s),
                 counts ? sums_.missing(group, weights_.count_of(s)) : LaneCounters());
    }
    for (const SpecialWeight& special : score.special) {
      AddSpecial(tile, block.rows[special.row], score, special, samples);
    }
  }
}

}  // namespace kinflow
