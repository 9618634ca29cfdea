#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/data/dosage_tile.h"
#include "pipeline/kernels/weighted_sum.h"
#include "stages/scores/match.h"
#include "stages/scores/ploidy.h"

namespace kinflow {

/// One weight of one score on one row (three of a non-additive line), as the scan uses it.
struct RowWeight {
  uint32_t score = 0;
  EffectType effect = EffectType::kAdditive;
  bool effect_is_ref = false;
  double weight = 0;
};

/// All weights of all scores, by row. A row's weights are "plain" if the weighted-sum kernel can
/// take them (additive; counting REF as 2 w - w x needs missing values to be imputed) and "special"
/// otherwise; a row with a haploid call is special in full.
///
/// Missing genotypes (plink2): additive 2 f w, dominant and recessive f w, haploid f w, where f is
/// the founders' frequency of the effect allele; without imputation, or where no founder is
/// genotyped, they add nothing. A non-additive line adds what Hardy-Weinberg proportions lead to
/// expect, without imputation what no copy adds. Centred rows (d - 2 f; haploid d - f) take missing
/// genotypes as their mean, so that they add nothing; rows whose f is unknown, or 0 or 1 when
/// standardised, add nothing at all.
class WeightRows {
 public:
  WeightRows(const std::vector<std::vector<MatchedWeight>>& scores, bool mean_imputation,
             ScoreOptions::Genotypes genotypes = ScoreOptions::Genotypes::kAsIs);

  const std::vector<uint64_t>& rows() const { return rows_; }  // ascending, each once
  uint64_t size() const { return weights_.size(); }

  /// A row of a tile with weights on it.
  struct TileRow {
    uint32_t in_tile = 0;
    uint32_t wanted = 0;   // index into rows()
    bool on_x = false;     // and somebody is male
    bool haploid = false;  // the tile has a haploid call here, or on_x
  };
  /// What to do with one tile: rows in order, and the kernel's view of them.
  struct TilePlan {
    std::vector<TileRow> rows;
    std::vector<WeightedRow> plain;  // by row, n_scores = 0 where there is nothing plain
  };
  void Plan(const DosageTile& tile, const MalesOnX& males, TilePlan& plan);

  /// Weights of a wanted row that the kernel does not take.
  std::span<const RowWeight> Special(const TileRow& row) const;
  std::span<const RowWeight> All(const TileRow& row) const;
  /// Imputed effect-allele dosage of a missing genotype; 0 = nothing is added.
  double Imputed(uint32_t wanted, const RowWeight& w, bool haploid) const;
  /// What every sample gains from a plain weight besides +-w x value: 2 w of an effect allele REF,
  /// less the mean where rows are centred.
  double Offset(uint32_t wanted, const RowWeight& w) const;
  bool centred() const { return centred_; }
  uint64_t MemoryBytes() const;

 private:
  bool IsSpecial(const MatchedWeight& w) const;
  /// visit(score, index into rows(), weight), scores in order and each by row.
  template <class Visit>
  void EachWeight(const std::vector<std::vector<MatchedWeight>>& scores, const Visit& visit) const;
  void Count(const std::vector<std::vector<MatchedWeight>>& scores);
  void Place(const std::vector<std::vector<MatchedWeight>>& scores,
             ScoreOptions::Genotypes genotypes);
  void SetUnits(uint32_t units);
  bool ImputesRow(uint32_t wanted) const { return mean_ && alt_freq_[wanted] == alt_freq_[wanted]; }

  bool mean_, centred_;
  uint32_t n_scores_;
  std::vector<uint64_t> rows_;
  std::vector<double> alt_freq_;         // by wanted row
  std::vector<uint64_t> begin_;          // by wanted row, into weights_
  std::vector<uint64_t> special_begin_;  // plain weights come first
  std::vector<RowWeight> weights_;
  std::vector<double> kernel_weights_;  // beside weights_: +-w / units, - where the effect is REF
  std::vector<uint32_t> kernel_scores_;
  uint32_t units_ = 0;  // that kernel_weights_ are for
};

}  // namespace kinflow
