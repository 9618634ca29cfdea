// The head of a score file: metadata, columns, build, names of its scores.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "pipeline/data/alleles.h"
#include "stages/scores/score_file.h"

namespace kinflow {
namespace {

using enum ColumnRole;

/// "PGS1.txt.gz" -> "PGS1".
std::string FileStem(const std::string& path) {
  std::string name = BaseName(path);
  for (const std::string_view end :
       {".gz", ".bgz", ".zst", ".txt", ".tsv", ".csv", ".scorefile", ".snpRes"}) {
    if (name.size() > end.size() && name.ends_with(end)) name.resize(name.size() - end.size());
  }
  return name;
}

/// Keys of the PGS Catalog's first format (# Original Genome Build = hg19) by their names in the
/// second, as the Catalog's own harmonizer renames them; others as they are.
std::string_view KeyOf(std::string_view key) {
  constexpr auto kFirst = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"PGS ID", "pgs_id"},
       {"PGS Name", "pgs_name"},
       {"Reported Trait", "trait_reported"},
       {"Original Genome Build", "genome_build"},
       {"Number of Variants", "variants_number"},
       {"PGP ID", "pgp_id"},
       {"Citation", "citation"},
       {"LICENSE", "license"},
       {"HmPOS Build", "HmPOS_build"}});
  for (const auto& [first, second] : kFirst) {
    if (first == key) return second;
  }
  return key;
}

/// Can only be data: an id, nucleotides and a number. Tables of plink2 --score have no names.
bool IsPlinkRow(std::string_view line) {
  const auto fields = SplitBlanks(line);
  return fields.size() == 3 && IsNucleotides(UpperCase(fields[1])) && ParseWeight(fields[2]);
}

}  // namespace

std::string NormaliseBuild(std::string_view name) {
  const std::string upper = UpperCase(Trim(name));
  if (upper.empty() || upper == "NR") return "";
  if (upper == "GRCH37" || upper == "HG19" || upper == "B37") return "GRCh37";
  if (upper == "GRCH38" || upper == "HG38" || upper == "B38") return "GRCh38";
  if (upper == "NCBI36" || upper == "HG18") return "NCBI36";
  if (upper == "NCBI35" || upper == "HG17") return "NCBI35";
  return std::string(Trim(name));
}

ScoreFileReader::ScoreFileReader(const std::string& path, ScoreReading reading)
    : reader_(Rereadable(path)), reading_(std::move(reading)) {
  format_.path = path;
  ReadHeader();
  SetBuild();
  CheckWeightType();
  NameScores();
  const auto v = metadata_.find("format_version");
  if (v != metadata_.end() && v->second != "2.0" && v->second != "1.0") {
    warnings_.push_back(fmt::format(
        "{}: of format_version {}, read as 2.0 of the PGS Catalog: check what became of "
        "its columns",
        BaseName(format_.path), v->second));
  }
  for (const auto& name : format_.columns.ignored) {
    warnings_.push_back(
        fmt::format("{}: column {} is not known and was ignored", BaseName(format_.path), name));
  }
}

/// Whether the line holds names of columns (or is the first row where there are none); its '#' is
/// taken off then. Metadata are kept, comments are not.
bool ScoreFileReader::TakesAsHeader(std::string_view& line) {
  if (Trim(line).empty() || line.starts_with("##")) return false;
  if (line.front() != '#') return true;
  const std::string_view rest = line.substr(1);
  if (const size_t equals = rest.find('='); equals != std::string_view::npos) {
    metadata_.emplace(KeyOf(Trim(rest.substr(0, equals))), Trim(rest.substr(equals + 1)));
    return false;
  }
  const auto fields = SplitBlanks(rest);
  line = rest;
  if (reading_.mapped()) return reading_.has_header() && LooksMapped(fields, reading_);
  return LooksLikeHeader(fields);  // else a comment
}

void ScoreFileReader::ReadHeader() {
  std::string_view line;
  while (reader_.Next(line)) {
    if (!TakesAsHeader(line)) continue;
    header_line_ = reader_.line_number();
    const bool said_absent = reading_.header == ScoreReading::Header::kAbsent;
    if (!reading_.mapped() && said_absent && !IsPlinkRow(line)) {
      throw Error(ErrorId::kFormatUnknown,
                  "without names of columns it is not known which of a row's fields is what")
          .InFile(format_.path)
          .AtLine(header_line_)
          .Field("scores.tables.header")
          .Value("absent")
          .Remedy(
              "say it by layout (--layout, scores.tables.layout) or by number (--columns rsID=1 "
              "effect_allele=2 effect_weight=3); rows of id, effect allele and weight are known");
    }
    if (!reading_.mapped() && reading_.header != ScoreReading::Header::kPresent &&
        IsPlinkRow(line)) {
      reading_.layout = "plink";
      warnings_.push_back(
          fmt::format("{}: its first line holds no names of columns but data: read as id, effect "
                      "allele and weight (layout plink)",
                      BaseName(format_.path)));
    }
    return SetColumns(line);
  }
  throw Error(ErrorId::kFormatUnknown, "score file has no header line")
      .InFile(format_.path)
      .Remedy("a score file has a line of column names, then one line a variant");
}

/// Finds the separator, too.
std::vector<std::string_view> ScoreFileReader::FieldsOf(std::string_view header) {
  format_.separator = reading_.parted_by_blanks()              ? ' '
                      : header.find('\t') != std::string::npos ? '\t'
                      : header.find(',') != std::string::npos  ? ','
                                                               : ' ';
  auto fields = format_.separator == ' ' ? SplitBlanks(header) : Split(header, format_.separator);
  for (std::string_view& field : fields) field = Unquoted(field);
  return fields;
}

