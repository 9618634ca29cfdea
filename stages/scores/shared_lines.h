#pragma once

#include <vector>

#include "stages/scores/match.h"

namespace kinflow {

/// The lines of a wide table, labelled once for all its scores; only which lines lie on the variant
/// of another depends on the score. Refers to its parts; thread-safe.
class SharedLines {
 public:
  /// The scores [begin, end) of `lines`, all of one table.
  SharedLines(const ScoreLines& lines, size_t begin, size_t end, const MatchFinder& found,
              const MatchRules& rules);

  /// Those that any of the scores weighs, ascending, without weights (NaN).
  const std::vector<ScoreLines::Entry>& entries() const { return entries_; }
  /// Their candidates for the log: excluded as duplicate if it is one in each score that weighs it,
  /// partly_duplicate if in some of them.
  std::vector<LabelledCandidate> Log() const;
  /// The same as LabelScore.
  ScoreMatch Label(size_t score) const;
  /// What the weights of each of the scores lie on (weights NaN): ascending by variant, each with
  /// the effects and effect alleles that lines of the table have on it.
  std::vector<MatchedWeight> Rows() const;

 private:
  /// The candidates of one score among `which` (indices into log_, ascending), labelled; from[i] is
  /// the place of the i-th in log_.
  std::vector<LabelledCandidate> LogOf(size_t score, const std::vector<uint32_t>& which,
                                       std::vector<uint32_t>& from) const;

  const ScoreLines& lines_;
  size_t begin_, end_;
  const MatchFinder& found_;
  const MatchRules& rules_;
  std::vector<ScoreLines::Entry> entries_;
  std::vector<LabelledCandidate> log_;     // duplicates not labelled
  std::vector<uint32_t> all_, contested_;  // of log_: all, those on a variant with others
};

}  // namespace kinflow
