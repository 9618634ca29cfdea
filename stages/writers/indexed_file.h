#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/writers/bgzf_writer.h"

namespace kinflow {

enum class IndexKind : uint8_t {
  kTabix,  // NAME.tbi, for VCF
  kCsi,    // NAME.csi, for BCF
};

/// Closes the file, builds its index with htslib and publishes both under `path`. Returns both
/// paths. Throws kWriteFailed, and what publishing throws; nothing is published then.
std::vector<std::string> PublishIndexed(BgzfWriter& file, const std::string& path, IndexKind kind);

}  // namespace kinflow
