#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/data/table.h"
#include "pipeline/graph/genotype_source.h"
#include "stages/formats/site_join.h"

namespace kinflow {

/// One batch of a cohort: other people, about the same variants.
struct Batch {
  std::string name;
  std::unique_ptr<GenotypeSource> source;
};

/// Called with the tallies of all batches when the last record has been read.
using JoinReport = std::function<void(const std::vector<BatchTally>&)>;

/// The batches side by side as one source: the people of all of them in batch order, the variants
/// that all of them have (JoinSites). The batches are merged as they stream past, in bounded
/// memory; they must be sorted by chromosome (1-22, X, Y, XY, MT, others by name) and position.
///
/// Ids are those of the first batch, imputation quality is the lowest of all. Dosages come on a
/// common grid, lossless if one exists up to 32767 units, else rounded to 16384 with the bound
/// recorded. Phase flags of swapped variants are dropped.
/// Throws kDuplicateSamples (a person in two batches), kVariantOrder, and what the batches throw.
std::unique_ptr<GenotypeSource> JoinBatches(std::vector<Batch> batches, JoinReport report);

/// People of all batches. Throws kDuplicateSamples with the rows of both.
SampleTablePtr JoinSamples(const std::vector<std::string>& names,
                           const std::vector<SampleTablePtr>& tables);
/// BATCH SAMPLES VARIANTS COMMON ONLY_HERE SWAPPED PALINDROMIC CONFLICT
Table BatchTable(const std::vector<BatchTally>& tallies);

}  // namespace kinflow
