#include "stages/scores/score_row.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "pipeline/data/alleles.h"
#include "stages/scores/other_allele.h"

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

/// Rows of several variants; their positions are joined (1_x_2).
bool HasSeveralVariants(RowProblem problem) {
  return problem == RowProblem::kInteraction || problem == RowProblem::kDiplotype ||
         problem == RowProblem::kHaplotype || problem == RowProblem::kHla;
}

/// variant_type of alleles that are no bases.
bool IsNamedAlleleType(std::string_view type) {
  return type.starts_with("HLA") || type.starts_with("APOE") || type.starts_with("CYP");
}

class RowParser {
 public:
  RowParser(const ScoreRowFormat& format, const ScoreRowText& text, ScoreLine& row)
      : format_(format), columns_(format.columns), text_(text), row_(row) {}
  void Parse();
  void Place();

 private:
  /// The first `most` fields, or a few more.
  void SplitFields(size_t most = SIZE_MAX);
  void Unquote();
  void CheckWidth();
  std::string_view Field(ColumnRole role) const {
    const int32_t at = columns_.At(role);
    return at < 0 ? std::string_view() : OrNothing(row_.fields[static_cast<size_t>(at)]);
  }
  void ParseNumber();
  void ParseAlleles();
  void ParseEffect();
  void ParsePosition();
  void DoubtPresence();
  void ParsePlace();
  void ParseFrequency();
  void ParseWeights();
  void ParseAccession();
  std::string OtherAllele() const;
  bool TakesLogarithm() const;
  bool Flag(ColumnRole role) const;
  double Weight(uint32_t column) const;
  [[noreturn]] void Malformed(std::string what, size_t column, std::string_view remedy = "") const {
    Error error(ErrorId::kMalformed, std::move(what));
    error.InFile(format_.path).AtLine(text_.line);
    if (column < columns_.names.size()) error.Field(columns_.names[column]);
    if (column < row_.fields.size()) error.Value(row_.fields[column]);
    if (format_.without_names && text_.nr == 0)
      remedy = "if this line names the columns: scores.tables.header: present (--header present)";
    if (!remedy.empty()) error.Remedy(remedy);
    throw error;
  }

  const ScoreRowFormat& format_;
  const ScoreColumns& columns_;
  const ScoreRowText& text_;
  ScoreLine& row_;
};

void RowParser::Parse() {
  SplitFields();
  CheckWidth();
  row_.line = text_.line;
  row_.problem = RowProblem::kNone;
  ParseNumber();
  ParseAlleles();
  ParseEffect();
  ParsePosition();
  DoubtPresence();
  ParseFrequency();
  ParseAccession();
  ParseWeights();
}

/// Joined positions are those of no variant; all other faults of the row are told when it is
/// parsed.
void RowParser::Place() {
  const bool harmonised = columns_.harmonised();
  const int32_t last = std::max(columns_.At(harmonised ? kHmChrom : kChrom),
                                columns_.At(harmonised ? kHmPos : kPos));
  SplitFields(static_cast<size_t>(last + 1));
  row_.fields.resize(columns_.names.size());
  row_.problem = RowProblem::kInteraction;
  ParsePlace();
}

