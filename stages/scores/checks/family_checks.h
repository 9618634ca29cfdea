#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"

namespace kinflow {

/// One number about a score in families, with its test. NaN where it cannot be computed.
struct FamilyCheck {
  std::string score, check;
  int64_t n = 0;  // couples or trios
  double estimate = 0, se = 0, df = 0;
  double expected = 0;  // what the test compares with
  std::string status;   // "ok", "notice", "warning"; "NA": too few families
};

/// Scores to check, of which no more than a few lie in memory at once.
struct CheckedScores {
  std::vector<std::string> names;
  /// One of them by sample of the cohort, NaN = none; called by one thread at a time, in order.
  std::function<std::vector<double>(size_t score)> read;
};

/// Whether scores behave in families as Mendel says; alarms for swapped samples, wrong parents, and
/// batches or imputation that differ between generations. Per score:
///
/// spouse_correlation  Pearson's r of distinct couples; se = sqrt((1 - r^2) / (n - 2)), so that
///                     r / se is the t of cor.test. Expected 0 under random mating; no alarm.
/// midparent_slope     least squares of child on (mother + father) / 2, expected 1, whatever the
///                     mating. Full siblings differ independently, so the classical se holds.
///                     Farther from 1 than .05, it is a warning where p < 1e-4, and a notice where
///                     p < .01 / scores: of runs without a fault one in a hundred has one.
/// child_minus_midparent
///                     mean of (child - mid-parent) / SD(mid-parent); se = SD / sqrt(n), a one
///                     sample t test. Expected 0 whatever the score does, but among children chosen
///                     by an outcome: where all are affected it is a pTDT.
///
/// Trios are complete, all three scored, one child a pregnancy (twins would count twice): the first
/// in pedigree order. Scores are read in groups of as many as fit `group_bytes`, one at least;
/// results do not depend on it.
std::vector<FamilyCheck> CheckFamilies(const Cohort& cohort, const CheckedScores& scores,
                                       uint64_t group_bytes = 16 << 20);

/// SCORE CHECK N ESTIMATE SE EXPECTED T DF P NEG_LOG10_P STATUS.
Table FamilyChecksTable(const std::vector<FamilyCheck>& checks);
/// One line a warning.
std::vector<std::string> FamilyCheckWarnings(const std::vector<FamilyCheck>& checks);

}  // namespace kinflow
