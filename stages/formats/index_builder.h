#pragma once

#include <string>

namespace kinflow {

/// Where the index of a VCF (.tbi) or BCF (.csi) goes.
std::string VariantIndexPath(const std::string& path, bool bcf);

/// Builds that index with htslib: a partial file, published when complete. The file is opened by
/// FileHandle, never by name, so that no address inside it is followed. Throws kFormatUnknown for a
/// file that is not BGZF, kMalformed for one that cannot be indexed, kWriteFailed.
void BuildVariantIndex(const std::string& path, bool bcf);

}  // namespace kinflow
