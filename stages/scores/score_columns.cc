#include "stages/scores/score_columns.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/scores/score_layout.h"
#include "stages/scores/statistic_names.h"

namespace kinflow {
namespace {

using enum ColumnRole;

// Names in lower case: PGS Catalog first, then what plink, PRSice and their kin call the same
// thing.
constexpr auto kNames = std::to_array<std::pair<std::string_view, ColumnRole>>({
    {"chr_name", kChrom},
    {"chrom", kChrom},
    {"chr", kChrom},
    {"chromosome", kChrom},
    {"chr_position", kPos},
    {"pos", kPos},
    {"position", kPos},
    {"bp", kPos},
    {"base_pair_location", kPos},
    {"rsid", kId},
    {"id", kId},
    {"snp", kId},
    {"variant_id", kId},
    {"sid", kId},
    {"effect_allele", kEffectAllele},
    {"ea", kEffectAllele},
    {"a1", kEffectAllele},
    {"other_allele", kOtherAllele},
    {"oa", kOtherAllele},
    {"a2", kOtherAllele},
    {"omitted", kOmittedAllele},
    {"ref", kRef},
    {"reference_allele", kRef},
    {"alt", kAlt},
    {"effect_weight", kWeight},
    {"weight", kWeight},
    {"beta", kWeight},
    {"weight_type", kWeightType},
    {"is_dominant", kDominant},
    {"is_recessive", kRecessive},
    {"is_haplotype", kHaplotype},
    {"is_diplotype", kDiplotype},
    {"is_interaction", kInteraction},
    {"variant_type", kVariantType},
    {"dosage_0_weight", kDosage0},
    {"dosage_1_weight", kDosage1},
    {"dosage_2_weight", kDosage2},
    {"hm_chr", kHmChrom},
    {"hm_pos", kHmPos},
    {"hm_rsid", kHmId},
    {"hm_inferotherallele", kHmOtherAllele},
    {"effect_type", kEffectType},
    {"accession", kAccession},
    {"row_nr", kRowNr},
    {"locus_name", kLocus},
    {"imputation_method", kNoted},
    {"variant_description", kNoted},
    {"inclusion_criteria", kNoted},
    {"or", kOddsRatio},
    {"odds_ratio", kOddsRatio},
    {"hr", kHazardRatio},
    {"hazard_ratio", kHazardRatio},
    {"is_duplicated", kNoted},
    {"allelefrequency_effect", kEffectFreq},
    {"effect_allele_frequency", kEffectFreq},
    {"eaf", kEffectFreq},
    {"hm_source", kNoted},
    {"hm_match_chr", kNoted},
    {"hm_match_pos", kNoted},
});

/// allelefrequency_effect_<Ancestry>.
constexpr std::string_view kFreqOfAncestry = "allelefrequency_effect_";

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Error HeaderError(const std::string& file, uint64_t line, std::string what) {
  return Error(ErrorId::kFormatUnknown, std::move(what)).InFile(file).AtLine(line);
}

bool HasRatios(const ScoreColumns& columns) {
  return columns.Has(kOddsRatio) || columns.Has(kHazardRatio);
}

/// Where no column holds weights, ratios may: asked for, and only one kind of them.
void TakeRatios(ScoreColumns& columns, const ScoreReading& reading, const std::string& file,
                uint64_t line) {
  const bool odds = columns.Has(kOddsRatio);
  if (!columns.weights.empty() || columns.has_dosage_weights() || !HasRatios(columns)) return;
  if (odds && columns.Has(kHazardRatio)) {
    throw HeaderError(file, line, "score file has columns of odds and of hazard ratios")
        .Remedy("say under scores.tables.columns which one holds the weights");
  }
  if (reading.ratios != Ratios::kLog) {
    throw HeaderError(file, line, "score file has no weight column but one of ratios")
        .Field("effect_weight")
        .Remedy(
            "scores.ratios: log (--ratios log) takes the logarithm of each as its weight; if other "
            "columns hold weights, name them: --columns effect_weight=NAME,NAME");
  }
  columns.ratios = true;
  columns.weights.push_back(static_cast<uint32_t>(columns.At(odds ? kOddsRatio : kHazardRatio)));
}

constexpr const char* kNoNames =
    "name the columns in the first line after the # lines, for example: chr_name chr_position "
    "effect_allele other_allele effect_weight; a table for plink2 --score (id, allele, weight): "
    "--layout plink (scores.tables: {files: ..., layout: plink}), of several weights --columns "
    "rsID=1 effect_allele=2 effect_weight=3-10; of another tool --layout TOOL (prs-cs has no names "
    "of columns)";

void CheckComplete(const ScoreColumns& columns, const std::string& file, uint64_t line) {
  if (!columns.Has(kEffectAllele)) {
    throw HeaderError(file, line, "score file has no header line with an effect_allele column")
        .Remedy(kNoNames);
  }
  if (columns.Has(kDosage0) != columns.Has(kDosage1) ||
      columns.Has(kDosage0) != columns.Has(kDosage2)) {
    throw HeaderError(file, line,
                      "dosage_0_weight, dosage_1_weight and dosage_2_weight must all "
                      "be present");
  }
  if (columns.weights.empty() && !columns.has_dosage_weights()) {
    throw HeaderError(file, line, "score file has no weight column")
        .Field("effect_weight")
        .Remedy("add an effect_weight column; odds and hazard ratios enter as their logarithm");
  }
  if (columns.Has(kAccession) && columns.weights.size() > 1) {
    throw HeaderError(file, line,
                      fmt::format("score file names the score of each line (accession) but has {} "
                                  "weight columns",
                                  columns.weights.size()))
        .Field("effect_weight")
        .Remedy("name the weight column effect_weight, or take the column accession out");
  }
  const bool position = columns.Has(kChrom) && columns.Has(kPos);
  if (!position && !columns.harmonised() && !columns.Has(kId)) {
    throw HeaderError(file, line, "score file names neither positions nor variant ids")
        .Remedy("add chr_name and chr_position, or rsID");
  }
}

}  // namespace

ColumnRole RoleOfName(std::string_view name) {
  const std::string lower = Lower(Trim(name));
  for (const auto& [known, role] : kNames) {
    if (known == lower) return role;
  }
  return lower.starts_with(kFreqOfAncestry) || IsStatisticName(lower) ? kNoted : kUnknown;
}

void FinishScoreColumns(ScoreColumns& columns, const ScoreReading& reading, const std::string& file,
                        uint64_t line) {
  TakeRatios(columns, reading, file, line);
  CheckComplete(columns, file, line);
}

namespace {

/// The columns that the user named stand for all that the names would tell of weights.
void TakeNamedWeights(ScoreColumns& columns, std::span<const std::string_view> fields,
                      const ScoreReading& reading, const std::string& file, uint64_t line) {
  columns.weights = WeightColumns(fields, reading, file, line);
  const bool one = columns.weights.size() == 1;
  columns.where[static_cast<size_t>(kWeight)] =
      one ? static_cast<int32_t>(columns.weights.front()) : -1;
}

}  // namespace

bool LooksLikeHeader(const std::vector<std::string_view>& fields) {
  for (const auto field : fields) {
    if (RoleOfName(field) == kEffectAllele) return true;
  }
  return false;
}

ScoreColumns ParseScoreHeader(const std::vector<std::string_view>& fields,
                              const ScoreReading& reading, const std::string& file, uint64_t line) {
  ScoreColumns columns;
  columns.where.assign(kColumnRoles, -1);
  std::vector<uint32_t> unknown, by_ancestry;
  for (uint32_t i = 0; i < fields.size(); ++i) {
    const std::string_view name = Trim(fields[i]);
    columns.names.emplace_back(name);
    if (name.empty()) continue;  // trailing separators of spreadsheet programs
    for (uint32_t earlier = 0; earlier < i; ++earlier) {
      if (columns.names[earlier] == name) {
        throw HeaderError(file, line, fmt::format("column {} occurs twice", name))
            .Field(name)
            .Remedy(ParseDouble(name) ? kNoNames : "give each column a name of its own");
      }
    }
    const ColumnRole role = RoleOfName(name);
    if (role == kUnknown) unknown.push_back(i);
    if (Lower(name).starts_with(kFreqOfAncestry)) by_ancestry.push_back(i);
    if (IsStatisticName(name)) columns.statistics.emplace_back(name);
    if (role == kUnknown || role == kNoted) continue;
    int32_t& where = columns.where[static_cast<size_t>(role)];
    if (where >= 0) {
      throw HeaderError(file, line,
                        fmt::format("columns {} and {} mean the same",
                                    columns.names[static_cast<size_t>(where)], name))
          .Remedy("remove or rename one of them");
    }
    where = static_cast<int32_t>(i);
  }
  if (!columns.Has(kEffectFreq) && by_ancestry.size() == 1) {
    columns.where[static_cast<size_t>(kEffectFreq)] = static_cast<int32_t>(by_ancestry.front());
  }
  // Beside effect_weight or a ratio an unknown column is a remark; without one, it is a score of a
  // wide table.
  if (reading.names_weights_only()) {
    TakeNamedWeights(columns, fields, reading, file, line);
    unknown.clear();
  } else if (columns.Has(kWeight)) {
    columns.weights.push_back(static_cast<uint32_t>(columns.At(kWeight)));
  } else if (!columns.has_dosage_weights() && !HasRatios(columns)) {
    columns.weights = std::exchange(unknown, {});
    columns.guessed = columns.weights.size();
  }
  for (const uint32_t i : unknown) columns.ignored.push_back(columns.names[i]);
  if (reading.refuse_unknown_columns && !columns.ignored.empty()) {
    throw HeaderError(file, line, "score file has a column that is not known")
        .Field(columns.ignored.front())
        .Remedy("remove it, name the columns under scores.tables, or unknown_columns: warn");
  }
  FinishScoreColumns(columns, reading, file, line);
  return columns;
}

}  // namespace kinflow
