#pragma once

#include <string>
#include <vector>

#include "stages/family/trio_frame.h"
#include "stages/scores/score_tables.h"

namespace kinflow {

/// The sums of an artifact "scores" for the people whom QC kept, read score by score.
class KeptScores {
 public:
  KeptScores(const ArtifactStore& store, const Digest& scores_key);
  const std::vector<std::string>& names() const { return sums_.names(); }
  const std::vector<std::string>& failed() const { return failed_; }  // could not be computed
  std::vector<double> Of(size_t score) const;  // by sample; NaN for people who were not kept

 private:
  KeptScores(const ArtifactStore& store, const Manifest& scores);

  ScoreReader sums_;
  std::vector<uint8_t> kept_;
  std::vector<std::string> failed_;
};

/// All of them at once.
family::ScoreColumns ScoresOfKept(const ArtifactStore& store, const Digest& scores_key);

}  // namespace kinflow
