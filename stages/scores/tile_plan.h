#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pipeline/data/dosage_tile.h"
#include "pipeline/kernels/pair_sums.h"
#include "stages/scores/ploidy.h"
#include "stages/scores/score_weights.h"

namespace kinflow {

/// A row of a block: a variant with weights.
struct PlannedRow {
  uint32_t in_tile = 0;
  size_t index = 0;  // into ScoreWeights::rows()
  CopyRule rule = CopyRule::kAsWritten;
  const uint8_t* calls = nullptr;  // if the row has haploid calls
  /// Not everybody has two copies here, or may not.
  bool by_ploidy = false;
};

/// A weight that is added genotype by genotype: not additive, on a row where people differ in
/// ploidy, the second one of a score on its variant, or counting REF where missing genotypes are
/// not imputed.
struct SpecialWeight {
  uint8_t row = 0;  // of the block
  ScoreWeights::Weight weight;
  /// Amounts of two-bit calls by kind of person (KindOf) and call.
  std::array<int64_t, 24> of_call{};
};

/// Whether a genotype is written as haploid, and of whom: 0 ... 5.
inline uint32_t KindOf(bool haploid, Sex sex) {
  return (haploid ? 3u : 0u) + static_cast<uint32_t>(sex);
}

/// What one score does on a block.
struct BlockScore {
  uint32_t score = 0;
  PairWeights plain;
  std::array<uint64_t, kPairBlockRows / 64> rows{};    // bits: rows with a plain weight
  std::array<uint32_t, kPairBlockRows / 64> before{};  // plain weights before each word of `rows`
  std::vector<int64_t> imputed;  // by plain weight: amount of a missing genotype
  std::vector<SpecialWeight> special;
  bool all_rows = false;  // every row of the block has a plain weight

  bool empty() const { return imputed.empty() && special.empty(); }
};

/// Up to kPairBlockRows rows with all weights on them.
struct PlannedBlock {
  std::vector<PlannedRow> rows;
  std::vector<const uint8_t*> values;  // of the rows
  std::vector<BlockScore> scores;      // one each, in order
  std::vector<uint32_t> active;        // that are not empty
  /// Active scores with a plain weight on every row; their amounts of missing genotypes, row by
  /// row.
  std::vector<uint32_t> on_all_rows;
  std::vector<int64_t> imputed;

  const int64_t* imputed_of(size_t row) const { return imputed.data() + row * on_all_rows.size(); }
};

/// What the scores do on one tile. Kept from tile to tile for its memory.
class TilePlan {
 public:
  TilePlan(const ScoreWeights& weights, const ScoredPeople& people)
      : weights_(weights), people_(people), offsets_(weights.scores(), 0) {}

  /// The units of the weights are those of the tile.
  void Make(const DosageTile& tile);
  size_t n_blocks() const { return n_blocks_; }
  const PlannedBlock& block(size_t b) const { return blocks_[b]; }
  uint64_t rows() const { return n_rows_; }
  /// By score, over all tiles so far: what every sample gains from plain weights besides weight x
  /// value: 2 w of an effect allele REF, less the mean where genotypes are centred.
  const std::vector<int64_t>& offsets() const { return offsets_; }
  std::vector<int64_t>& offsets() { return offsets_; }

 private:
  void PlanRows(const DosageTile& tile);
  void PlanScore(const DosageTile& tile, uint32_t score);
  void AddPlain(const ScoreWeights::Weight& w, uint32_t row, const PlannedRow& planned,
                BlockScore& out);
  void AddSpecial(const DosageTile& tile, const ScoreWeights::Weight& w, uint32_t row,
                  const PlannedRow& planned, BlockScore& out) const;
  bool IsSpecial(const ScoreWeights::Weight& w, const PlannedRow& row) const;

  const ScoreWeights& weights_;
  const ScoredPeople& people_;
  std::vector<int64_t> offsets_;
  std::vector<PlannedBlock> blocks_;
  std::vector<uint32_t> place_;  // of a tile's row among the planned ones
  size_t n_blocks_ = 0;
  uint64_t n_rows_ = 0;
};

/// The amount that a weight adds for one genotype. `missing` ones count their mean.
int64_t AmountOf(const ScoreWeights& weights, const FixedPoint& grid, const ScoreWeights::Weight& w,
                 size_t row_index, const Ploidy& call, bool missing);

}  // namespace kinflow
