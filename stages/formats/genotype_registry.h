#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stages/formats/file_source.h"
#include "stages/formats/genotype_options.h"
#include "stages/formats/variant_order.h"
#include "stages/formats/vcf_header.h"

namespace kinflow {

/// What the header and the first records of one genotype file show.
struct FileFacts {
  std::string path;
  GenotypeFormat format = GenotypeFormat::kVcf;
  Container container = Container::kPlain;
  uint64_t bytes = 0;
  SampleTablePtr samples;
  std::string detail;                   // bgen: "1.2 (zlib, 8 bit)"
  std::vector<std::string> companions;  // bed, pgen: variants and samples; bgen: .sample
  std::optional<uint64_t> variants;     // rows: bed, pgen; bgen with an index
  std::optional<uint64_t> records;      // counted by header, index or size: bed, pgen, bgen
  std::string index;                    // bgen: the .bgi that was checked, "" = none
  std::string index_fault;              // vcf, bcf: IndexFault of the index beside it
  uint32_t native_units = 0;  // the one grid that the format keeps dosages on (pgen), else 0
  uint32_t units = 0;         // bgen: grid of its probabilities; 0 = to be found among the values
  uint64_t probed_records = 0;
  std::vector<ContigLine>
      contigs;  // chromosomes that header or table names, as written; may be none
  /// What all probed records can be read from, in order of preference: fields that stand in all,
  /// then dosages that stand in some, beside GT in all others, then GT.
  std::vector<DosageField> fields;
  std::vector<DosageField> some;  // dosages in some records, and neither they nor GT in others
  /// Dosages that the header declares and no probed record has, with GT in all of these and records
  /// behind them: read only if asked for by name.
  std::vector<DosageField> declared;
  std::string build;              // "", GRCh37, GRCh38
  std::string build_evidence;     // "contig 20 length 63025520", "##reference=...", or ""
  std::vector<ByteRange> ranges;  // what is read of it for regions, ids; empty = all
  std::string reads_all_because;  // FileSource::reads_all_because
};

/// A genotype input after its probe: everything that is decided before the first full read.
struct GenotypePlan {
  std::vector<FileFacts> files;
  DosagePlan dosage;
};

/// One genotype format: the seam for new ones.
struct FormatEntry {
  std::string_view name;
  GenotypeFormat format;
  std::vector<std::string_view> extensions;
  /// `head`: the first decompressed bytes.
  bool (*sniff)(std::string_view head);
  FileFacts (*probe)(const std::string& path, const GenotypeOptions& options);
  std::unique_ptr<FileSource> (*open)(const std::string& path, const DosagePlan& plan,
                                      const ReadChoice& choice, const VariantOrderPtr& order);
};

/// All formats kinflow reads genotypes from.
std::span<const FormatEntry> GenotypeFormats();
/// The format of a file by its content. Throws kMissingFile, kUnreadableFile (a pipe, too),
/// kTruncated, kFormatUnknown.
const FormatEntry& SniffGenotypes(const std::string& path);
/// The same; null if it is none of them.
const FormatEntry* FindGenotypeFormat(const std::string& path);
/// True if the name of a file is one of genotypes, by its ending.
bool HasGenotypeName(const std::string& path);

/// Expands patterns, reads headers and first records of all files, and decides field and units:
/// one of each for the whole input, and with regions or ids what parts of each file are read.
/// Throws kFieldAbsent, kFieldsDiffer, kSamplesDiffer, kBuildMismatch, and whatever is wrong with a
/// file.
GenotypePlan ProbeGenotypes(const GenotypeOptions& options);

std::unique_ptr<GenotypeSource> OpenGenotypes(const GenotypeOptions& options,
                                              const GenotypePlan& plan);
std::unique_ptr<GenotypeSource> OpenGenotypes(const GenotypeOptions& options);

}  // namespace kinflow
