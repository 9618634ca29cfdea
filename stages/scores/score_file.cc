#include "stages/scores/score_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "pipeline/data/alleles.h"

namespace kinflow {
namespace {

using enum ColumnRole;

std::string_view OrNothing(std::string_view text) {
  text = Trim(text);
  return text == "." || text == "NA" || text == "NaN" || text == "nan" ? "" : text;
}

std::string_view WithoutPrefix(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) && text.size() > prefix.size() ? text.substr(prefix.size())
                                                                 : text;
}

bool IsSymbolic(std::string_view allele) {
  return allele == "I" || allele == "D" || allele == "R" || allele == "-" || allele == "*" ||
         (allele.size() > 2 && allele.front() == '<' && allele.back() == '>') ||
         allele.find_first_not_of("ACGTN") == std::string_view::npos;
}

}  // namespace

bool ScoreFileReader::has_positions() const {
  return columns_.harmonised() || (columns_.Has(kChrom) && columns_.Has(kPos));
}

void ScoreFileReader::Malformed(std::string what, size_t column, std::string_view remedy) const {
  Error error(ErrorId::kMalformed, std::move(what));
  error.InFile(path_).AtLine(reader_.line_number());
  if (column < columns_.names.size()) error.Field(columns_.names[column]);
  if (column < fields_.size()) error.Value(fields_[column]);
  const bool may_be_header = !first_row_.empty() && rows_ == 1;
  if (may_be_header)
    remedy = "if this line names the columns: scores.tables.header: present (--header present)";
  if (!remedy.empty()) error.Remedy(remedy);
  throw error;
}

std::string_view ScoreFileReader::Field(ColumnRole role) const {
  const int32_t at = columns_.At(role);
  return at < 0 ? std::string_view() : OrNothing(fields_[static_cast<size_t>(at)]);
}

