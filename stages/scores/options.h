#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"
#include "pipeline/data/alleles.h"
#include "stages/scores/adjust/options.h"
#include "stages/scores/families/options.h"
#include "stages/scores/line_index.h"
#include "stages/scores/score_layout.h"

namespace kinflow {

/// Rules by which score lines and target variants are paired; defaults are those of the PGS Catalog
/// calculator v2.
struct MatchRules {
  enum class By : uint8_t { kAuto, kPosition, kId };  // auto: by id if the file has no positions

  /// v2: the calculator's. strict: the other strand is the reverse complement (AT/TA is no
  /// palindrome, AG/CT is one), and a line that fits several variants equally is dropped.
  enum class Set : uint8_t { kV2, kStrict };
  Set set = Set::kV2;
  double min_overlap = 0.75;      // share of lines that must match; inclusive, compared exactly
  double min_weight_overlap = 0;  // share of summed |weight| that must match
  /// Palindromic variants; frequency: kept where the file's frequency of the effect allele and the
  /// target's lie on one side of 1/2, turned to the other strand where they do not; auto: dropped,
  /// but for lines of an id and one allele, of which no strand is guessed.
  enum class Ambiguous : uint8_t { kAuto, kDrop, kKeep, kFrequency };
  Ambiguous ambiguous = Ambiguous::kAuto;
  double ambiguous_margin = 0.1;      // both frequencies must lie this far from 1/2
  double frequency_difference = 0.2;  // of the effect allele, file against target: more is counted
  bool keep_multiallelic = false;
  bool keep_first_match = false;     // several lines on one variant: the first, else none
  bool ignore_strand_flips = false;  // drop matches that need a strand flip
  bool drop_unsupported = false;     // lines of unsupported kinds: drop them, else the score fails
  By by = By::kAuto;

  OtherStrand strand() const {
    return set == Set::kStrict ? OtherStrand::kReverseComplement : OtherStrand::kComplement;
  }
};

/// Score files that do not describe themselves, all laid out alike.
struct ScoreTable {
  std::vector<std::string> files;  // paths and patterns as written
  ScoreReading reading;
};

/// `scores:` of the config.
struct ScoreOptions {
  std::vector<std::string> files;  // paths and patterns as written
  std::vector<ScoreTable> tables;
  ScoreReading reading;                      // of `files`
  std::string frequencies;                   // file of allele frequencies to use; "" = founders'
  std::map<std::string, std::string> names;  // own name of a score -> name in outputs
  MatchRules match;
  bool mean_imputation = true;  // missing: mean | none | refuse
  bool refuse_missing = false;
  /// What a dosage d becomes before it is weighted: d, d - 2 f, (d - 2 f) / sqrt(2 f (1 - f)); f is
  /// the frequency of the effect allele.
  enum class Genotypes : uint8_t { kAsIs, kCentre, kStandardise };
  Genotypes genotypes = Genotypes::kAsIs;
  bool plink2_compat = false;        // missing genotypes of centred ones add 2 f, not 0
  bool x_males_once = true;          // males on X: one copy, else two (ploidy.h)
  std::optional<EffectType> effect;  // of all lines, whatever the files say
  bool sscore = false;               // write scores.sscore as plink2 does
  bool detail = false;               // write scores_detail.tsv.gz
  bool list_variants = false;        // write scores.sscore.vars as plink2 does
  bool text = false;                 // write scores.tsv however many scores there are
  bool read_all = false;             // read variants too that no score uses (results are the same)
  AdjustOptions adjust;              // after summing
  FamilyScoreOptions families;

  bool empty() const { return files.empty() && tables.empty(); }
  /// `node` is the value of the key `scores`.
  static ScoreOptions FromConfig(const ConfigNode& node);
  /// Canonical JSON of what decides the matching.
  std::string MatchJson() const;
  /// Canonical JSON of what decides the sums once the weights are matched.
  std::string ScoreJson() const;
};

/// Schema of the key `scores`.
SchemaNode ScoresSchema();

/// A score file and how it is read.
struct ScoreFileSpec {
  std::string path;
  ScoreReading reading;
  bool continues = false;  // a part of the score that the file before it holds
};

/// All files of the options, relative ones below `folder`. Throws as ExpandScoreFiles.
std::vector<ScoreFileSpec> ScoreFilesOf(const ScoreOptions& options, const std::string& folder);

/// Files that patterns (*, ?, [..]) name, relative ones below `folder`; in the order of the
/// patterns, sorted within one, each file once. Throws kNoFileMatches, kMissingFile.
std::vector<std::string> ExpandScoreFiles(const std::vector<std::string>& patterns,
                                          const std::string& folder);

}  // namespace kinflow