void ScoreFileReader::SetColumns(std::string_view header) {
  auto fields = FieldsOf(header);
  if (reading_.layout == "auto" && reading_.columns.empty()) {
    if (const std::string layout = LayoutOfHeader(fields); !layout.empty()) {
      reading_.layout = layout;
      fields = FieldsOf(header);
      warnings_.push_back(
          fmt::format("{}: its columns are those of layout {}: read as such (--layout {}, "
                      "scores.tables.layout)",
                      BaseName(format_.path), layout, layout));
    }
  }
  if (!reading_.mapped()) {
    format_.columns = ParseScoreHeader(fields, reading_, format_.path, header_line_);
    if (format_.columns.guessed > 0 && metadata_.contains("pgs_id")) {
      throw Error(ErrorId::kFormatUnknown, "score file of the PGS Catalog has no weight column")
          .InFile(format_.path)
          .AtLine(header_line_)
          .Field("effect_weight")
          .Remedy("name the weight column effect_weight");
    }
    return WarnOfGuessedWeights();
  }
  format_.columns = MapColumns(fields, reading_, format_.path, header_line_);
  format_.presence_alleles = false;
  WarnOfWeightsNotRead();
  if (!reading_.has_header()) {
    first_row_ = header;
    format_.without_names = true;
  } else if (ParseWeight(Trim(fields[format_.columns.weights.front()]))) {
    throw Error(ErrorId::kFormatUnknown, "the line of column names has a number for the weight")
        .InFile(format_.path)
        .AtLine(header_line_)
        .Value(fields[format_.columns.weights.front()])
        .Remedy("a table without column names: scores.tables.header: absent");
  }
}

/// As plink2 --score, layout plink takes one column of weights; others may hold more scores.
void ScoreFileReader::WarnOfWeightsNotRead() {
  const ScoreColumns& columns = format_.columns;
  if (reading_.layout != "plink" || columns.weights.size() != 1) return;
  const uint32_t weight = columns.weights.front();
  const size_t all = columns.names.size(), more = all - 1 - weight;
  if (more == 0) return;
  warnings_.push_back(fmt::format(
      "{}: layout plink takes its weights from one column, {}; {} to the right of it {} not read: "
      "--columns effect_weight={}-{} (scores.tables.columns) takes each as a score",
      BaseName(format_.path), columns.names[weight],
      more == 1 ? columns.names.back() : fmt::format("{} columns", more), more == 1 ? "is" : "are",
      weight + 1, all));
}

/// That every column of a name that is not known is a score should not go unseen.
void ScoreFileReader::WarnOfGuessedWeights() {
  constexpr size_t kMostNamed = 20;
  const ScoreColumns& columns = format_.columns;
  if (columns.guessed == 0) return;
  std::string named;
  for (size_t i = 0; i < std::min(columns.guessed, kMostNamed); ++i) {
    named += (i == 0 ? "" : ", ") + columns.names[columns.weights[i]];
  }
  if (columns.guessed > kMostNamed)
    named += fmt::format(" and {} more", columns.guessed - kMostNamed);
  std::string left;
  for (const auto& name : columns.statistics) left += (left.empty() ? ", not " : ", ") + name;
  warnings_.push_back(fmt::format(
      "{}: no column is called effect_weight: {} taken for the weights of a score{}: {}{}; if that "
      "is wrong, name those that are: --columns effect_weight=NAME,NAME (scores.tables.columns)",
      BaseName(format_.path),
      columns.guessed == 1 ? "one is" : fmt::format("{} are", columns.guessed),
      columns.guessed == 1 ? "" : " each", named, left));
}

void ScoreFileReader::SetBuild() {
  const auto build = metadata_.find("HmPOS_build");
  const auto stated = metadata_.find("genome_build");
  if (format_.columns.harmonised() && build != metadata_.end()) {
    build_ = NormaliseBuild(build->second);
  } else if (stated != metadata_.end()) {
    build_ = NormaliseBuild(stated->second);
  }
  if (build_.empty()) build_ = NormaliseBuild(reading_.build);
}

void ScoreFileReader::CheckWeightType() {
  format_.log_weights = format_.columns.ratios;
  format_.ratios = reading_.ratios;
  const auto type = metadata_.find("weight_type");
  if (format_.columns.ratios || type == metadata_.end() || format_.columns.weights.empty()) return;
  if (!IsRatioType(type->second) || reading_.ratios == Ratios::kAsIs) return;
  if (reading_.ratios == Ratios::kRefuse) {
    throw Error(ErrorId::kUnsupportedEffect, "the weights are ratios, not their logarithms")
        .InFile(format_.path)
        .Field("weight_type")
        .Value(type->second)
        .Remedy(kRatiosRemedy);
  }
  format_.log_weights = true;
}

void ScoreFileReader::NameScores() {
  if (format_.columns.Has(kAccession)) return;
  if (format_.columns.weights.size() > 1 && reading_.mapped() && !reading_.has_header()) {
    const std::string stem = reading_.name.empty() ? FileStem(format_.path) : reading_.name;
    for (const uint32_t c : format_.columns.weights)
      scores_.push_back(fmt::format("{}_{}", stem, c + 1));
    return;
  }
  if (format_.columns.wide()) {
    for (const uint32_t c : format_.columns.weights) scores_.push_back(format_.columns.names[c]);
    return;
  }
  if (!reading_.name.empty()) {
    scores_.push_back(reading_.name);
    return;
  }
  for (const char* key : {"pgs_id", "omicspred_id", "score_id", "pgs_name"}) {
    const auto it = metadata_.find(key);
    if (it == metadata_.end() || IsMissing(Trim(it->second))) continue;
    scores_.push_back(it->second);
    return;
  }
  scores_.push_back(FileStem(format_.path));
}

}  // namespace kinflow
