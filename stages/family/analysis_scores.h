#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/data/cohort.h"
#include "stages/family/effective_tests.h"
#include "stages/family/trio_frame.h"
#include "stages/family/trio_rows.h"

namespace kinflow::family {

/// What the analyses of a run share: scores, read once, how many independent tests they amount to,
/// and the rows of their frames. Thread-safe.
class AnalysisScores {
 public:
  explicit AnalysisScores(ScoreColumns columns) : columns_(std::move(columns)) {}

  const ScoreColumns& columns() const { return columns_; }
  /// Of the scores `names` over the genotyped people of `cohort` in the role; nothing if fewer than
  /// two were computed or their correlation is not defined. One cohort a run.
  std::optional<EffectiveTests> Effective(const Cohort& cohort, const std::string& role,
                                          const std::vector<std::string>& names) const;
  /// Rows of `cohort` and `persons`, made once while these stay the same.
  std::shared_ptr<const TrioRows> Rows(const CohortPtr& cohort,
                                       const std::shared_ptr<const PersonColumns>& persons,
                                       const TrioRowsSpec& spec) const;

 private:
  ScoreColumns columns_;
  mutable std::mutex counting_;
  mutable std::map<std::pair<std::string, std::vector<std::string>>, std::optional<EffectiveTests>>
      counted_;
  /// Rows, and what they refer to.
  struct Kept {
    CohortPtr cohort;
    std::shared_ptr<const PersonColumns> persons;
    std::shared_ptr<const TrioRows> rows;
  };
  mutable std::mutex keeping_;
  mutable std::map<TrioRowsSpec, Kept> kept_;
};

}  // namespace kinflow::family