void RowParser::SplitFields(size_t most) {
  const std::string_view line = text_.text;
  if (format_.separator == ' ') {
    row_.fields = SplitBlanks(line);
    return Unquote();
  }
  row_.fields.clear();
  for (size_t begin = 0; begin <= line.size() && row_.fields.size() < most;) {
    const size_t end = std::min(line.find(format_.separator, begin), line.size());
    row_.fields.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  Unquote();
}

void RowParser::Unquote() {
  if (text_.text.find('"') == std::string_view::npos) return;
  for (size_t i = 0; i < row_.fields.size(); ++i) {
    row_.fields[i] = Unquoted(row_.fields[i]);
    // A quote alone is text ("APOE" region), unless fields have moved.
    const bool moved = row_.fields.size() > columns_.names.size();
    if (!moved || !row_.fields[i].starts_with('"')) continue;
    Malformed("a quoted field holds what separates columns, or has one quote only", i,
              "write the table with another separator, or without quotes");
  }
}

void RowParser::CheckWidth() {
  for (size_t i = columns_.names.size(); i < row_.fields.size(); ++i) {
    if (Trim(row_.fields[i]).empty()) continue;
    throw Error(ErrorId::kMalformed, "row has more fields than the header has columns")
        .InFile(format_.path)
        .AtLine(text_.line)
        .Value(row_.fields[i])
        .Remedy("separate the columns as in the header, one value each");
  }
  row_.fields.resize(columns_.names.size());  // spreadsheet programs drop trailing empty fields
}

void RowParser::ParseNumber() {
  row_.row_nr = text_.nr;
  if (!columns_.Has(kRowNr)) return;
  const auto own = ParseUint(Field(kRowNr));
  if (!own || *own > UINT32_MAX) {
    Malformed("row number is not a whole number", static_cast<size_t>(columns_.At(kRowNr)));
  }
  row_.row_nr = static_cast<uint32_t>(*own);
}

void RowParser::ParsePosition() {
  row_.id = Field(kId);
  if (row_.id.empty()) row_.id = Field(kHmId);
  ParsePlace();
  // Catalogue files keep the rows that could not be harmonised; they count as unmatched.
  const bool may_lack = columns_.harmonised() || columns_.Has(kAccession);
  if (row_.pos == 0 && row_.id.empty() && !may_lack && row_.problem == RowProblem::kNone) {
    const int32_t where = columns_.At(columns_.Has(kPos) ? kPos : kId);
    Malformed("row has neither a position nor a variant id", static_cast<size_t>(where),
              "use the harmonised file of the PGS Catalog, or give chr_name and chr_position");
  }
}

/// P and N are HLA alleles of rows that are so in other ways; else N is an allele that no variant
/// has, and P none.
void RowParser::DoubtPresence() {
  const std::string_view allele = row_.effect_allele, id = row_.id;
  const bool presence = allele == "P" || allele == "N";
  if (row_.problem != RowProblem::kHla || !presence || row_.pos == 0) return;
  const std::string_view locus = Field(kLocus);
  const bool typed = IsNamedAlleleType(Field(kVariantType));
  const bool pair = row_.other_allele == "P" || row_.other_allele == "N";
  // SNP2HLA and its kin: HLA_B_57, HLA-B*57, AA_DRB1_11_32660115_SPRG.
  const bool named = id.starts_with("HLA") || id.starts_with("AA_") || locus.starts_with("HLA");
  if (pair || named || typed || Flag(kHaplotype) || Flag(kDiplotype)) return;
  row_.problem = allele == "N" ? RowProblem::kNone : RowProblem::kNotAnAllele;
}

void RowParser::ParsePlace() {
  const bool harmonised = columns_.harmonised();
  const ColumnRole pos_role = harmonised ? kHmPos : kPos;
  const std::string_view chrom = Field(harmonised ? kHmChrom : kChrom);
  const std::string_view pos = Field(pos_role);
  row_.pos = 0;
  row_.chrom.clear();
  if (!pos.empty()) {
    const auto value = ParseUint(pos);
    const bool is_position = value && *value <= INT32_MAX;
    if (!is_position && !HasSeveralVariants(row_.problem)) {
      Malformed("position is not a whole number", static_cast<size_t>(columns_.At(pos_role)),
                "spreadsheet programs turn positions into 1.04E+08: use the original file");
    }
    row_.pos = is_position ? static_cast<uint32_t>(*value) : 0;
  }
  // "chrom_1" and "chrom1" are how LDpred writes chromosomes.
  if (!chrom.empty()) {
    row_.chrom = NormaliseChrom(WithoutPrefix(WithoutPrefix(chrom, "chrom"), "_"));
  }
  if (row_.pos == 0 || row_.chrom.empty()) {
    row_.pos = 0;
    row_.chrom.clear();
  }
}

void RowParser::ParseAlleles() {
  row_.effect_allele = UpperCase(Field(kEffectAllele));
  if (row_.effect_allele.empty()) {
    Malformed("effect allele missing", static_cast<size_t>(columns_.At(kEffectAllele)));
  }
  row_.other_allele = OtherAllele();
  const std::string_view type = Field(kVariantType);
  const bool presence = row_.effect_allele == "P" || row_.effect_allele == "N";
  const bool hla_like = IsNamedAlleleType(type) || row_.effect_allele.starts_with("HLA") ||
                        (presence && format_.presence_alleles);
  if (hla_like) {
    row_.problem = RowProblem::kHla;
  } else if (!IsSymbolic(row_.effect_allele)) {
    row_.problem = RowProblem::kNotAnAllele;
  }
}

std::string RowParser::OtherAllele() const {
  std::string other = UpperCase(Field(kOtherAllele));
  if (other.empty()) other = UpperCase(Field(kOmittedAllele));
  if (other.empty()) {
    other = OtherOfRefAndAlt(row_.effect_allele, UpperCase(Field(kRef)), UpperCase(Field(kAlt)));
  }
  if (other.empty()) other = UpperCase(Field(kHmOtherAllele));
  // "G/C/T" (inferred): several candidates are as good as none.
  return other.find('/') == std::string::npos ? other : "";
}

bool RowParser::Flag(ColumnRole role) const {
  const std::string text = UpperCase(Field(role));
  if (text.empty() || text == "FALSE" || text == "F" || text == "0") return false;
  if (text == "TRUE" || text == "T" || text == "1") return true;
  Malformed("expected True or False", static_cast<size_t>(columns_.At(role)));
}

void RowParser::ParseEffect() {
  const bool dominant = Flag(kDominant), recessive = Flag(kRecessive);
  if (dominant && recessive) {
    Malformed("row is both dominant and recessive", static_cast<size_t>(columns_.At(kDominant)));
  }
  row_.effect = dominant    ? EffectType::kDominant
                : recessive ? EffectType::kRecessive
                            : EffectType::kAdditive;
  if (const std::string_view type = Field(kEffectType); !type.empty()) {
    if (type == "nonadditive") {
      row_.problem = RowProblem::kNonAdditive;
    } else if (type == "dominant" || type == "recessive" || type == "additive") {
      row_.effect = type == "dominant"    ? EffectType::kDominant
                    : type == "recessive" ? EffectType::kRecessive
                                          : EffectType::kAdditive;
    } else {
      Malformed("unknown effect type", static_cast<size_t>(columns_.At(kEffectType)),
                "additive, dominant and recessive are known");
    }
  }
  if (Flag(kInteraction) || row_.effect_allele.find("_X_") != std::string_view::npos) {
    row_.problem = RowProblem::kInteraction;
  } else if (row_.problem != RowProblem::kHla) {
    if (Flag(kDiplotype))
      row_.problem = RowProblem::kDiplotype;
    else if (Flag(kHaplotype))
      row_.problem = RowProblem::kHaplotype;
  }
}

bool RowParser::TakesLogarithm() const {
  if (format_.log_weights || !columns_.Has(kWeightType)) return format_.log_weights;
  const bool stated = IsRatioType(Field(kWeightType));
  if (stated && format_.ratios == Ratios::kRefuse) {
    throw Error(ErrorId::kUnsupportedEffect, "the weight is a ratio, not its logarithm")
        .InFile(format_.path)
        .AtLine(text_.line)
        .Field("weight_type")
        .Value(Field(kWeightType))
        .Remedy(kRatiosRemedy);
  }
  return stated && format_.ratios == Ratios::kLog;
}

double RowParser::Weight(uint32_t column) const {
  const auto value = ParseWeight(Trim(row_.fields[column]));
  if (!value) {
    Malformed("weight is not a finite decimal number", column,
              "write decimals with a point; NA, inf and hexadecimal numbers are refused");
  }
  if (!TakesLogarithm()) return *value;
  if (*value <= 0) {
    Malformed("a ratio of 0 or less has no logarithm", column,
              "correct the line, or scores.ratios: as_is if these are logarithms already");
  }
  return std::log(*value);
}

void RowParser::ParseFrequency() {
  row_.effect_freq = std::numeric_limits<double>::quiet_NaN();
  const std::string_view text = Field(kEffectFreq);
  if (text.empty()) return;
  const auto value = ParseDouble(text);
  if (!value || *value < 0 || *value > 1) {
    Malformed("allele frequency is not a number from 0 to 1",
              static_cast<size_t>(columns_.At(kEffectFreq)), "correct or empty the field");
  }
  row_.effect_freq = *value;
}

void RowParser::ParseWeights() {
  row_.weights.clear();
  row_.faults.clear();
  if (columns_.weights.size() > 1) {
    for (uint32_t s = 0; s < columns_.weights.size(); ++s) {
      const uint32_t c = columns_.weights[s];
      if (OrNothing(row_.fields[c]).empty()) continue;
      try {
        if (const double w = Weight(c); w != 0) row_.weights.emplace_back(s, w);
      } catch (const Error& fault) {
        row_.faults.emplace_back(s, fault);
      }
    }
    return;
  }
  const bool blank =
      columns_.weights.empty() || Trim(row_.fields[columns_.weights.front()]).empty();
  if (blank && columns_.has_dosage_weights()) {
    for (size_t copies = 0; copies < 3; ++copies) {
      const auto role = static_cast<ColumnRole>(static_cast<size_t>(kDosage0) + copies);
      row_.by_copies[copies] = Weight(static_cast<uint32_t>(columns_.At(role)));
    }
    if (row_.effect != EffectType::kAdditive) {
      Malformed("row is dominant or recessive and yet has weights for 0, 1 and 2 copies",
                static_cast<size_t>(columns_.At(kDosage0)), "correct the row: it is one of them");
    }
    row_.effect = EffectType::kNonAdditive;
    if (row_.problem == RowProblem::kNonAdditive) row_.problem = RowProblem::kNone;
    row_.weights.emplace_back(0u, std::numeric_limits<double>::quiet_NaN());
    return;
  }
  row_.weights.emplace_back(0u, Weight(columns_.weights.front()));
}

void RowParser::ParseAccession() {
  row_.accession = {};
  if (!columns_.Has(kAccession) || columns_.weights.size() > 1) return;
  row_.accession = Field(kAccession);
  if (row_.accession.empty()) {
    Malformed("accession missing", static_cast<size_t>(columns_.At(kAccession)));
  }
}

}  // namespace

std::optional<double> ParseWeight(std::string_view text) {
  const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  return ParseDouble(plus ? text.substr(1) : text);
}

std::string_view Unquoted(std::string_view field) {
  const std::string_view text = Trim(field);
  const bool quoted = text.size() > 1 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : field;
}

void ParseScoreRow(const ScoreRowFormat& format, const ScoreRowText& text, ScoreLine& row) {
  RowParser(format, text, row).Parse();
}

void ParseScorePlace(const ScoreRowFormat& format, const ScoreRowText& text, ScoreLine& row) {
  RowParser(format, text, row).Place();
}

}  // namespace kinflow
