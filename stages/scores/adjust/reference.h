#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "stages/scores/adjust/options.h"

namespace kinflow {

/// Samples of these people, ascending.
std::vector<uint32_t> SamplesOf(const Cohort& cohort, FitOn people);

/// Mean and SD (n - 1) of a score over the people of `samples` who have it.
struct ReferenceScale {
  double mean = 0, sd = 0;
  int64_t n = 0;
};
/// Throws kTooFewRows (fewer than two people), kNoEstimableTerm (no variance among them).
ReferenceScale ScaleAmong(const std::vector<double>& values, const std::vector<uint32_t>& samples,
                          const std::string& score, FitOn people);

/// Of a value the percentage of the sorted reference (not empty), as below.
double PercentileAmong(double value, const std::vector<double>& sorted);
/// Of each value the percentage of the reference that it exceeds or equals, ties counted by their
/// mean rank: 100 (#below + #not above + [any equal]) / (2 n); 0 to 100, NaN where the value is.
/// (scipy's percentileofscore, kind rank, as the PGS Catalog calculator.)
std::vector<double> Percentiles(const std::vector<double>& values,
                                const std::vector<uint32_t>& reference);

}  // namespace kinflow
