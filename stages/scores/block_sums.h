#pragma once

#include "stages/scores/lane_sums.h"
#include "stages/scores/tile_plan.h"

namespace kinflow {

/// Adds blocks of a tile to the sums of groups of 64 samples. One for each thread at a time.
class BlockSums {
 public:
  BlockSums(const ScoreWeights& weights, const ScoredPeople& people, LaneSums& sums)
      : weights_(weights), people_(people), sums_(sums) {}

  /// All scores of the block for the samples of `part` that lie in `group`.
  void Add(const DosageTile& tile, const PlannedBlock& block, uint32_t group, Range part);

 private:
  /// A missing genotype of the group.
  struct Missing {
    uint8_t row = 0, lane = 0;
  };
  void FindMissing(const DosageTile& tile, const PlannedBlock& block, Range samples);
  void AddMissing(const BlockScore& score, uint64_t* sums, const LaneCounters& counted) const;
  void AddMissingOnAllRows(const PlannedBlock& block, uint32_t group);
  void AddPlain(const DosageTile& tile, const PlannedBlock& block, uint32_t group, Range samples);
  void AddSpecial(const DosageTile& tile, const PlannedRow& row, const BlockScore& score,
                  const SpecialWeight& special, Range samples);

  const ScoreWeights& weights_;
  const ScoredPeople& people_;
  LaneSums& sums_;
  PairBlock low_, high_;
  std::vector<PairColumn> columns_;
  std::vector<uint64_t> part_;                                // sums of a group that is cut
  std::vector<Missing> missing_;                              // by row
  std::array<uint64_t, kPairBlockRows / 64> missing_rows_{};  // bits: rows with any
  /// Of these rows: where theirs begin and end in missing_.
  std::array<uint16_t, kPairBlockRows> missing_begin_{}, missing_end_{};
  std::array<uint32_t, kLaneSamples> missing_of_lane_{};
  std::vector<uint32_t> absent_;
};

}  // namespace kinflow
