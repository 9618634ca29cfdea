#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "pipeline/data/table.h"
#include "stages/report/areas_disclosure.h"

namespace kinflow {

/// Disclosure control of the result tables of analyses, where what one table hides follows from
/// another. Immutable after construction.
class AnalysisDisclosure {
 public:
  /// Raised when what is hidden changes: published tables are then written anew.
  static constexpr int kRules = 4;

  /// The full tables of these names, which may be empty.
  AnalysisDisclosure(const Table& rows, const Table& groups, const Table& areas,
                     const Table& estimates, int64_t small);

  /// The table `name` for OUT/share: SuppressSmallModels, and without
  /// - any row of a model with 1 to `small` - 1 cases or non-cases, which its intercept tells; of
  ///   the row account only their number is left out;
  /// - any row of a model whose rows, however many, are of 1 to `small` - 1 people, nor what is of
  ///   all waves where one is such; the row account stays;
  /// - any row of a model that has 1 to `small` - 1 rows or people more or fewer than a later step
  ///   of the analysis (`sample: varying`): the difference of the two is that of these people.
  ///   Tests of steps are on the rows of the larger model, and stay;
  /// - in `groups`, the smallest level beside one that is hidden: n_used less the others would give
  ///   the hidden one; and in `contrasts`, all of a hidden level and of pairs with one;
  /// - in `comparisons` of such a model, the tests of shares and of change and the analysis of
  ///   variance, whose statistics or numbers of people tell the hidden counts;
  /// - in `areas` what AreasDisclosure hides;
  /// - any `n_level` of a model of which an estimate is hidden: n less the people of the levels
  ///   shown are those of the hidden one; nor one that n exceeds by 1 to `small` - 1;
  /// - in `scaling` the digits of n, which is `n_about` there, to the nearest multiple of `small`:
  ///   genotyped people less these are those whom QC removed;
  /// and `table1` as SuppressTableOne has it.
  Table Shared(const std::string& name, const Table& table) const;

 private:
  bool IsOfFew(const Table& table, size_t row) const;
  bool TellsHidden(const std::string& model, const std::string& contrast) const;

  int64_t small_;
  std::set<std::string> few_;          // of few people, by analysis, model and wave
  std::set<std::string> models_;       // by analysis, model and outcome
  std::set<std::string> levels_;       // by these and the level
  std::set<std::string> with_hidden_;  // models with a hidden level
  std::set<std::string> close_;        // models of few people more than a later step
  std::set<std::string> partial_;      // models with a hidden estimate
  std::set<std::string> hiding_;       // analyses whose row account hides a number
  std::set<std::string> waveless_;     // analyses where few children have no wave
  std::set<std::string> pairs_;        // by these and the text of the contrast
  AreasDisclosure areas_;
};

}  // namespace kinflow
