#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/base/line_reader.h"
#include "stages/scores/effect.h"
#include "stages/scores/score_columns.h"
#include "stages/scores/score_layout.h"

namespace kinflow {

/// "GRCh37" for GRCh37, hg19 and b37; GRCh38, GRCh36, GRCh35 likewise; "" for NR and empty; other
/// text unchanged.
std::string NormaliseBuild(std::string_view name);

/// One row of a score file. Views are valid until the next row is read.
struct ScoreLine {
  uint64_t line = 0;                             // in the file, 1-based
  uint32_t row_nr = 0;                           // data row from 0, or the table's own row_nr
  std::string_view chrom;                        // normalised; "" = unknown
  uint32_t pos = 0;                              // 0 = unknown
  std::string_view id;                           // "" = unknown
  std::string_view effect_allele, other_allele;  // upper case; other "" = unknown
  double effect_freq = 0;                        // of the effect allele; NaN = not stated
  EffectType effect = EffectType::kAdditive;
  RowProblem problem = RowProblem::kNone;
  /// (score, weight). NaN marks a row without a single weight: non-additive, or with a problem.
  std::vector<std::pair<uint32_t, double>> weights;
  std::array<double, 3> by_copies = {};  // weights of 0, 1, 2 copies, if non-additive
};

/// Streams a PGS Catalog file (v2, plain or harmonised, or with a minimal custom header), a table
/// normalised by pgscatalog-format (several accessions, one below the other), or a wide table (one
/// weight column a score), or any table whose columns a ScoreReading names. Memory does not grow
/// with the file.
///
/// Harmonised files: hm_chr and hm_pos replace the author's position, even where they are empty.
/// Wide tables are zero-filled by custom: with several weight columns a weight of 0, NA or nothing
/// means that the variant is not part of that score. With one column a zero is a line like any
/// other.
class ScoreFileReader {
 public:
  /// Reads the header. Throws kFormatUnknown, kColumnMissing, kUnsupportedEffect (ratios that
  /// nobody asked to take the logarithm of) and what LineReader throws.
  explicit ScoreFileReader(const std::string& path, ScoreReading reading = {});

  /// The next row; false at the end. Throws kMalformed with line, field and value.
  bool Next(ScoreLine& row);

  /// Genome build of the positions that Next returns: HmPOS_build of harmonised files, else
  /// genome_build; normalised; "" if not stated.
  const std::string& build() const { return build_; }
  /// Scores seen so far (all of them from the start, unless the table has an accession column).
  const std::vector<std::string>& scores() const { return scores_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const ScoreColumns& columns() const { return columns_; }
  /// "unknown column ignored: x".
  const std::vector<std::string>& warnings() const { return warnings_; }
  bool has_positions() const;

 private:
  void ReadHeader();
  bool TakesAsHeader(std::string_view& line);
  void SetColumns(std::string_view header);
  void SetBuild();
  void CheckWeightType();
  bool NextLine(std::string_view& line);
  void NameScores();
  void SplitFields(std::string_view line);
  std::string_view Field(ColumnRole role) const;
  void ParsePosition(ScoreLine& row);
  void ParseAlleles(ScoreLine& row);
  void ParseEffect(ScoreLine& row);
  void ParseWeights(ScoreLine& row);
  void ParseFrequency(ScoreLine& row);
  uint32_t ScoreOfRow();
  bool Flag(ColumnRole role) const;
  double Weight(uint32_t column) const;
  [[noreturn]] void Malformed(std::string what, size_t column, std::string_view remedy = "") const;

  LineReader reader_;
  ScoreReading reading_;
  std::string path_, build_;
  std::map<std::string, std::string> metadata_;
  ScoreColumns columns_;
  std::vector<std::string> scores_, warnings_;
  std::map<std::string, uint32_t, std::less<>> score_index_;  // accession tables
  char separator_ = '\t';
  uint64_t header_line_ = 0;
  std::string first_row_;  // of a file without a header: read to count its fields
  bool log_weights_ = false;
  uint32_t rows_ = 0;
  std::vector<std::string_view> fields_;
  std::string chrom_, effect_allele_, other_allele_;
};

}  // namespace kinflow
