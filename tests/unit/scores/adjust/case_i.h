#pragma once

#include <memory>
#include <string>
#include <vector>

#include "stages/scores/adjust/adjust.h"
#include "tests/unit/family/reference.h"

namespace kinflow::test {

/// Data of case I of tests/conformance: 900 people with roles, eleven scores, five PCs, a batch.
struct CaseI {
  std::shared_ptr<Cohort> cohort = std::make_shared<Cohort>();
  family::PersonColumns persons;
  family::ScoreColumns scores;

  CaseI() {
    const auto tsv = family::test::ReadTsv(family::test::ConformanceFile("data/i_pgs.tsv"));
    std::vector<std::string> iids;
    for (size_t r = 0; r < tsv.rows.size(); ++r) {
      const std::string& role = tsv.At(r, "role");
      iids.push_back(tsv.At(r, "iid"));
      cohort->roles.push_back(role == "Mother"   ? Role::kMother
                              : role == "Father" ? Role::kFather
                                                 : Role::kChild);
      cohort->founders.push_back(role == "Child" ? 0 : 1);
    }
    persons.iid = iids;
    cohort->samples = SampleTable::Build({}, std::move(iids), {}, "i_pgs");
    const Table all = family::test::ToTable(tsv);
    for (const auto& name : tsv.names) {
      if (name.ends_with("_pgs")) {
        scores.names.push_back(name);
        scores.values.push_back(all.DoublesOf(name));
      } else if (name.starts_with("PC") || name == "genotyping_batch") {
        persons.columns.Add(name, all.column(static_cast<size_t>(all.Find(name))));
      }
    }
  }

  AdjustedScores Run(const AdjustOptions& options) const {
    if (options.residuals.terms.empty()) return Adjust(options, nullptr, *cohort, scores);
    const Covariates covariates(options.residuals.terms, *cohort, persons);
    return Adjust(options, &covariates, *cohort, scores);
  }
  /// Options with all PCs and the batch.
  static AdjustOptions AllCovariates() {
    AdjustOptions options;
    options.residuals.terms = {"PC1", "PC2", "PC3", "PC4", "PC5", "genotyping_batch"};
    return options;
  }
  size_t IndexOf(const std::string& score) const {
    size_t i = 0;
    while (scores.names.at(i) != score) ++i;
    return i;
  }
};

}  // namespace kinflow::test
