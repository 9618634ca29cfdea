#include "pipeline/base/error_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kinflow {
namespace {

using enum ErrorId;

constexpr auto kUsageCode = ExitCode::kUsage;
constexpr auto kConfigCode = ExitCode::kConfig;
constexpr auto kInputCode = ExitCode::kInput;
constexpr auto kIoCode = ExitCode::kIo;
constexpr auto kStoreCode = ExitCode::kDamagedStore;
constexpr auto kResourceCode = ExitCode::kResources;

constexpr auto kEntries = std::to_array<ErrorEntry>({
    {kUnknownCommand, kUsageCode, "unknown command or option",
     "The command line names something kinflow does not have. `kinflow --help` lists the "
     "commands."},
    {kMissingArgument, kUsageCode, "missing argument",
     "The command needs an argument that was not given. `kinflow COMMAND --help` shows them."},
    {kBadArgument, kUsageCode, "argument out of range or of the wrong type",
     "A command-line value cannot be read or lies outside its range: `kinflow COMMAND --help` "
     "tells "
     "what each option takes. Sizes are written 512M or 24G."},
    {kYamlSyntax, kConfigCode, "not valid YAML",
     "The config cannot be parsed at the line and column given. Often a missing space after a "
     "colon "
     "or a tab used as indentation."},
    {kConfigType, kConfigCode, "value of the wrong type",
     "A key has a value of another type than its schema says. Booleans are true or false only; "
     "numbers are decimal with a point. `kinflow schema` prints every key."},
    {kConfigRange, kConfigCode, "value out of range",
     "A number lies outside the range that its schema allows, or a word is not among the choices."},
    {kSchemaVersion, kConfigCode, "schema_version missing or not supported",
     "Every config starts with `schema_version: 1`."},
    {kConfigUnreadable, kConfigCode, "config file cannot be read",
     "The config file does not exist or its permissions forbid reading."},
    {kConfigReference, kConfigCode, "config refers to something that does not exist",
     "An analysis names a score, column, role or file that no other part of the config defines."},
    {kDuplicateKey, kConfigCode, "key given twice",
     "The same key occurs twice in one mapping. Both places are named; delete one."},
    {kUnknownKey, kConfigCode, "unknown key",
     "No key of this name exists here. The nearest known key is suggested; nothing is ever "
     "ignored."},
    {kMissingKey, kConfigCode, "required key missing",
     "A key without a default is absent. `kinflow init` writes a commented template."},
    {kYamlFeature, kConfigCode, "YAML feature that configs may not use",
     "Anchors, aliases, merge keys, tags, second documents, tabs and byte order marks are refused, "
     "because they make a config mean something else than it shows."},
    {kConfigLimits, kConfigCode, "config too large or too deep",
     "A config is at most 1 MiB and 32 levels deep, in UTF-8."},
    {kMissingFile, kInputCode, "input file missing",
     "The file does not exist at the path given. "
     "Paths in a config are relative to the config file."},
    {kUnreadableFile, kInputCode, "input file cannot be read",
     "The file exists but cannot be opened; check its permissions. A pipe can be read once: give a "
     "file where it is read several times."},
    {kNoFileMatches, kInputCode, "no file matches the pattern",
     "A pattern such as chr{1..22}.vcf.gz or chr@.vcf.gz found no file."},
    {kCompanionMissing, kInputCode, "companion file missing",
     "A .bed needs its .bim and .fam beside it under the same name, a .pgen its .pvar (or "
     ".pvar.zst, "
     ".bim) and .psam (or .fam), a BGEN without sample ids its .sample."},
    {kFormatUnknown, kInputCode, "not a file of the expected format",
     "The first bytes or the header do not fit the format. Formats are told by content, not by "
     "name."},
    {kTruncated, kInputCode, "file ends too early",
     "The file was cut: the BGZF end marker is missing, a block is incomplete, or the last record "
     "has "
     "no end. Copy it again from the source and compare checksums."},
    {kRecordCount, kInputCode, "record count differs from the index or header",
     "The index was built from another version of the file, or the header of a BGEN counts another "
     "number of variants: either the file lost records (BGZF blocks can vanish without any "
     "checksum "
     "noticing) or the index is stale. Compare with the original; if the file is right, build the "
     "index again (`kinflow index FILE`)."},
    {kMalformed, kInputCode, "malformed record",
     "A line or record cannot be read. File, line and field are given."},
    {kFieldAbsent, kInputCode, "dosage field absent",
     "The genotype file, or a record, lacks the FORMAT field that was asked for, and GT, which "
     "would "
     "stand for it. `input.field: auto` chooses "
     "among "
     "those present (DS, HDS, GP, GT) and reports its choice."},
    {kDosageInvalid, kInputCode, "dosage or genotype out of range",
     "A dosage is not a number between 0 and the ploidy, or a genotype names an allele that the "
     "record does not have. Decimal commas are refused."},
    {kOffGrid, kInputCode, "dosage off the planned grid",
     "Dosages are kept losslessly as integers; the number of units per allele copy was planned "
     "from "
     "the first records of every file, and a later value does not fit. Set `dosage.units` to a "
     "finer "
     "grid (10000, or 16384 to round)."},
    {kFileSize, kInputCode, "file size does not fit",
     "The size of a .bed follows from its .bim and .fam, the counts of a .pgen are those of its "
     ".pvar "
     "and .psam, and its last record ends with the file; something differs. Either a file was "
     "truncated or the companions belong to another file."},
    {kChecksumMismatch, kInputCode, "checksum file does not fit",
     "A .md5 or .sha256 beside the input disagrees with its content: the input is damaged or "
     "newer."},
    {kLimitExceeded, kInputCode, "safety limit exceeded",
     "A line, allele, header or compression ratio is beyond what genotype files hold; this "
     "protects "
     "against damaged or hostile files."},
    {kDuplicateSamples, kInputCode, "sample id occurs twice",
     "Sample ids must be unique, also among the batches of an input. Row numbers of both are "
     "given."},
    {kBuildMismatch, kInputCode, "genome builds differ",
     "Genotypes and score are on different genome builds. Use the score file harmonised to the "
     "build "
     "of the genotypes."},
    {kNoCommonSamples, kInputCode, "no sample in common",
     "None of the ids of two inputs agree. Look at the id columns: FID and IID joined by _, "
     "prefixes, "
     "leading zeros."},
    {kPedigreeLoop, kInputCode, "pedigree loop", "A person is their own ancestor."},
    {kDuplicateChild, kInputCode, "child declared twice",
     "The pedigree gives one child in two rows."},
    {kParentSex, kInputCode, "parent of the wrong sex",
     "A mother is recorded as male or a father as female."},
    {kSamplesDiffer, kInputCode, "genotype files differ in samples",
     "All files of one input must hold the same samples in the same order."},
    {kFieldsDiffer, kInputCode, "genotype files differ in dosage field or ploidy",
     "The files of one input must all offer the chosen field; mixing hard calls and dosages would "
     "bias the scores. Choose `input.field` or split the input. Batches must write haploid "
     "genotypes (males on X, everybody on Y and MT) in one way, with one allele copy or with two, "
     "or sums would differ by a factor of two between them."},
    {kVariantOrder, kInputCode, "variants unsorted",
     "Positions go backwards within a chromosome, or a chromosome comes back later in the file."},
    {kColumnMissing, kInputCode, "column missing in a table",
     "A table lacks a column that the config names. The columns present are listed."},
    {kNoVariantMatched, kInputCode, "no variant matched",
     "None of a score's variants is among the genotypes: mostly another genome build, or only part "
     "of the chromosomes."},
    {kOverlapTooLow, kInputCode, "too few of a score's variants matched",
     "The share of matched lines is below scores.match.min_overlap (--min-overlap), or that of "
     "their |weights| below scores.match.min_weight_overlap (--min-weight-overlap). "
     "match_summary.tsv and match_log.tsv.gz say why each line was lost; if what is left will do, "
     "set the share lower."},
    {kNoVariantsLeft, kInputCode, "no variant is left",
     "Every variant was removed, ledger.tsv shows by which filter; none is in the selection; or "
     "the "
     "batches of an input have none in common, batches_log.tsv.gz says why of each."},
    {kNoSamplesLeft, kInputCode, "no sample passes QC",
     "Every sample was removed; ledger.tsv shows by which filter."},
    {kUnsupportedEffect, kInputCode, "effect type not supported",
     "The score file holds rows (HLA, haplotype, interaction, non-additive) that cannot be "
     "computed "
     "from dosages of single variants."},
    {kNotAccepted, kInputCode, "loss not accepted",
     "Part of the run failed or lost data. List it under `accept:` with a reason if that is "
     "intended."},
    {kModelFailed, kInputCode, "model failed", "A model could not be fitted; the others were."},
    {kNoEstimableTerm, kInputCode, "no score term can be estimated",
     "All score terms of a model are aliased with other terms, constant or entirely missing."},
    {kConstantOutcome, kInputCode, "outcome is constant",
     "The outcome has the same value in all rows used."},
    {kAllMissing, kInputCode, "a variable is missing in all rows",
     "A covariate or outcome has no value in any row; check the column name and the id column."},
    {kTooFewRows, kInputCode, "too few rows for the model",
     "After dropping incomplete rows fewer rows remain than the model needs."},
    {kAliased, kInputCode, "aliased term",
     "A term is a linear combination of others; its estimate is NA and the model is fitted without "
     "it."},
    {kReadFailed, kIoCode, "read failed", "The system could not read a file that was open."},
    {kWriteFailed, kIoCode, "write failed", "The system could not write."},
    {kSyncFailed, kIoCode, "fsync or close failed",
     "The system could not bring written data to disk; network file systems report errors here."},
    {kRenameFailed, kIoCode, "rename failed", "A finished file could not be moved to its name."},
    {kFolderNotWritable, kIoCode, "folder or file not writable",
     "The output or work folder is read-only or belongs to somebody else."},
    {kShardDamaged, kStoreCode, "stored data damaged",
     "A shard differs from the digest in its manifest. `kinflow verify` lists all damage; deleting "
     "the named artifact folder and running again rebuilds it."},
    {kManifestDamaged, kStoreCode, "manifest damaged",
     "A manifest cannot be read. Delete the artifact folder and run again."},
    {kShardMissing, kStoreCode, "shard missing",
     "A manifest names a shard that is not there. Delete the artifact folder and run again."},
    {kNotAStore, kStoreCode, "not a kinflow artifact",
     "The folder or file was not written by kinflow, or by a version with another layout."},
    {kMemoryBudget, kResourceCode, "memory budget too small",
     "The smallest working set does not fit into --memory. The message says how much is needed."},
    {kOutOfMemory, kResourceCode, "out of memory", "The system refused memory."},
    {kDiskFull, kResourceCode, "disk full or quota reached",
     "No space left while writing. Finished shards are kept: free space and run the same command."},
    {kFileSizeLimit, kResourceCode, "file size limit reached", "ulimit -f is too low."},
    {kLocked, kResourceCode, "work folder in use",
     "Another run holds the work folder; `kinflow status` says who. Two runs never share one."},
    {kEnvironment, kResourceCode, "environment not supported",
     "The file system or CPU lacks something kinflow needs; `kinflow doctor` tests it."},
    {kInternal, ExitCode::kInternal, "internal error",
     "A bug in kinflow. Please report it with the log file, which holds no individual data."},
    {kStopped, ExitCode::kCheckpointed, "stopped on request",
     "A signal asked the run to stop. All finished work is sealed; the same command goes on."},
});

}  // namespace

std::span<const ErrorEntry> ErrorCatalog() { return kEntries; }

const ErrorEntry& Describe(ErrorId id) {
  const auto it =
      std::lower_bound(kEntries.begin(), kEntries.end(), id,
                       [](const ErrorEntry& e, ErrorId wanted) { return e.id < wanted; });
  if (it != kEntries.end() && it->id == id) return *it;
  return Describe(kInternal);
}

std::string ErrorName(ErrorId id) { return fmt::format("E{:04}", static_cast<int>(id)); }

}  // namespace kinflow
