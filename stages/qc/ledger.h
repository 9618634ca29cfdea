#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow {

/// What each step of quality control removed, in variants, people and families; one row a filter.
class Ledger {
 public:
  Ledger(const Cohort& cohort, uint64_t variants);
  /// Row of what came in.
  void Start();
  /// One row for each filter; `removed` by filter.
  void RemoveVariants(const std::string& step, const std::vector<std::string>& filters,
                      const std::vector<double>& thresholds, const std::vector<uint64_t>& removed);
  void RemoveSamples(const std::string& step, const Verdicts& verdicts);
  uint64_t variants() const { return variants_; }
  uint64_t samples() const;
  Table ToTable() const;

 private:
  struct Row {
    std::string step, filter;
    double threshold;
    uint64_t variants_in, variants_out, samples_in, samples_out;
    uint64_t mothers, fathers, children, trios, duos;
  };
  /// Appends a row; people and families after the step.
  void Add(const std::string& step, const std::string& filter, double threshold,
           uint64_t variants_in, uint64_t samples_in);

  const Cohort& cohort_;
  uint64_t variants_;
  std::vector<uint8_t> kept_;
  std::vector<Row> rows_;
};

}  // namespace kinflow
