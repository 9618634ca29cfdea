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

namespace kinflow {

/// What the header and the first records of one genotype file show.
struct FileFacts {
  std::string path;
  GenotypeFormat format = GenotypeFormat::kVcf;
  Container container = Container::kPlain;
  uint64_t bytes = 0;
  SampleTablePtr samples;
  std::optional<uint64_t> variants;  // bed
  uint64_t probed_records = 0;
  std::vector<DosageField> fields;  // in all probed records, in order of preference
  std::string build;                // "", GRCh37, GRCh38
  std::string build_evidence;       // "contig 20 length 63025520", "##reference=...", or ""
  bool reordered = false;           // the first file's people in another order
  std::vector<ByteRange> ranges;    // what is read of it; empty = all
  std::string reads_all_because;    // FileSource::reads_all_because
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
/// The format of a file by its content. Throws kMissingFile, kUnreadableFile, kTruncated,
/// kFormatUnknown.
const FormatEntry& SniffGenotypes(const std::string& path);

/// Expands patterns, reads headers and first records of all files, and decides field and units:
/// one of each for the whole input. With regions it also decides what parts of each file are read.
/// Files whose people are those of the first one in another order are read in its order. Throws
/// kFieldAbsent, kFieldsDiffer, kSamplesDiffer,
/// kBuildMismatch, and whatever is wrong with a file.
GenotypePlan ProbeGenotypes(const GenotypeOptions& options);

std::unique_ptr<GenotypeSource> OpenGenotypes(const GenotypeOptions& options,
                                              const GenotypePlan& plan);
std::unique_ptr<GenotypeSource> OpenGenotypes(const GenotypeOptions& options);

}  // namespace kinflow
