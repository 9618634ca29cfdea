#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/hash.h"
#include "pipeline/data/table.h"
#include "stages/formats/genotype_registry.h"

namespace kinflow {

/// What is known of one input file before it is used.
struct InputInfo {
  std::string path;
  std::string batch;   // of the batches of an input, else ""
  std::string format;  // "vcf (BGZF)", "bed", "bgen 1.2 (zlib, 8 bit)", ...
  uint64_t bytes = 0;
  Digest digest;       // XXH3-128 of the whole file
  std::string field;   // GT, DS, GP, HDS, bed
  uint32_t units = 1;  // per allele copy
  double error_bound = 0;
  std::string index;  // path, "" = none
  std::optional<uint64_t> index_records;
  std::string checksum;      // "verified md5", "sha256 not verified" (read in part), ""
  std::string completeness;  // "index", "checksum", "size", "header", "not verifiable"
  std::string build;         // "", GRCh37, GRCh38
  std::string build_evidence;
  /// Less than `bytes` if regions, or a list of ids, and an index spare some.
  uint64_t bytes_to_read = 0;
  std::string reads_all_because;  // of regions that spare nothing: "no index"
  std::vector<std::string> warnings;
};

/// Digest of a file; kinflow passes one that remembers digests by file stamp. Null: HashFile.
using DigestOf = std::function<Digest(const std::string& path)>;
/// True if the stated checksum of this version of the file has been verified before (skips the
/// reading); null: always verify. Called with the file and the stated checksum.
using ChecksumKnown = std::function<bool(const std::string& path, const std::string& stated)>;

/// Digest over parts of a file and where they lie. Throws kTruncated.
Digest HashRanges(const std::string& path, const std::vector<ByteRange>& ranges);

/// Of a file that is read in part only the parts have a digest, and a checksum of all its bytes is
/// not verified. One row a file (.bed or .pgen, its variants and samples; .bgen, its .sample and
/// .bgi). Throws kChecksumMismatch.
std::vector<InputInfo> TakeInventory(const GenotypePlan& plan, const DigestOf& digest_of = {},
                                     const ChecksumKnown& checksum_known = {});
/// Row of a table or list beside the genotypes; `format` says what it is. Throws
/// kChecksumMismatch.
InputInfo DescribeTable(const std::string& path, const std::string& format,
                        const DigestOf& digest_of = {}, const ChecksumKnown& checksum_known = {});
/// Throws kChecksumMismatch if a checksum file states another checksum for the file.
void CheckStatedChecksum(const std::string& path);
/// The table of inputs.tsv.
Table InventoryTable(const std::vector<InputInfo>& inputs);

}  // namespace kinflow
