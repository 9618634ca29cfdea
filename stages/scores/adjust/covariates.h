#pragma once

#include <string>
#include <vector>

#include "pipeline/base/hash.h"
#include "stages/family/formula.h"
#include "stages/family/trio_frame.h"

namespace kinflow {

/// `score ~ terms`; the left side is a name that no table has. Throws kConfigRange for what cannot
/// be parsed and for random terms.
family::Formula CovariateFormula(const std::vector<std::string>& terms);

/// Columns of the phenotype tables by sample of the cohort: the covariates that scores are adjusted
/// for. A score belongs to a person, not to a pregnancy: all rows of a person must agree.
class Covariates {
 public:
  /// `field`: the key of the config that asks for them. Throws kConfigReference (no such column,
  /// with the nearest name), a column's own error if it mixes texts with numbers and is used as
  /// numbers, kMalformed (rows of a person differ).
  Covariates(const std::vector<std::string>& terms, const Cohort& cohort,
             const family::PersonColumns& persons, const char* field = "scores.adjust.residualise");

  const family::Formula& formula() const { return formula_; }
  /// One row a sample; missing: NaN or "NA".
  const Table& columns() const { return columns_; }
  /// Rows that have a value in every column.
  const std::vector<uint8_t>& complete() const { return complete_; }
  /// Over the values of each column: label -> digest.
  std::map<std::string, Digest> Digests() const;

 private:
  family::Formula formula_;
  Table columns_;
  std::vector<uint8_t> complete_;
};

}  // namespace kinflow
