#pragma once

#include <algorithm>
#include <cstdint>

#include "pipeline/data/dosage_tile.h"

// Names and shapes that writer and readers of the store share. Described in README.md.
namespace kinflow::layout {

inline constexpr int64_t kFormatVersion = 1;

// Attributes of the root group of every dosage shard.
inline constexpr char kFormat[] = "format";  // "kinflow-dosage"
inline constexpr char kFormatVersionName[] = "format_version";
inline constexpr char kSamplesDigest[] = "samples_digest";  // SampleTable::digest, hex
inline constexpr char kSampleCount[] = "samples";
inline constexpr char kShardIndex[] = "shard";
inline constexpr char kHasFlags[] = "has_call_flags";  // 0: /calls holds zeros only
inline constexpr char kFlagBits[] = "flag_bits";       // of /calls: all its values or-ed
inline constexpr char kBuild[] = "genome_build";       // "GRCh37", "GRCh38", "" = unknown
inline constexpr char kDosageFormat[] = "kinflow-dosage";

// Attributes of a dosage dataset.
inline constexpr char kUnits[] = "units_per_copy";
inline constexpr char kErrorBound[] = "error_bound";
inline constexpr char kMissingValue[] = "missing_value";
inline constexpr char kDescription[] = "description";
inline constexpr char kScale[] = "scale_factor";        // 1 / units: dosage = value * scale_factor
inline constexpr char kRowTable[] = "row_table";        // "/variants": one entry a row
inline constexpr char kColumnTable[] = "column_table";  // "/samples": one entry a column
inline constexpr char kField[] = "field";               // FORMAT field of the source, or "bed"

// Paths.
inline constexpr char kDosage[] = "/dosage";      // variants x samples
inline constexpr char kCalls[] = "/calls";        // variants x samples, CallFlag bits
inline constexpr char kVariants[] = "/variants";  // group: WriteVariants
inline constexpr char kSamples[] = "/samples";    // group fid, iid, sex, in every shard

// Columns of a variant group.
inline constexpr char kChrom[] = "chrom";  // u16, index into chrom_names
inline constexpr char kChromNames[] = "chrom_names";
inline constexpr char kPos[] = "pos";  // u32, 1-based
inline constexpr char kId[] = "id";
inline constexpr char kRef[] = "ref";
inline constexpr char kAlt[] = "alt";
inline constexpr char kInfo[] = "info";  // f32, NaN = not stated
inline constexpr char kMultiallelic[] = "multiallelic";

// Group of a table: its columns in order.
inline constexpr char kColumns[] = "columns";

// Attribute of a matrix without columns: its number of rows.
inline constexpr char kEmptyRows[] = "rows";

// Files of an artifact folder.
inline constexpr char kArtifacts[] = "artifacts";
inline constexpr char kManifestFile[] = "manifest.json";

/// Rows and samples of a dosage chunk: about 1 MB uncompressed.
inline constexpr uint32_t kChunkSamples = 4096;
inline constexpr uint32_t ChunkRows(DosageEncoding::Layout layout) {
  return layout == DosageEncoding::Layout::kU16 ? 128 : 256;
}
inline uint32_t ChunkColumns(uint32_t n_samples) { return std::min(n_samples, kChunkSamples); }

/// Bytes that a chunk of a small dataset aims at.
inline constexpr uint64_t kTableChunkBytes = 1u << 20;

}  // namespace kinflow::layout
