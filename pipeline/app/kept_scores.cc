#include "pipeline/app/kept_scores.h"

#include <limits>

#include "pipeline/app/sealed_inputs.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/scores/match_artifact.h"

namespace kinflow {

KeptScores::KeptScores(const ArtifactStore& store, const Digest& scores_key)
    : KeptScores(store, Sealed(store, "scores", scores_key)) {}

KeptScores::KeptScores(const ArtifactStore& store, const Manifest& scores)
    : sums_(store, scores), kept_(sums_.samples(), 1) {
  const auto match_key = InputKey(scores, "match");
  if (!match_key) return;
  const Manifest match = Sealed(store, "match", *match_key);
  if (const auto qc_key = InputKey(match, "qc")) {
    kept_ = KeptSamples(store, Sealed(store, "qc", *qc_key));
  }
  const Table judged = ReadMatchScores(store, match);
  for (size_t r = 0; r < judged.rows(); ++r) {
    if (judged.StringsOf("ERROR")[r] != "NA") failed_.push_back(judged.StringsOf("SCORE")[r]);
  }
}

std::vector<double> KeptScores::Of(size_t score) const {
  std::vector<double> values = sums_.Sums(score);
  for (size_t i = 0; i < values.size(); ++i) {
    if (kept_[i] == 0) values[i] = std::numeric_limits<double>::quiet_NaN();
  }
  return values;
}

family::ScoreColumns ScoresOfKept(const ArtifactStore& store, const Digest& scores_key) {
  const KeptScores scores(store, scores_key);
  family::ScoreColumns columns;
  columns.names = scores.names();
  columns.failed = scores.failed();
  for (size_t s = 0; s < columns.names.size(); ++s) columns.values.push_back(scores.Of(s));
  return columns;
}

}  // namespace kinflow
