#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/column_table.h"
#include "pipeline/data/table.h"
#include "pipeline/store/artifact_store.h"

namespace kinflow {

/// Sums of all scores for all samples of the scan, as the stage "scores" left them.
struct ScoreSums {
  std::vector<std::string> names;
  std::vector<uint64_t> variants;  // by score
  std::vector<uint32_t> counts;    // by score: its set of counts, those of the same variants
  uint32_t samples = 0;
  bool mean_imputation = true;
  std::vector<double> sum;  // scores x samples
  // Sets of counts x samples: missing genotypes; of two alleles a genotype those that people do not
  // have (ploidy.h), the part of them on missing genotypes. The last two may be empty: none.
  std::vector<uint32_t> missing, fewer, fewer_missing;

  bool has_union = false;  // behind the last score a nameless one: all variants, for the counts

  /// Index of a score or -1.
  int64_t Find(std::string_view name) const;
  double Sum(size_t score, uint32_t sample) const { return sum[score * samples + sample]; }
  /// Alleles with a call: 2 a genotype, 1 a haploid one.
  double AlleleCount(size_t score, uint32_t sample) const;
  /// Alleles of the score's variants; under missing: none those with a call (plink2).
  double Denominator(size_t score, uint32_t sample) const;
  double Average(size_t score, uint32_t sample) const;  // NaN if the denominator is 0

 private:
  size_t CountAt(size_t score, uint32_t sample) const {
    return size_t{counts[score]} * samples + sample;
  }
};

ScoreSums ReadScoreSums(const ArtifactStore& store, const Manifest& scores);

/// The same sums score by score, for those who need not hold all.
class ScoreReader {
 public:
  ScoreReader(const ArtifactStore& store, const Manifest& scores);
  const std::vector<std::string>& names() const { return names_; }  // without the nameless one
  uint32_t samples() const { return samples_; }
  std::vector<double> Sums(size_t score) const;  // by sample

 private:
  H5Reader file_;
  std::vector<std::string> names_;
  uint32_t samples_ = 0;
};

/// FID IID ROLE of the samples with kept[i] != 0; an empty `kept` keeps all.
Table PeopleTable(const Cohort& cohort, const std::vector<uint8_t>& kept);
/// scores.tsv: FID IID ROLE, then the SUM of each score. Only samples with kept[i] != 0; an empty
/// `kept` keeps all.
ColumnTable ScoresTable(std::shared_ptr<const ScoreReader> scores, const Cohort& cohort,
                        std::vector<uint8_t> kept);
/// scores.sscore, in the form of plink2 (#FID IID ALLELE_CT DENOM, then the AVG and the SUM of each
/// score, six digits). As there, the counts and every AVG are over the variants of all scores
/// together. Throws kInternal if they were not counted.
void WriteSscore(const ScoreSums& sums, const Cohort& cohort, const std::vector<uint8_t>& kept,
                 const std::string& path);
/// scores_detail.tsv.gz: FID IID SCORE ALLELE_CT DENOM SUM AVG, written score by score.
void WriteScoresDetail(const ScoreSums& sums, const Cohort& cohort,
                       const std::vector<uint8_t>& kept, const std::string& path);

}  // namespace kinflow
