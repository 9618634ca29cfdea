#pragma once

#include <memory>
#include <string>
#include <vector>

#include "stages/scores/chain_file.h"
#include "stages/scores/score_lines.h"

namespace kinflow {

/// Lifts the positions of score files to the build of the genotypes while they are read.
class Lift {
 public:
  /// `build`: of the genotypes; "" = that which the chain file leads to. `min_share`: of a file's
  /// positions that must have a place there.
  /// Throws kBuildMismatch if the chain file leads elsewhere, and what ChainFile throws.
  Lift(const std::string& chain_file, const std::string& build, double min_share);

  /// Positions are lifted to this one; "" = not known.
  const std::string& build() const { return build_; }
  /// AppendScoreFile (or ContinueScore) of a file on build `from` with lifted positions. Lines
  /// without a place lose their position. So do insertions and deletions on a reversed chain
  /// (kLiftedIndel): they are written with the base before them, which on the other strand is
  /// another one that no score file tells; they are counted apart. Returns what to tell of it.
  /// Throws kBuildMismatch: the chain file starts from another build, or too few positions have a
  /// place.
  std::string Append(ScoreFileReader& reader, const std::string& from, const std::string& file,
                     bool keep_ids, bool continues, ScoreLines& lines) const;

 private:
  ChainFile chains_;
  std::string path_, build_;
  double min_share_;
};

}  // namespace kinflow
