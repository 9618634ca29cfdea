#pragma once

#include "pipeline/data/cohort.h"
#include "pipeline/data/sample_table.h"
#include "stages/formats/id_join.h"
#include "stages/formats/phenotype_table.h"

namespace kinflow {

/// JoinIds of a table. Where no id is a person's, its kNoCommonSamples tells too what the ids are
/// (pregnancies) and which other columns of the table hold ids of people.
JoinReport JoinPhenotypeIds(const PhenotypeTable& table, const PhenotypeOptions& options,
                            const SampleTable& people, const Cohort& cohort);

}  // namespace kinflow
