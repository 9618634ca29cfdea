#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stages/family/results.h"
#include "stages/family/sem/fit_indices.h"
#include "stages/family/sem/path_model.h"
#include "stages/family/sem/sem_fit.h"

namespace kinflow::family {

/// One model of a family of variants on the same variables.
struct Variant {
  std::string id;
  std::vector<std::string> statements;
  PathModel model;
  bool random_intercepts = true, equal_lags = false, equal_groups = false;
  bool equal_innovations = false, equal_means = false, equal_predictors = false;
  std::optional<SemMaximum> maximum;
  std::optional<double> scaling_trace;  // for scaled tests
  FitIndices indices;
};

/// True if `reduced` only fixes or equates what `full` has free.
bool Nested(const Variant& reduced, const Variant& full);

/// What the difference of chi-squares of a nested pair is divided by where data are not normal
/// (Satorra and Bentler 2001); NaN without it, if it is not above 0, or if one of them has failed.
double DifferenceScaling(const Variant& reduced, const Variant& full);

/// The likelihood-ratio test of a nested pair, and the chi-bar-square test where `reduced` lacks
/// the random intercepts; `scaling`: of the statistic, whose tests end in "-scaled". Weights of a
/// scaled mixture are those of normal data. Adds copies of `row` to `out`; nothing if one of the
/// models has failed.
void AddVariantTests(const Variant& reduced, const Variant& full, const ComparisonRow& row,
                     std::optional<double> scaling, std::vector<ComparisonRow>& out);

}  // namespace kinflow::family
