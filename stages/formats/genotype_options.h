#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "stages/formats/read_choice.h"

namespace kinflow {

/// FORMAT field that dosages are taken from; kHardCalls = calls of a .bed or .pgen, without fields.
/// BGEN holds GP.
enum class DosageField : uint8_t { kGt, kDs, kGp, kHds, kHardCalls };
std::string_view FieldName(DosageField field);  // "GT", "DS", "GP", "HDS", "bed"
/// True of the ids of FORMAT fields with dosages: DS, HDS, GP.
bool IsDosageField(std::string_view id);

enum class GenotypeFormat : uint8_t { kBed, kPgen, kVcf, kBcf, kBgen };
std::string_view FormatName(GenotypeFormat format);
inline constexpr const char* kGiveGenotypes =
    "formats are told by content: give a VCF (plain, gzip, BGZF), BCF, BGEN, .bed or .pgen";
/// True for the formats of PLINK, whose files have random access and tables beside them.
inline bool IsPlink(GenotypeFormat format) {
  return format == GenotypeFormat::kBed || format == GenotypeFormat::kPgen;
}

enum class Container : uint8_t { kPlain, kGzip, kBgzf };

/// What a BGEN leaves open (config `input.sample_file`, `input.bgen_ref`).
struct BgenReading {
  std::string sample_file;  // the .sample of all files; "" = the one beside each
  bool ref_last = false;  // the last allele of a variant is REF and the others ALT; else the first
};

/// What the user may say about a genotype input (config `input`, `dosage`).
struct GenotypeOptions {
  std::vector<std::string> files;  // paths, or patterns with `chr{1..22}` or `@`
  std::string field = "auto";      // auto, GT, DS, GP, HDS
  std::string units = "auto";      // units per allele copy, or auto
  bool compact = false;            // 127 units, lossy
  bool keep_calls = false;         // keep phase; haploid calls are kept on X, Y, MT anyway
  ReadChoice choice;               // who and what positions
  /// The ids that variants will be chosen by (SelectVariants); null = by none. Formats that know
  /// their variants before they read them are then probed for what is read of each file.
  std::shared_ptr<const std::unordered_set<std::string>> ids;
  BgenReading bgen;
  std::string build;             // "", GRCh37, GRCh38: refused if a header says otherwise
  uint64_t max_allele = 10'000;  // bases
};

/// How dosages of an opened input are read: decided once for all its files.
struct DosagePlan {
  DosageField field = DosageField::kGt;
  bool by_auto = false;  // the field was chosen by what the first records have
  uint32_t units = 1;
  double error_bound = 0;
  bool keep_calls = false;
  uint64_t max_allele = 10'000;
  BgenReading bgen;

  /// Who asked for GT knows that dosages are left.
  bool TellsUnread() const { return field != DosageField::kGt || by_auto; }
};

}  // namespace kinflow
