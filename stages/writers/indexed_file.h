#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/writers/bgzf_writer.h"

namespace kinflow {

/// The last base that a .tbi can hold (SAM specification, section 5.1.1: bins of 2^29 bases).
inline constexpr uint64_t kTabixBases = 1ull << 29;

enum class IndexKind : uint8_t {
  kTabix,  // NAME.tbi, for VCF
  kCsi,    // NAME.csi, for BCF, and for VCF with bases behind kTabixBases
};

/// Closes the file, builds its index with htslib and publishes both under `path`. Returns both
/// paths. An index of the other kind that is there is of the file replaced, and removed. Throws
/// kWriteFailed, and what publishing throws; nothing is published then.
std::vector<std::string> PublishIndexed(BgzfWriter& file, const std::string& path, IndexKind kind);

}  // namespace kinflow
