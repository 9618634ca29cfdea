#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stages/formats/genotype_values.h"

namespace kinflow {

// Layout of BGEN 1.1 to 1.3 (www.chg.ox.ac.uk/~gav/bgen_format): pure functions on bytes. All
// numbers are little-endian.

/// The header block: everything before the first variant but the sample ids.
struct BgenHeader {
  enum class Compression : uint8_t { kNone, kZlib, kZstd };
  uint64_t first_variant = 0;  // its byte in the file
  uint32_t header_bytes = 0;
  uint32_t variants = 0;
  uint32_t samples = 0;
  Compression compression = Compression::kNone;
  uint8_t layout = 2;  // 1 or 2
  bool has_ids = false;

  /// "1.1", "1.2" or "1.3".
  std::string_view version() const;
  std::string_view compression_name() const;
};

/// True if a file that starts with `head` (at least 20 bytes) is BGEN.
bool LooksLikeBgen(std::string_view head);

/// Parses the header of a file of `file_bytes` that starts with `bytes`. Returns how many bytes the
/// file has before its first variant: if more than are there, `header` is unfinished and the call
/// has to be repeated with as many. Throws kFormatUnknown, kTruncated, kMalformed, kLimitExceeded.
uint64_t ParseBgenHeader(std::span<const uint8_t> bytes, uint64_t file_bytes,
                         const std::string& file, BgenHeader& header);

/// Ids of the sample block; `bytes` as for the header, complete. Throws kMalformed with the
/// sample's row.
std::vector<std::string> ParseBgenIds(std::span<const uint8_t> bytes, const BgenHeader& header,
                                      const std::string& file);

/// One variant up to its genotypes; texts point into the bytes it was parsed from.
struct BgenVariant {
  std::string_view id, rsid, chrom;  // as written
  uint32_t pos = 0;
  std::vector<std::string_view> alleles;  // two or more, in the file's order
  uint64_t header_bytes = 0;              // to the genotype data
  uint64_t stored_bytes = 0;              // of the genotype data
  uint64_t unpacked_bytes = 0;            // of the genotype data after decompression

  uint32_t n_alt() const { return static_cast<uint32_t>(alleles.size()) - 1; }
  uint64_t bytes() const { return header_bytes + stored_bytes; }
  /// The rsid, or the other id where there is none.
  std::string_view name() const { return rsid.empty() || rsid == "." ? id : rsid; }
};

/// Parses the variant at the start of `bytes`. Returns how many bytes that takes: if more than are
/// there, `variant` is unfinished and the call has to be repeated with as many. Nothing is read
/// from the genotype data. Throws kMalformed, kLimitExceeded (an allele above `max_allele`, or
/// genotypes that unpack to more than their samples, alleles and bits can fill).
uint64_t ParseBgenVariant(std::span<const uint8_t> bytes, const BgenHeader& header,
                          uint64_t max_allele, const RecordPlace& place, BgenVariant& variant);

}  // namespace kinflow
