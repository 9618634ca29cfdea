#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/scores/effect.h"
#include "stages/scores/ratios.h"
#include "stages/scores/score_columns.h"

namespace kinflow {

/// One row of a score file. Views are valid until the next rows are read.
struct ScoreLine {
  uint64_t line = 0;                        // in the file, 1-based
  uint32_t row_nr = 0;                      // data row from 0, or the table's own row_nr
  std::string chrom;                        // normalised; "" = unknown
  uint32_t pos = 0;                         // 0 = unknown
  std::string_view id;                      // "" = unknown
  std::string effect_allele, other_allele;  // upper case; other "" = unknown
  double effect_freq = 0;                   // of the effect allele; NaN = not stated
  EffectType effect = EffectType::kAdditive;
  RowProblem problem = RowProblem::kNone;
  /// (score, weight). NaN marks a row without a single weight: non-additive, or with a problem.
  std::vector<std::pair<uint32_t, double>> weights;
  /// Of a wide table: scores whose weight cannot be read. The row stands for the others.
  std::vector<std::pair<uint32_t, Error>> faults;
  std::array<double, 3> by_copies = {};  // weights of 0, 1, 2 copies, if non-additive
  std::string_view accession;            // of the row, in tables that have them
  std::vector<std::string_view> fields;  // as they stand in the file
};

/// What the rows of one score file have in common.
struct ScoreRowFormat {
  std::string path;
  ScoreColumns columns;
  char separator = '\t';
  bool log_weights = false;         // the weights are ratios: their logarithm is taken
  Ratios ratios = Ratios::kRefuse;  // of rows that say by themselves that their weight is one
  bool without_names = false;       // no line names the columns
  /// P and N say that an HLA allele is there or not (PGS Catalog); else they are texts as any.
  bool presence_alleles = true;
};

/// A row as text: `nr` counts from 0.
struct ScoreRowText {
  std::string_view text;
  uint64_t line = 0;
  uint32_t nr = 0;
};

/// A finite decimal number, which may have a plus sign.
std::optional<double> ParseWeight(std::string_view text);
/// Without the quotes around a whole field, as R writes texts.
std::string_view Unquoted(std::string_view field);

/// Any thread. Weights are those of the first score; tables with accessions say in `accession`
/// whose they are. Throws kMalformed with line, field and value.
void ParseScoreRow(const ScoreRowFormat& format, const ScoreRowText& text, ScoreLine& row);
/// Chromosome and position alone; what is wrong with the rest of the row is not looked at.
void ParseScorePlace(const ScoreRowFormat& format, const ScoreRowText& text, ScoreLine& row);

}  // namespace kinflow
