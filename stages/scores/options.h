#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"
#include "stages/scores/adjust/options.h"
#include "stages/scores/line_index.h"

namespace kinflow {

/// Rules by which score lines and target variants are paired; defaults are those of the PGS Catalog
/// calculator v2.
struct MatchRules {
  enum class By : uint8_t { kAuto, kPosition, kId };  // auto: by id if the file has no positions

  double min_overlap = 0.75;      // share of lines that must match; inclusive, compared exactly
  double min_weight_overlap = 0;  // share of summed |weight| that must match
  bool keep_ambiguous = false;
  bool keep_multiallelic = false;
  bool keep_first_match = false;     // several lines on one variant: the first, else none
  bool ignore_strand_flips = false;  // drop matches that need a strand flip
  bool drop_unsupported = false;     // lines of unsupported kinds: drop them, else the score fails
  By by = By::kAuto;
};

/// `scores:` of the config.
struct ScoreOptions {
  std::vector<std::string> files;            // paths and patterns as written
  std::map<std::string, std::string> names;  // own name of a score -> name in outputs
  MatchRules match;
  bool mean_imputation = true;  // missing: mean | none
  bool detail = false;          // write scores_detail.tsv.gz
  bool read_all = false;        // read variants too that no score uses (results are the same)
  AdjustOptions adjust;         // after summing

  /// `node` is the value of the key `scores`.
  static ScoreOptions FromConfig(const ConfigNode& node);
  /// Canonical JSON of what decides the matching.
  std::string MatchJson() const;
  /// Canonical JSON of what decides the sums once the weights are matched.
  std::string ScoreJson() const;
};

/// Schema of the key `scores`.
SchemaNode ScoresSchema();

/// Files that patterns (*, ?, [..]) name, relative ones below `folder`; in the order of the
/// patterns, sorted within one, each file once. Throws kNoFileMatches, kMissingFile.
std::vector<std::string> ExpandScoreFiles(const std::vector<std::string>& patterns,
                                          const std::string& folder);

}  // namespace kinflow
