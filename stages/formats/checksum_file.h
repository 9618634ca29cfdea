#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kinflow {

enum class ChecksumKind : uint8_t { kSha256, kMd5 };
std::string_view ChecksumName(ChecksumKind kind);  // "sha256", "md5"

/// Checksum of a whole file in lower-case hexadecimal digits.
std::string ChecksumOfFile(const std::string& path, ChecksumKind kind);

/// Checksum that somebody stated for a file.
struct StatedChecksum {
  std::string source;  // file it stands in
  ChecksumKind kind = ChecksumKind::kSha256;
  std::string digest;  // lower case
};

/// Looks for FILE.sha256, FILE.md5, then for the file's name in the lists of its folder
/// (SHA256SUMS, sha256sums, sha256sum.txt; MD5SUMS, md5sums, md5sum.txt). Lines are those of
/// sha256sum and md5sum, with and without --tag. Throws kMalformed if FILE.sha256 or FILE.md5 holds
/// no checksum.
std::optional<StatedChecksum> FindChecksum(const std::string& path);

}  // namespace kinflow
