#pragma once

#include <vector>

#include "stages/scores/match.h"

namespace kinflow {

/// The lines of a wide table, labelled once for all its scores. Refers to its parts; thread-safe.
class SharedLines {
 public:
  /// The scores [begin, end) of `lines`, all of one table.
  SharedLines(const ScoreLines& lines, size_t begin, size_t end, const MatchFinder& found,
              const MatchRules& rules);

  /// Those that any of the scores weighs, ascending, without weights (NaN).
  const std::vector<ScoreLines::Entry>& entries() const { return entries_; }
  /// Their candidates; a line is a duplicate where another of the table lies on its variant.
  const std::vector<LabelledCandidate>& log() const { return log_; }
  /// The same as LabelScore.
  ScoreMatch Label(size_t score) const;
  /// What the weights of each of the scores lie on (weights NaN), ascending by row. Empty where two
  /// lines lie on one variant: which of them counts depends on the score.
  std::vector<MatchedWeight> Rows() const;

 private:
  const ScoreLines& lines_;
  const MatchFinder& found_;
  const MatchRules& rules_;
  std::vector<ScoreLines::Entry> entries_;
  std::vector<LabelledCandidate> log_;
  bool duplicates_ = false;
};

}  // namespace kinflow
