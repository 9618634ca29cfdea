#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "stages/scores/fixed_point.h"
#include "stages/scores/match_artifact.h"

namespace kinflow {

/// How genotypes are weighted, for all scores alike.
struct WeightingRules {
  bool mean_imputation = true, refuse_missing = false;
  ScoreOptions::Genotypes genotypes = ScoreOptions::Genotypes::kAsIs;
  bool plink2_compat = false;

  /// Genotypes are divided by their expected deviation: founders have to differ (as plink2).
  bool standardised() const { return genotypes == ScoreOptions::Genotypes::kStandardise; }
  bool centred() const { return genotypes != ScoreOptions::Genotypes::kAsIs; }
  bool imputes() const { return mean_imputation || centred(); }
  /// Missing genotypes of centred variants add the mean that the others are less by (plink2
  /// 2.00a3 to a7), not nothing.
  bool uncentred_missing() const { return plink2_compat && mean_imputation && centred(); }
};

/// The weights of all scores, 13 bytes each and 16 a row. Added in groups of scores, then finished.
class ScoreWeights {
 public:
  explicit ScoreWeights(WeightingRules rules) : rules_(rules) {}

  void Add(std::span<const MatchedScore> group);
  /// A nameless score on all rows of the others: it counts alleles, and sums the effect alleles of
  /// genotypes that are there (plink2's NAMED_ALLELE_DOSAGE_SUM); on a row that several scores
  /// have, of the first one's, which may be both.
  void AddUnion();
  void Finish();

  size_t scores() const { return scores_.size(); }
  const std::string& name(size_t score) const { return scores_[score].name; }
  /// Variants of a score: a line each, whatever the number of its weights.
  uint64_t variants(size_t score) const { return scores_[score].variants; }
  const WeightingRules& rules() const { return rules_; }

  const std::vector<uint64_t>& rows() const { return rows_; }  // ascending, each once
  double alt_freq(size_t row_index) const { return alt_freq_[row_index]; }

  /// Scores on the same variants share their counts of genotypes: index of their counts, and
  /// whether this score is the one that counts.
  uint32_t count_of(size_t score) const { return scores_[score].count; }
  bool counts(size_t score) const { return leaders_[scores_[score].count] == score; }
  std::vector<uint64_t> variants_of_counts() const;
  /// Sets of counts with variants on X, Y or MT.
  size_t counts_by_ploidy() const;

  struct Weight {
    uint64_t row = 0;
    double weight = 0;
    EffectType effect = EffectType::kAdditive;
    bool effect_is_ref = false;
    bool as_counted = false;  // missing genotypes add nothing, nothing is centred
    bool beside = false;      // on the other allele of a variant that a weight before it counts

    /// Whether its genotypes are those that are counted.
    bool counts() const { return CountsGenotypes(effect) && !beside; }
  };
  /// Range of indices of a score's weights on rows [first, end).
  struct Slice {
    size_t begin = 0, end = 0;
  };
  Slice Find(size_t score, uint64_t first, uint64_t end) const;
  Weight Get(size_t score, size_t index) const;

  /// The grids that scores are summed on, for dosages in this unit; once.
  void SetUnits(uint32_t units);
  uint32_t units() const { return units_; }  // 0 = not yet known
  const FixedPoint& grid(size_t score) const { return scores_[score].grid; }

  /// Weights other than 0 that become 0 on their score's grid, in the finest unit of dosages there
  /// is, which makes the coarsest grid: no fewer than in the unit of the scan.
  uint64_t CountVanishing() const;

  uint64_t MemoryBytes() const;

 private:
  struct Score {
    std::string name;
    std::vector<uint32_t> row;
    std::vector<double> weight;
    std::vector<uint8_t> flags;  // effect type, 8 = of REF, 16 = as counted, 32 = beside
    uint64_t variants = 0;
    bool by_ploidy = false;
    uint32_t count = 0;
    FixedPoint grid;
  };
  void Fill(const MatchedScore& from, Score& score) const;
  void AddRows(std::span<const MatchedScore> group);
  void ShareCounts();

  WeightingRules rules_;
  std::vector<Score> scores_;
  std::vector<uint64_t> rows_;
  std::vector<double> alt_freq_;   // by row
  std::vector<uint32_t> leaders_;  // by counts: the score that counts
  uint32_t units_ = 0;
};

}  // namespace kinflow
