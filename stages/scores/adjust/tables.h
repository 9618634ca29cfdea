#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "stages/scores/adjust/composite.h"
#include "stages/scores/adjust/linear_map.h"
#include "stages/scores/adjust/options.h"

namespace kinflow {

/// What was done to one score or composite.
struct ScoreAccount {
  std::string score, kind;  // "score", "composite"
  int64_t n = 0;            // people who have it now
  int64_t n_dropped = 0;    // people with a sum who lack a covariate, or whose leverage is 1
  int64_t n_coefficients = Table::kMissingInt;
  double r2 = std::numeric_limits<double>::quiet_NaN();  // explained by the covariates
  std::vector<std::string> collinear = {};
  ReferenceScale scale = {};  // what it was standardised by
  LinearMap map = {};         // if the options are linear
  std::optional<Error> fault = {};
};

/// SCORE KIND N N_DROPPED N_COEFFICIENTS R2 COLLINEAR SCALE_ON SCALE_N MEAN SD ERROR MESSAGE
/// REMEDY.
Table AdjustmentTable(const std::vector<ScoreAccount>& accounts, const AdjustOptions& options);
/// Collinear covariates and people lost to missing ones, told once for all scores.
std::vector<std::string> CovariateWarnings(const std::vector<ScoreAccount>& accounts);

/// Rows of all composites.
class CompositeTables {
 public:
  void Add(const CompositeOptions& options, const Composite& composite);
  /// COMPOSITE METHOD FIT_ON N SCORE MEAN SD LOADING CORRELATION (of score and composite)
  /// VAR_EXPLAINED (of all its scores, by the composite).
  Table Loadings() const;
  /// COMPOSITE N COMPONENT EIGENVALUE VAR_EXPLAINED.
  Table Components() const;

 private:
  struct {
    Table::Strings composite, fit_on, score;
    Table::Ints n;
    Table::Doubles mean, sd, loading, correlation, explained;
  } loadings_;
  struct {
    Table::Strings composite;
    Table::Ints n, component;
    Table::Doubles eigenvalue, explained;
  } components_;
};

/// The values of the samples with kept[i] != 0.
std::vector<double> OfKept(const std::vector<double>& by_sample, const std::vector<uint8_t>& kept);

}  // namespace kinflow
