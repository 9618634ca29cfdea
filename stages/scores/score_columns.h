#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kinflow {

/// What a column of a score file means.
enum class ColumnRole : uint8_t {
  kChrom,
  kPos,
  kId,
  kEffectAllele,
  kOtherAllele,
  kOmittedAllele,  // the other one in a model of several alleles (plink2 --glm)
  kRef,            // REF and ALT: which of them is the other allele, the effect allele tells
  kAlt,
  kWeight,
  kWeightType,  // of the row, in the first format of the PGS Catalog
  kDominant,
  kRecessive,
  kHaplotype,
  kDiplotype,
  kInteraction,
  kVariantType,
  kLocus,
  kDosage0,
  kDosage1,
  kDosage2,
  kHmChrom,
  kHmPos,
  kHmId,
  kHmOtherAllele,
  kEffectType,
  kAccession,
  kRowNr,  // tables already normalised by pgscatalog-format
  kOddsRatio,
  kHazardRatio,
  kEffectFreq,  // frequency of the effect allele
  kNoted,       // known, not needed for computing
  kUnknown,
};
constexpr size_t kColumnRoles = static_cast<size_t>(ColumnRole::kUnknown) + 1;

/// The columns of one header line.
struct ScoreColumns {
  std::vector<std::string> names;
  std::vector<int32_t> where;     // by ColumnRole: index, -1 = absent
  std::vector<uint32_t> weights;  // the weight columns; several in wide tables
  bool ratios = false;            // the weight column holds odds or hazard ratios
  size_t guessed = 0;  // weight columns that nobody named: all columns that are not known
  std::vector<std::string> ignored;     // unknown columns beside an effect_weight
  std::vector<std::string> statistics;  // IsStatisticName

  int32_t At(ColumnRole role) const { return where[static_cast<size_t>(role)]; }
  bool Has(ColumnRole role) const { return At(role) >= 0; }
  bool harmonised() const { return Has(ColumnRole::kHmChrom) && Has(ColumnRole::kHmPos); }
  bool has_dosage_weights() const { return Has(ColumnRole::kDosage0); }
  /// Wide tables name scores by their weight columns.
  bool wide() const { return !weights.empty() && !ratios && !Has(ColumnRole::kWeight); }
};

struct ScoreReading;

/// What a column of this name means, in any case; kUnknown.
ColumnRole RoleOfName(std::string_view name);
/// True if the line names an effect allele column, however else it looks.
bool LooksLikeHeader(const std::vector<std::string_view>& fields);
/// Throws kFormatUnknown: no effect allele, no weight, no way to find a variant, a column twice.
ScoreColumns ParseScoreHeader(const std::vector<std::string_view>& fields,
                              const ScoreReading& reading, const std::string& file, uint64_t line);
/// Takes a ratio for the weight where there is none, and throws kFormatUnknown if what a score
/// needs is missing.
void FinishScoreColumns(ScoreColumns& columns, const ScoreReading& reading, const std::string& file,
                        uint64_t line);

}  // namespace kinflow
