#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/family/qr.h"
#include "stages/scores/adjust/covariates.h"
#include "stages/scores/adjust/options.h"

namespace kinflow {

/// A score without what its covariates explain.
struct Residuals {
  std::vector<double> values;          // by sample; NaN: no score, a covariate missing, leverage 1
  int64_t n = 0;                       // people with a residual
  int64_t n_dropped = 0;               // people with a score but without a residual
  int64_t n_coefficients = 0;          // estimated, intercepts included
  double r2 = 0;                       // share of variance explained (by role: within roles)
  std::vector<std::string> collinear;  // design columns that were left out, as R names them
};

/// Regresses scores on covariates by least squares: over everybody, or role by role. The
/// factorisation is kept from score to score while the same people are scored.
///
/// studentise: e_i / (s sqrt(1 - h_i)), s^2 = RSS / (n - k): R's rstandard of an lm with
/// na.exclude; NaN where the leverage h_i is 1 (one person alone in a group). A collinear column
/// is left out as lm does: residuals do not change by it.
class Residualiser {
 public:
  /// Both must outlive it.
  Residualiser(const ResidualOptions& options, const Covariates& covariates, const Cohort& cohort);

  /// `values` by sample, NaN = no score. Throws kAllMissing (nobody has score and covariates),
  /// kTooFewRows (no residual degree of freedom), kNoEstimableTerm (no variance, or none left),
  /// kModelFailed and kLimitExceeded (a factor with too many levels).
  Residuals Of(const std::vector<double>& values, const std::string& score);

 private:
  struct Group {
    std::string name;  // role; "" = everybody
    std::vector<uint32_t> rows;
    family::PivotedQr qr;  // of the design over `rows`
    std::vector<double> leverage;
    std::vector<std::string> collinear;
  };

  std::vector<Group> GroupsOf(const std::vector<uint32_t>& rows) const;
  void Factor(Group& group) const;
  void AddGroup(const Group& group, const std::vector<double>& values, const std::string& score,
                Residuals& out, double& rss, double& tss) const;

  const ResidualOptions& options_;
  const Covariates& covariates_;
  const Cohort& cohort_;
  std::vector<uint32_t> rows_;  // that groups_ are factored for
  std::vector<Group> groups_;
};

}  // namespace kinflow
