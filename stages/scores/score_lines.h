#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipeline/data/string_column.h"
#include "stages/scores/effect.h"
#include "stages/scores/score_file.h"

namespace kinflow {

/// The lines of a batch of scores as struct of arrays, about 60 bytes a line. Wide tables share
/// their lines among their scores.
class ScoreLines {
 public:
  struct Entry {
    uint32_t line = 0;
    double weight = 0;  // NaN: the line has no single weight
  };
  static constexpr uint32_t kNoTable = UINT32_MAX;
  struct Score {
    std::string name, file, build;
    std::vector<Entry> entries = {};          // ascending by line
    uint32_t table = kNoTable;                // scores of one wide table share a number
    std::shared_ptr<const Error> fault = {};  // the first of its column, which fails it alone
  };

  /// Appends rows; `first_score` is the index of the file's first score.
  void Append(std::span<const ScoreLine> rows, size_t first_score, bool keep_id);
  void Append(const ScoreLine& row, size_t first_score, bool keep_id) {
    Append(std::span(&row, 1), first_score, keep_id);
  }
  /// Appends those scores of the reader's file that are not here yet; `first` is the index of the
  /// file's first.
  void AddScores(const ScoreFileReader& reader, size_t first, const std::string& file,
                 const std::string& build);
  std::vector<Score>& scores() { return scores_; }
  const std::vector<Score>& scores() const { return scores_; }
  void Clear();

  size_t size() const { return pos_.size(); }
  uint32_t row_nr(size_t i) const { return row_nr_[i]; }
  std::string_view chrom(size_t i) const { return chrom_names_[chrom_[i]]; }
  uint32_t pos(size_t i) const { return pos_[i]; }  // 0 = unknown
  std::string_view id(size_t i) const { return id_[i]; }
  std::string_view effect_allele(size_t i) const { return effect_allele_[i]; }
  std::string_view other_allele(size_t i) const { return other_allele_[i]; }
  EffectType effect(size_t i) const { return effect_[i]; }
  RowProblem problem(size_t i) const { return problem_[i]; }
  /// Weights of 0, 1 and 2 copies of a non-additive line.
  const std::array<double, 3>& by_copies(size_t i) const { return by_copies_.at(i); }
  /// |weight| of an entry; of non-additive lines half the spread of their weights, which is the
  /// same for a line that might as well be additive. 0 for lines without any.
  double Size(const Entry& entry) const;
  /// Frequency of the effect allele as the file states it; NaN = it does not.
  double effect_freq(size_t i) const {
    return i < effect_freq_.size() ? effect_freq_[i] : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  void TakeFaults(const ScoreLine& row, size_t first_score);
  void AppendLine(const ScoreLine& row, bool keep_id);

  std::vector<Score> scores_;
  uint32_t tables_ = 0;
  std::vector<uint32_t> row_nr_, pos_;
  std::vector<uint16_t> chrom_;
  std::vector<std::string> chrom_names_;
  StringColumn id_, effect_allele_, other_allele_;
  std::vector<EffectType> effect_;
  std::vector<RowProblem> problem_;
  std::unordered_map<size_t, std::array<double, 3>> by_copies_;  // few lines have them
  std::vector<double> effect_freq_;  // as far as the last line that states one
};

/// Reads all rows of `reader` to `lines`, its scores behind those already there. On an error
/// `lines` holds no score of this file (its lines stay, unused).
void AppendScoreFile(ScoreFileReader& reader, const std::string& file, bool keep_ids,
                     ScoreLines& lines);
/// Reads all rows of `reader` behind those of the last score, of which the file is a part; row
/// numbers go on. Throws kFormatUnknown if the file holds several scores.
void ContinueScore(ScoreFileReader& reader, const std::string& file, bool keep_ids,
                   ScoreLines& lines);

}  // namespace kinflow
