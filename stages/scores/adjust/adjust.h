#pragma once

#include <string>
#include <vector>

#include "pipeline/store/artifact_store.h"
#include "stages/family/trio_frame.h"
#include "stages/scores/adjust/ancestry.h"
#include "stages/scores/adjust/covariates.h"
#include "stages/scores/adjust/linear_map.h"
#include "stages/scores/adjust/options.h"

namespace kinflow {

/// Scores and composites as models use them, and the account of how they came about.
struct AdjustedScores {
  family::ScoreColumns scores;  // by sample; what failed is in its list
  std::vector<LinearMap> maps;  // like scores.names, where the options are linear; else none
  std::vector<std::vector<double>> percentiles;  // like scores.values; empty = not asked for
  /// By sample: why the covariates leave a sum without residual, "covariate_missing" or
  /// "alone_in_group"; "NA" = they do not. Empty = no residuals asked for.
  std::vector<std::string> dropped;
  std::vector<std::string> ancestry_names;  // scores that could be normalised
  std::vector<AncestryScores> ancestry;     // of each
  Table ancestry_models;
  Table adjustment;  // one row a score or composite; ERROR (an error id), MESSAGE, REMEDY or NA
  Table composites;  // one row a composite and score: loadings
  Table components;  // one row a composite and component: eigenvalues
  std::vector<std::string> warnings;
};

/// `covariates` and `ancestry` may be null if none are asked for. A fault of one score (no
/// variance, too few people ...) is a row of `adjustment`; the others go on.
AdjustedScores Adjust(const AdjustOptions& options, const Covariates* covariates,
                      const Cohort& cohort, const family::ScoreColumns& sums,
                      const AncestryInput* ancestry = nullptr);

// The artifact of kind "adjusted": one shard with /names, /values and /percentiles (matrices
// scores x samples; the latter only if asked for), /dropped, /failed (names) and the tables
// /adjustment, /composites, /components and, where the options are linear, /linear; of ancestry, if
// asked for, /ancestry/names, /ancestry/COLUMN (matrices as above) and the table /ancestry_models.
void WriteAdjusted(const AdjustedScores& adjusted, size_t samples, H5Writer& file);
family::ScoreColumns ReadAdjusted(const ArtifactStore& store, const Manifest& adjusted);

/// scores_adjusted.tsv: FID IID ROLE, DROPPED if scores are residuals, then each score;
/// NAME_PERCENTILE beside it if asked for. Only samples with kept[i] != 0.
Table AdjustedTable(const ArtifactStore& store, const Manifest& adjusted, const Cohort& cohort,
                    const std::vector<uint8_t>& kept);

/// scores_ancestry.tsv: FID IID ROLE, then of each score NAME_PERCENTILE_POP NAME_Z_POP
/// NAME_Z_NORM1 NAME_Z_NORM2.
Table AncestryTable(const ArtifactStore& store, const Manifest& adjusted, const Cohort& cohort,
                    const std::vector<uint8_t>& kept);

}  // namespace kinflow
