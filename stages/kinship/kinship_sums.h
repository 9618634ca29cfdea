#pragma once

#include "pipeline/data/table.h"

namespace kinflow::kinship {

/// kinship_people.tsv: RelatedPeople() with SUM_UNDECLARED, the sum of kinship over the listed
/// pairs that the pedigree does not relate; MAX_SUM, the largest that is no OUTLIER ("yes", "no").
/// Contaminated samples are such outliers, each a little related to many; so are people of whose
/// relatives the pedigree knows none. `max_sum`: NaN = from the data (MaxSumOf).
Table PeopleWithSums(const Table& pairs, double max_sum);

/// Tukey's outer fence, the third quartile and three times the distance between the quartiles; at
/// least 1, the sum with both parents and two full sibs.
double MaxSumOf(Table::Doubles sums);

/// Of PeopleWithSums().
size_t CountOutliers(const Table& people);

}  // namespace kinflow::kinship
