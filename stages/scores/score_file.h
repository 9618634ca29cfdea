#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/line_reader.h"
#include "stages/scores/score_columns.h"
#include "stages/scores/score_layout.h"
#include "stages/scores/score_row.h"

namespace kinflow {

/// "GRCh37" for GRCh37, hg19 and b37; GRCh38, GRCh36, GRCh35 likewise; "" for NR and empty; other
/// text unchanged.
std::string NormaliseBuild(std::string_view name);

/// Rows that are read together.
struct ScoreRows {
  std::vector<ScoreLine> rows;  // kept for their memory: the first `size` hold something
  size_t size = 0;

  std::span<const ScoreLine> all() const { return std::span(rows).first(size); }

 private:
  friend class ScoreFileReader;
  std::string text;
  std::vector<ScoreRowText> of_text;
};

/// Streams a PGS Catalog file (v2, plain or harmonised, v1, or with a minimal custom header), a
/// table normalised by pgscatalog-format (several accessions, one below the other), or a wide table
/// (one weight column a score), or any table whose columns a ScoreReading names; a file that has no
/// names of columns but an id, an allele and a number in its first line is taken for layout plink,
/// with a warning. Memory does not grow with the file.
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

  /// The next row; false at the end. Throws kMalformed with line, field and value; a weight of a
  /// wide table that cannot be read is a fault of its score alone (ScoreLine::faults).
  bool Next(ScoreLine& row);
  /// The next rows, parsed in parallel; false at the end. Throws what Next throws of the first row
  /// at fault, with none of the rows.
  bool Next(ScoreRows& rows);
  /// Chromosome and position of the next row; nothing else of it is looked at.
  bool NextPlace(ScoreLine& row);

  /// Genome build of the positions that Next returns: HmPOS_build of harmonised files, else
  /// genome_build; normalised; "" if not stated.
  const std::string& build() const { return build_; }
  /// Scores seen so far (all of them from the start, unless the table has an accession column).
  const std::vector<std::string>& scores() const { return scores_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const ScoreColumns& columns() const { return format_.columns; }
  /// "unknown column ignored: x".
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// After the last row: what to tell of a file that has not as many rows as its header states
  /// (variants_number), as if it were cut off; "" = nothing.
  std::string LengthWarning() const;
  bool has_positions() const;
  bool has_ids() const;

 private:
  void ReadHeader();
  bool TakesAsHeader(std::string_view& line);
  void SetColumns(std::string_view header);
  std::vector<std::string_view> FieldsOf(std::string_view header);
  void WarnOfWeightsNotRead();
  void WarnOfGuessedWeights();
  void SetBuild();
  void CheckWeightType();
  bool NextText(ScoreRowText& text);
  void NameScores();
  void TakeScore(ScoreLine& row);

  LineReader reader_;
  ScoreReading reading_;
  std::string build_;
  std::map<std::string, std::string> metadata_;
  ScoreRowFormat format_;
  std::vector<std::string> scores_, warnings_;
  std::map<std::string, uint32_t, std::less<>> score_index_;  // accession tables
  uint64_t header_line_ = 0;
  std::string first_row_;  // of a file without a header: read to count its fields
  uint32_t rows_ = 0;
  std::exception_ptr failure_;  // of reading on behind the rows that were returned
};

}  // namespace kinflow
