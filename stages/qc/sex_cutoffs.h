#pragma once

#include <vector>

#include "pipeline/data/table.h"
#include "stages/qc/options.h"
#include "stages/qc/sample_counts.h"

namespace kinflow {

/// X inbreeding coefficients that tell sexes: below = female, above = male.
struct SexCutoffs {
  double female_max = 0.2, male_min = 0.8;  // PLINK's
};

/// From the data: the coefficients of females lie around 0, wide where there are few variants,
/// those of males near 1. The cut is the middle of the widest gap between the medians of the two
/// groups that Otsu's criterion (least variance within groups) makes, in hundredths if such a
/// number lies inside the gap; PLINK's cut-offs if there are not two groups on both sides of 1/2.
SexCutoffs CutoffsFromGap(std::vector<double> x_f);

/// What the ledger calls them: one number is the threshold of `sex`, two have rows of their own.
inline constexpr const char* kSex = "sex";
inline constexpr const char* kSexFemaleMax = "sex_female_max";
inline constexpr const char* kSexMaleMin = "sex_male_min";

/// A ledger to share, of cut-offs from the data: more exact ones than hundredths, in a gap too
/// narrow for those, are left out, as the coefficients of the two people beside them nearly follow.
Table WithoutNarrowCutoffs(const Table& ledger);

/// Those of the options, from the data where they leave it open.
SexCutoffs CutoffsOf(const std::vector<SampleFacts>& facts, const QcOptions& options);
void InferSexes(const QcOptions& options, std::vector<SampleFacts>& facts);

}  // namespace kinflow
