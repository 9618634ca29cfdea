#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "pipeline/base/error_catalog.h"
#include "pipeline/data/alleles.h"
#include "pipeline/data/variant_table.h"
#include "stages/scores/line_index.h"
#include "stages/scores/options.h"
#include "stages/scores/score_lines.h"
#include "stages/scores/target_variants.h"

namespace kinflow {

class FrequencyFileReader;

/// A way in which a line and a target variant agree; a pair may agree in several ways.
struct Candidate {
  uint32_t line = 0;
  uint32_t target = 0;  // index into MatchFinder::targets()
  MatchType type = MatchType::kRefAlt;
};

/// Finds all candidates of a batch of lines while the target streams past. Chromosomes 1-22, X, Y
/// and MT (XY counts as X); others are never matched. Lines with a problem have no candidate.
class MatchFinder {
 public:
  MatchFinder(const ScoreLines& lines, MatchBy by, OtherStrand strand = OtherStrand::kComplement);
  void Add(const TargetShard& shard);
  /// Once, after the last Add: sorts by line, target, type.
  void Finish();
  /// Allele frequencies of `file` in place of the target's own, where it has them; how many
  /// variants with candidates it has. After Finish. Throws kMalformed.
  uint64_t UseFrequencies(FrequencyFileReader& file);

  std::span<const Candidate> OfLine(uint32_t line) const;
  /// The position (id) occurs in the target, whatever the alleles.
  bool PlaceSeen(uint32_t line) const { return place_seen_[line] != 0; }
  /// By id: several records that scores may use have the line's id.
  bool IdTwice(uint32_t line) const { return by_ == MatchBy::kId && ids_[line].twice; }
  /// TargetShard::removed_by of a variant that the line would have matched; 0 = there is none.
  uint8_t RemovedBy(uint32_t line) const { return removed_by_[line]; }
  /// By position: another variant there has the same REF, as if they were parts of one
  /// multi-allelic record. Then REF counts the other's ALT, too.
  bool shares_ref(uint32_t target) const { return shares_ref_[target] != 0; }
  bool by_ploidy(uint32_t target) const {
    return targets_.chrom_class(target) != ChromClass::kAutosome;
  }
  /// Outside the pseudoautosomal ends.
  bool on_x(uint32_t target) const { return targets_.chrom_class(target) == ChromClass::kX; }
  const VariantTable& targets() const { return targets_; }  // those with candidates, in plan order
  uint64_t row(uint32_t target) const { return rows_[target]; }
  double alt_freq(uint32_t target) const { return alt_freq_[target]; }
  /// Of the allele that the line's effect allele is by this type of match; NaN = unknown.
  double effect_freq(uint32_t target, MatchType type) const {
    return EffectIsRef(type) ? 1 - alt_freq_[target] : alt_freq_[target];
  }
  MatchBy by() const { return by_; }

 private:
  /// The records that have a line's id; the parts of a multi-allelic one share it.
  struct IdUse {
    uint32_t pos = 0;  // of the first
    bool seen = false, from_multiallelic = false, twice = false;
  };
  static constexpr uint32_t kNoTarget = UINT32_MAX;
  /// The variants of one position, while the target streams past.
  struct Site {
    std::string chrom;
    uint32_t pos = 0;
    struct Record {
      std::string ref, alt;
      uint32_t target = kNoTarget;
    };
    std::vector<Record> records;
  };
  void NoteId(uint32_t line, const VariantTable& variants, size_t i);
  void NoteSite(std::string_view chrom, const VariantTable& variants, size_t i, uint32_t target);
  /// MatchTypes of a line and a variant. Parts of multi-allelic records have lost the bases that
  /// their alleles share at the end (AlleleNormaliser); a line's alleles are tried without, too.
  unsigned TypesOf(uint32_t line, const VariantTable& variants, size_t i) const;

