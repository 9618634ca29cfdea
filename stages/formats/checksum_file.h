#pragma once

#include <optional>
#include <string>

namespace kinflow {

/// MD5 of a whole file, 32 lower-case hexadecimal digits.
std::string Md5OfFile(const std::string& path);

/// Checksum that somebody stated for a file.
struct StatedChecksum {
  std::string source;  // file it stands in
  std::string md5;     // "" if only another kind is stated
  std::string kind;    // "md5", "sha256"
};

/// Looks for FILE.md5, then md5sums, MD5SUMS, md5sum.txt in its folder, then FILE.sha256 (which is
/// found but not verified). Throws kMalformed if FILE.md5 holds no checksum.
std::optional<StatedChecksum> FindChecksum(const std::string& path);

}  // namespace kinflow
