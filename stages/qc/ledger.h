#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow {

/// A row of ledger.tsv. kMissingInt = not known at that step.
struct LedgerRow {
  std::string step, filter = "NA";
  double threshold = std::numeric_limits<double>::quiet_NaN();
  int64_t variants_in = Table::kMissingInt, variants_out = Table::kMissingInt;
  int64_t samples_in = Table::kMissingInt, samples_out = Table::kMissingInt;
  int64_t mothers = Table::kMissingInt, fathers = Table::kMissingInt;
  int64_t children = Table::kMissingInt;
  /// Children with both parents, with one; people who are in neither.
  int64_t trios = Table::kMissingInt, duos = Table::kMissingInt, singletons = Table::kMissingInt;
  int64_t genotypes_set = Table::kMissingInt;  // to missing

  /// With the people and families that are left.
  static LedgerRow Of(const Cohort& cohort, const std::vector<uint8_t>& kept);
};
Table LedgerTable(const std::vector<LedgerRow>& rows);

/// What each step of quality control removed, in variants, people and families; one row a filter.
class Ledger {
 public:
  /// A row that removes more than this share of the variants or people before it is warned of.
  static constexpr double kLargeShare = 0.2;
  Ledger(const Cohort& cohort, uint64_t variants);
  /// Row of what came in.
  void Start();
  /// One row for each filter; `removed` by filter.
  void RemoveVariants(const std::string& step, const std::vector<std::string>& filters,
                      const std::vector<double>& thresholds, const std::vector<uint64_t>& removed);
  /// Row of the filter at `place` in the verdicts.
  void RemoveSamples(const std::string& step, const Verdicts& verdicts, size_t place);
  /// A threshold that removes nobody itself.
  void Note(const std::string& step, const std::string& name, double threshold);
  /// A step that sets genotypes to missing.
  void SetMissing(const std::string& step, uint64_t genotypes);
  uint64_t variants() const { return variants_; }
  uint64_t samples() const;
  Table ToTable() const { return LedgerTable(rows_); }
  /// A line for each row beyond kLargeShare.
  std::vector<std::string> Warnings() const;

 private:
  /// Appends a row; people and families after the step.
  void Add(const std::string& step, const std::string& filter, double threshold,
           uint64_t variants_in, uint64_t samples_in);

  const Cohort& cohort_;
  uint64_t variants_;
  std::vector<uint8_t> kept_;
  std::vector<LedgerRow> rows_;
};

}  // namespace kinflow
