#pragma once

#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "stages/family/trio_frame.h"

namespace kinflow {

/// One number about a score in families, with its test. NaN where it cannot be computed.
struct FamilyCheck {
  std::string score, check;
  int64_t n = 0;  // couples or trios
  double estimate = 0, se = 0, df = 0;
  double expected = 0;  // what the test compares with
  std::string status;   // "ok", "warning"; "NA": too few families
};

/// Whether scores behave in families as Mendel says; alarms for swapped samples, wrong parents, and
/// batches or imputation that differ between generations. Per score:
///
/// spouse_correlation  Pearson's r of distinct couples; se = sqrt((1 - r^2) / (n - 2)), so that
///                     r / se is the t of cor.test. Expected 0 under random mating; no alarm.
/// midparent_slope     least squares of child on (mother + father) / 2, expected 1, whatever the
///                     mating. Full siblings differ independently, so the classical se holds.
///                     Warning: farther from 1 than .05, and p < 1e-4.
/// ptdt                mean of (child - mid-parent) / SD(mid-parent); se = SD / sqrt(n), a one
///                     sample t test. Not 0 among affected children if the score acts.
///
/// Trios are complete, all three scored, one child a pregnancy (twins would count twice): the first
/// in pedigree order.
std::vector<FamilyCheck> CheckFamilies(const Cohort& cohort, const family::ScoreColumns& scores);

/// SCORE CHECK N ESTIMATE SE EXPECTED T DF P NEG_LOG10_P STATUS.
Table FamilyChecksTable(const std::vector<FamilyCheck>& checks);
/// One line a warning.
std::vector<std::string> FamilyCheckWarnings(const std::vector<FamilyCheck>& checks);

}  // namespace kinflow
