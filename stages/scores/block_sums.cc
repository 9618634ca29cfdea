#include "stages/scores/block_sums.h"

#include <algorithm>
#include <bit>
#include <cstring>

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

/// No missing call among the 64 samples of a group, those behind the last one included.
bool AllCalled(const uint8_t* row, uint32_t group) {
  uint64_t words[2];
  std::memcpy(words, row + size_t{group} * kLaneSamples / 4, sizeof words);
  return (((words[0] & (words[0] >> 1)) | (words[1] & (words[1] >> 1))) & 0x5555555555555555u) == 0;
}

}  // namespace

void BlockSums::FindMissing(const DosageTile& tile, const PlannedBlock& block, Range samples) {
  missing_.clear();
  missing_rows_.fill(0);
  missing_of_lane_.fill(0);
  const bool two_bit = tile.encoding.layout == DosageEncoding::Layout::kTwoBit;
  for (size_t r = 0; r < block.rows.size(); ++r) {
    missing_begin_[r] = static_cast<uint16_t>(missing_.size());
    if (two_bit && AllCalled(block.values[r], samples.begin / kLaneSamples)) continue;
    absent_.clear();
    AppendMissing(tile.encoding, block.values[r], samples, absent_);
    if (absent_.empty()) continue;
    missing_rows_[r / 64] |= uint64_t{1} << (r % 64);
    for (const uint32_t s : absent_) {
      const auto lane = static_cast<uint8_t>(LaneOf(s % kLaneSamples));
      missing_.push_back({static_cast<uint8_t>(r), lane});
      ++missing_of_lane_[lane];
    }
  }
  missing_begin_[block.rows.size()] = static_cast<uint16_t>(missing_.size());
}

/// `counted` null: another score counts.
void BlockSums::AddMissing(const BlockScore& score, uint64_t* sums,
                           const LaneCounters& counted) const {
  if (score.all_rows) {
    for (const Missing& m : missing_) sums[m.lane] += static_cast<uint64_t>(score.imputed[m.row]);
    if (!counted || missing_.empty()) return;
    for (uint32_t lane = 0; lane < kLaneSamples; ++lane) counted.Add(lane, missing_of_lane_[lane]);
    return;
  }
  for (size_t w = 0; w < score.rows.size(); ++w) {
    for (uint64_t rows = score.rows[w] & missing_rows_[w]; rows != 0; rows &= rows - 1) {
      const uint64_t lowest = rows & (~rows + 1);
      const auto r = 64 * w + static_cast<size_t>(std::countr_zero(rows));
      const size_t k =
          score.before[w] + static_cast<size_t>(std::popcount(score.rows[w] & (lowest - 1)));
      for (uint32_t m = missing_begin_[r]; m < missing_begin_[r + 1]; ++m) {
        sums[missing_[m].lane] += static_cast<uint64_t>(score.imputed[k]);
        if (counted) counted.Add(missing_[m].lane, 1);
      }
    }
  }
}

void BlockSums::AddPlain(const DosageTile& tile, const BlockScore& score, uint64_t* sums) const {
  const uint32_t shift = weights_.grid(score.score).shift();
  AddPairs(low_, score.plain, shift, sums);
  if (tile.encoding.layout == DosageEncoding::Layout::kU16) {
    AddPairs(high_, score.plain, shift + 8, sums);
  }
}

void BlockSums::AddSpecial(const DosageTile& tile, const PlannedRow& row, const BlockScore& score,
                           const SpecialWeight& special, Range samples) {
  const uint32_t group = samples.begin / kLaneSamples;
  const size_t count = weights_.count_of(score.score);
  const bool counts = weights_.counts(score.score) && CountsGenotypes(special.weight.effect);
  const FixedPoint& grid = weights_.grid(score.score);
  const uint8_t* values = tile.Row(row.in_tile);
  const bool two_bit = tile.encoding.layout == DosageEncoding::Layout::kTwoBit;
  uint64_t* sums = sums_.sums(group, score.score);
  const LaneCounters counted = sums_.missing(group, count);
  for (uint32_t s = samples.begin; s < samples.end; ++s) {
    const uint32_t stored = Stored(tile, values, s), lane = LaneOf(s % kLaneSamples);
    const bool missing = stored == tile.encoding.missing();
    const bool haploid = row.calls != nullptr && (row.calls[s] & kCallHaploid) != 0;
    const Sex sex = people_.of(s);
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
  // Lanes behind the last sample hold anything.
  const bool whole =
      samples.begin == first && (samples.size() == kLaneSamples || samples.end == tile.n_samples);
  low_.Fill(tile.encoding, block.values, group, ValueBytes::kLow);
  if (tile.encoding.layout == DosageEncoding::Layout::kU16) {
    high_.Fill(tile.encoding, block.values, group, ValueBytes::kHigh);
  }
  FindMissing(tile, block, samples);
  for (const uint32_t s : block.active) {
    const BlockScore& score = block.scores[s];
    uint64_t* sums = sums_.sums(group, s);
    if (whole) {
      AddPlain(tile, score, sums);
    } else {
      std::array<uint64_t, kLaneSamples> all{};
      AddPlain(tile, score, all.data());
      for (uint32_t i = samples.begin; i < samples.end; ++i) {
        const uint32_t lane = LaneOf(i % kLaneSamples);
        sums[lane] += all[lane];
      }
    }
    const bool counts = weights_.counts(s);
    AddMissing(score, sums, counts ? sums_.missing(group, weights_.count_of(s)) : LaneCounters());
    for (const SpecialWeight& special : score.special) {
      AddSpecial(tile, block.rows[special.row], score, special, samples);
    }
  }
}

}  // namespace kinflow