  const ScoreLines& lines_;
  MatchBy by_;
  OtherStrand strand_;
  LineIndex index_;
  std::vector<Candidate> candidates_;
  std::vector<uint64_t> first_of_line_;
  std::vector<uint8_t> place_seen_, removed_by_;  // by line
  std::vector<IdUse> ids_;                        // by line, if lines are found by id
  Site site_;
  std::vector<uint8_t> shares_ref_;  // by target
  VariantTable targets_;
  std::vector<uint64_t> rows_;
  std::vector<double> alt_freq_;
};

enum class MatchStatus : uint8_t { kUnmatched, kMatched, kExcluded, kNotBest };
std::string_view StatusName(MatchStatus status);

/// What frequencies say of the strand of a palindromic match.
enum class StrandCall : uint8_t { kNotAsked, kSame, kOpposite, kNoFrequency, kNearHalf };
/// `line`, `target`: frequency of the allele of the same name, in the score file and the target;
/// NaN = unknown. Both must be at least `margin` away from 1/2.
StrandCall CallStrand(double line, double target, double margin);

/// One line of the match log: a candidate with its labels, or a line without candidate.
struct LabelledCandidate {
  static constexpr uint32_t kNoTarget = UINT32_MAX;
  uint32_t entry = 0;  // into Score::entries
  uint32_t target = kNoTarget;
  MatchType type = MatchType::kRefAlt;
  MatchStatus status = MatchStatus::kUnmatched;
  StrandCall strand = StrandCall::kNotAsked;
  /// The line fits several variants equally, and the rules are strict or it is multi-allelic.
  bool collides = false;
  bool best = false, duplicate_best = false, duplicate_id = false;
  bool ambiguous = false, multiallelic = false, flipped = false, exclude = false;
  bool partly_duplicate = false;  // in the log of a wide table: a duplicate in some scores only
};

/// A weight on a target variant, ready to be summed.
struct MatchedWeight {
  uint64_t row = 0;
  double weight = 0;
  double alt_freq = 0;  // of ALT in founders; NaN = unknown
  EffectType effect = EffectType::kAdditive;
  bool effect_is_ref = false;
  bool by_ploidy = false;  // on X, Y or MT: not everybody has two copies
  bool on_x = false;
};

/// Order of weights within a score and within the rows of a wide table.
inline bool BeforeOnTarget(const MatchedWeight& a, const MatchedWeight& b) {
  return std::tie(a.row, a.effect, a.effect_is_ref) < std::tie(b.row, b.effect, b.effect_is_ref);
}

struct ScoreMatch {
  uint64_t lines = 0, matched = 0, excluded = 0, unmatched = 0, unsupported = 0;
  uint64_t removed_by_qc = 0;  // of the unmatched: QC removed the only variants that fit
  uint64_t ambiguous = 0, multiallelic = 0, duplicates = 0, flipped = 0;  // among best candidates
  uint64_t several = 0;  // lines on a variant beside others as good (strict: on none)
  uint64_t multiallelic_open =
      0;                    // of the multi-allelic: those that weigh REF or fit several parts
  uint64_t shared_ref = 0;  // matched lines that weigh a REF that several variants there have
  uint64_t id_twice = 0;    // lines whose id several target records have
  uint64_t ambiguous_resolved = 0;                 // matched by what frequencies say
  uint64_t freq_compared = 0, freq_different = 0;  // of the matched lines
  double weight_total = 0, weight_matched = 0;     // sums of |weight|
  std::vector<LabelledCandidate> log;              // by line, target, type
  /// Ascending by row; a row once, but for the parts of a non-additive line and, by id, for lines
  /// that name both alleles.
  std::vector<MatchedWeight> weights;
  bool pass = false;
  ErrorId error{};      // if not
  std::string message;  // why, with counts
  std::string remedy;   // "" = that of the error

  double match_rate() const {
    return lines == 0 ? 0 : static_cast<double>(matched) / static_cast<double>(lines);
  }
};

/// part / whole >= share, decided on integers: share is taken to nine decimals.
bool ReachesShare(uint64_t part, uint64_t whole, double share);

/// The candidates of these lines with all labels that do not depend on other lines.
std::vector<LabelledCandidate> LabelLines(const ScoreLines& lines,
                                          const std::vector<ScoreLines::Entry>& entries,
                                          const MatchFinder& found, const MatchRules& rules);
/// Labels those that lie on one variant, by id those on one allele of it; `log` is that of one
/// score, `among` holds the indices that come into question.
void LabelDuplicates(std::vector<LabelledCandidate>& log, std::vector<uint32_t> among, MatchBy by,
                     const MatchRules& rules);
/// Judges a score by its labelled candidates.
ScoreMatch JudgeScore(const ScoreLines& lines, size_t score, std::vector<LabelledCandidate> log,
                      const MatchFinder& found, const MatchRules& rules);
/// LabelLines and LabelDuplicates, then JudgeScore.
ScoreMatch LabelScore(const ScoreLines& lines, size_t score, const MatchFinder& found,
                      const MatchRules& rules);
/// Reason code of a log line: "matched", "ambiguous", "absent", "alleles", "hla", "qc_maf", ...;
/// `filters`: TargetVariants::filters().
std::string ReasonOf(const LabelledCandidate& c, uint32_t line, const ScoreLines& lines,
                     const MatchFinder& found, const MatchRules& rules,
                     const std::vector<std::string>& filters = {});

}  // namespace kinflow
