#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "pipeline/store/artifact_store.h"
#include "stages/family/trio_frame.h"
#include "stages/scores/families/family_units.h"
#include "stages/scores/families/options.h"

namespace kinflow {

/// Sums of weights x alleles, scores x children of all families; counts by child.
struct FamilySums {
  std::vector<double> t_mother, t_father;  // alleles passed on
  std::vector<double> mother, father;      // all alleles of the parents, as expected where missing
  // Variances of the scores of parents without genotypes, variants taken as independent: what the
  // family's genotypes leave of it, and by score that of the population.
  std::vector<double> left_mother, left_father;
  std::vector<double> all_mother, all_father;
  std::vector<uint32_t> het;         // rows with weights where the child is heterozygous
  std::vector<uint32_t> unresolved;  // of them, where neither parents nor phase tell the origin
  std::vector<uint32_t> impossible;  // rows with weights that contradict Mendel's laws

  void Clear(size_t scores, size_t children);
};

/// The artifact of kind "family_scores": scan shards, and behind them the merged file with /names,
/// the matrices scores x children /t_mother /t_father /mother /father /left_mother /left_father, by
/// score /all_mother /all_father, the counts by child /het /unresolved /impossible, and /child
/// (sample) and /kind (FamilyKind).
struct FamilyScores {
  std::vector<std::string> names;
  std::vector<uint32_t> child;  // sample
  std::vector<FamilyKind> kind;
  FamilySums sums;

  double At(const std::vector<double>& matrix, size_t score, size_t c) const {
    return matrix[score * child.size() + c];
  }
};
/// Adds the sums of a scan shard to `total`, of the same scores and children.
void AddFamilySums(const H5Reader& shard, FamilySums& total);
FamilyScores ReadFamilyScores(const ArtifactStore& store, const Manifest& manifest);
void WriteFamilySums(const FamilySums& sums, size_t scores, H5Writer& file);

/// family_scores.tsv, one row a child: FID IID MOTHER FATHER KIND MOTHER_STATUS FATHER_STATUS
/// (observed, imputed) N_HET N_UNRESOLVED N_IMPOSSIBLE; then of each score _MOTHER _FATHER
/// _T_MOTHER _NT_MOTHER _T_FATHER _NT_FATHER. The latter four are NA for siblings without parents.
Table FamilyScoresTable(const FamilyScores& scores, const Cohort& cohort);

/// family_score_summary.tsv, one row a score, kind of family and parent: SCORE KIND PARENT STATUS N
/// (parents, each once) VAR (of their scores) VAR_OBSERVED (of the same parent's in trios)
/// VAR_LOSS (of imputed ones: left / all of FamilySums, mean over the parents) UNRESOLVED (share of
/// the children's heterozygous genotypes) IMPOSSIBLE (genotypes, of all children). The last two are
/// over the variants of all scores, the same for each.
Table FamilyScoreSummary(const FamilyScores& scores, const Cohort& cohort);

/// The same as columns that formulas may use, by child.
void AddFamilyScores(const FamilyScores& scores, const FamilyScoreOptions& options, size_t samples,
                     family::ScoreColumns& columns);

}  // namespace kinflow
