#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/data/cohort.h"
#include "stages/family/effective_tests.h"
#include "stages/family/trio_frame.h"

namespace kinflow::family {

/// The scores of a run, which its analyses share: read once, and counted once how many independent
/// tests they amount to. Thread-safe.
class AnalysisScores {
 public:
  explicit AnalysisScores(ScoreColumns columns) : columns_(std::move(columns)) {}

  const ScoreColumns& columns() const { return columns_; }
  /// Of the scores `names` over the genotyped people of `cohort` in the role; nothing if fewer than
  /// two were computed or their correlation is not defined. One cohort a run.
  std::optional<EffectiveTests> Effective(const Cohort& cohort, const std::string& role,
                                          const std::vector<std::string>& names) const;

 private:
  ScoreColumns columns_;
  mutable std::mutex counting_;
  mutable std::map<std::pair<std::string, std::vector<std::string>>, std::optional<EffectiveTests>>
      counted_;
};

}  // namespace kinflow::family