void ScoreFileReader::SplitFields(std::string_view line) {
  if (separator_ == ' ') {
    fields_ = SplitBlanks(line);
  } else {
    fields_.clear();
    for (size_t begin = 0; begin <= line.size();) {
      const size_t end = std::min(line.find(separator_, begin), line.size());
      fields_.push_back(line.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  for (size_t i = columns_.names.size(); i < fields_.size(); ++i) {
    if (Trim(fields_[i]).empty()) continue;
    throw Error(ErrorId::kMalformed, "row has more fields than the header has columns")
        .InFile(path_)
        .AtLine(reader_.line_number())
        .Value(fields_[i])
        .Remedy("separate the columns as in the header, one value each");
  }
  fields_.resize(columns_.names.size());  // spreadsheet programs drop trailing empty fields
}

bool ScoreFileReader::NextLine(std::string_view& line) {
  if (rows_ > 0 || first_row_.empty()) return reader_.Next(line);
  line = first_row_;
  return true;
}

bool ScoreFileReader::Next(ScoreLine& row) {
  std::string_view line;
  do {
    if (!NextLine(line)) {
      if (rows_ == 0) {
        throw Error(ErrorId::kMalformed, "score file has no data rows")
            .InFile(path_)
            .Remedy("it ends behind its header: fetch it again");
      }
      return false;
    }
  } while (Trim(line).empty());
  SplitFields(line);
  row.line = reader_.line_number();
  row.row_nr = rows_++;
  if (columns_.Has(kRowNr)) {
    const auto own = ParseUint(Field(kRowNr));
    if (!own || *own > UINT32_MAX) {
      Malformed("row number is not a whole number", static_cast<size_t>(columns_.At(kRowNr)));
    }
    row.row_nr = static_cast<uint32_t>(*own);
  }
  row.problem = RowProblem::kNone;
  ParseAlleles(row);
  ParseEffect(row);
  ParsePosition(row);
  ParseFrequency(row);
  ParseWeights(row);
  return true;
}

void ScoreFileReader::ParsePosition(ScoreLine& row) {
  const bool harmonised = columns_.harmonised();
  const ColumnRole pos_role = harmonised ? kHmPos : kPos;
  const std::string_view chrom = Field(harmonised ? kHmChrom : kChrom);
  const std::string_view pos = Field(pos_role);
  row.id = Field(kId);
  if (row.id.empty()) row.id = Field(kHmId);
  // "chrom_1" and "chrom1" are how LDpred writes chromosomes.
  chrom_ = chrom.empty() ? "" : NormaliseChrom(WithoutPrefix(WithoutPrefix(chrom, "chrom"), "_"));
  row.pos = 0;
  if (!pos.empty()) {
    const auto value = ParseUint(pos);
    if (!value || *value > INT32_MAX) {
      Malformed("position is not a whole number", static_cast<size_t>(columns_.At(pos_role)),
                "spreadsheet programs turn positions into 1.04E+08: use the original file");
    }
    row.pos = static_cast<uint32_t>(*value);
  }
  if (row.pos == 0 || chrom_.empty()) {
    row.pos = 0;
    chrom_.clear();
    // Catalogue files keep the rows that could not be harmonised; they count as unmatched.
    const bool may_lack = harmonised || columns_.Has(kAccession);
    if (row.id.empty() && !may_lack && row.problem == RowProblem::kNone) {
      const int32_t where = columns_.At(columns_.Has(kPos) ? kPos : kId);
      Malformed("row has neither a position nor a variant id", static_cast<size_t>(where),
                "use the harmonised file of the PGS Catalog, or give chr_name and chr_position");
    }
  }
  row.chrom = chrom_;
}

void ScoreFileReader::ParseAlleles(ScoreLine& row) {
  effect_allele_ = UpperCase(Field(kEffectAllele));
  if (effect_allele_.empty()) {
    Malformed("effect allele missing", static_cast<size_t>(columns_.At(kEffectAllele)));
  }
  std::string_view other = Field(kOtherAllele);
  if (other.empty()) other = Field(kHmOtherAllele);
  // "G/C/T" (inferred): several candidates are as good as none.
  other_allele_ = other.find('/') == std::string_view::npos ? UpperCase(other) : "";
  row.effect_allele = effect_allele_;
  row.other_allele = other_allele_;
  const std::string_view type = Field(kVariantType);
  const bool hla_like = type.starts_with("HLA") || type.starts_with("APOE") ||
                        type.starts_with("CYP") || effect_allele_.starts_with("HLA") ||
                        effect_allele_ == "P" || effect_allele_ == "N";
  if (hla_like) {
    row.problem = RowProblem::kHla;
  } else if (!IsSymbolic(effect_allele_)) {
    row.problem = RowProblem::kNotAnAllele;
  }
}

bool ScoreFileReader::Flag(ColumnRole role) const {
  const std::string text = UpperCase(Field(role));
  if (text.empty() || text == "FALSE" || text == "F" || text == "0") return false;
  if (text == "TRUE" || text == "T" || text == "1") return true;
  Malformed("expected True or False", static_cast<size_t>(columns_.At(role)));
}

void ScoreFileReader::ParseEffect(ScoreLine& row) {
  const bool dominant = Flag(kDominant), recessive = Flag(kRecessive);
  if (dominant && recessive) {
    Malformed("row is both dominant and recessive", static_cast<size_t>(columns_.At(kDominant)));
  }
  row.effect = dominant    ? EffectType::kDominant
               : recessive ? EffectType::kRecessive
                           : EffectType::kAdditive;
  if (const std::string_view type = Field(kEffectType); !type.empty()) {
    if (type == "nonadditive") {
      row.problem = RowProblem::kNonAdditive;
    } else if (type == "dominant" || type == "recessive" || type == "additive") {
      row.effect = type == "dominant"    ? EffectType::kDominant
                   : type == "recessive" ? EffectType::kRecessive
                                         : EffectType::kAdditive;
    } else {
      Malformed("unknown effect type", static_cast<size_t>(columns_.At(kEffectType)),
                "additive, dominant and recessive are known");
    }
  }
  if (Flag(kInteraction) || row.effect_allele.find("_X_") != std::string_view::npos) {
    row.problem = RowProblem::kInteraction;
  } else if (row.problem != RowProblem::kHla) {
    if (Flag(kDiplotype))
      row.problem = RowProblem::kDiplotype;
    else if (Flag(kHaplotype))
      row.problem = RowProblem::kHaplotype;
  }
}

double ScoreFileReader::Weight(uint32_t column) const {
  const auto value = ParseDouble(Trim(fields_[column]));
  if (!value) {
    Malformed("weight is not a finite decimal number", column,
              "write decimals with a point; NA, inf and hexadecimal numbers are refused");
  }
  if (!log_weights_) return *value;
  if (*value <= 0) {
    Malformed("a ratio of 0 or less has no logarithm", column,
              "correct the line, or scores.ratios: as_is if these are logarithms already");
  }
  return std::log(*value);
}

void ScoreFileReader::ParseFrequency(ScoreLine& row) {
  row.effect_freq = std::numeric_limits<double>::quiet_NaN();
  const std::string_view text = Field(kEffectFreq);
  if (text.empty()) return;
  const auto value = ParseDouble(text);
  if (!value || *value < 0 || *value > 1) {
    Malformed("allele frequency is not a number from 0 to 1",
              static_cast<size_t>(columns_.At(kEffectFreq)), "correct or empty the field");
  }
  row.effect_freq = *value;
}

/// Of the accession column, if there is one.
uint32_t ScoreFileReader::ScoreOfRow() {
  if (!columns_.Has(kAccession)) return 0;
  const std::string_view name = Field(kAccession);
  auto it = score_index_.find(name);
  if (it == score_index_.end()) {
    if (name.empty()) {
      Malformed("accession missing", static_cast<size_t>(columns_.At(kAccession)));
    }
    scores_.emplace_back(name);
    it = score_index_.emplace(name, static_cast<uint32_t>(scores_.size() - 1)).first;
  }
  return it->second;
}

void ScoreFileReader::ParseWeights(ScoreLine& row) {
  row.weights.clear();
  if (columns_.weights.size() > 1) {
    for (uint32_t s = 0; s < columns_.weights.size(); ++s) {
      const uint32_t c = columns_.weights[s];
      if (OrNothing(fields_[c]).empty()) continue;
      if (const double w = Weight(c); w != 0) row.weights.emplace_back(s, w);
    }
    return;
  }
  const uint32_t score = ScoreOfRow();
  const bool blank = columns_.weights.empty() || Trim(fields_[columns_.weights.front()]).empty();
  if (blank && columns_.has_dosage_weights()) {
    for (size_t copies = 0; copies < 3; ++copies) {
      const auto role = static_cast<ColumnRole>(static_cast<size_t>(kDosage0) + copies);
      row.by_copies[copies] = Weight(static_cast<uint32_t>(columns_.At(role)));
    }
    if (row.effect != EffectType::kAdditive) {
      Malformed("row is dominant or recessive and yet has weights for 0, 1 and 2 copies",
                static_cast<size_t>(columns_.At(kDosage0)), "correct the row: it is one of them");
    }
    row.effect = EffectType::kNonAdditive;
    if (row.problem == RowProblem::kNonAdditive) row.problem = RowProblem::kNone;
    row.weights.emplace_back(score, std::numeric_limits<double>::quiet_NaN());
    return;
  }
  row.weights.emplace_back(score, Weight(columns_.weights.front()));
}

}  // namespace kinflow
