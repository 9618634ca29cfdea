#pragma once

#include "stages/family/model.h"
#include "stages/family/table_one_options.h"

namespace kinflow::family {

/// The outcome, the variables of the formula but grouping factors, and further columns: over all
/// rows and in each stratum a row with the numbers of rows with and without a value, numbers with
/// mean, SD and R's quartiles (type 7), then, of factors and of numbers with two values, a row a
/// level with its share of the values. `people` counts mothers; without a pedigree the people of
/// the rows, else their clusters, else rows. `scores_only`: leaves out what is no score of the
/// spec's `pgs`: for the second and later scores of one analysis. Throws kConfigReference (no such
/// column), kLimitExceeded (too many strata), and what SelectRows throws.
Table TableOne(const ModelFrame& frame, const ModelSpec& spec, const TableOneOptions& options,
               bool scores_only = false);

}  // namespace kinflow::family
