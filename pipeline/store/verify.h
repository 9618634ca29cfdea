#pragma once

#include <string>

namespace kinflow {

enum class VerifyDepth {
  kChecksums,  // every chunk is there and fits its fletcher32
  kContents,   // and inflates to its full length
};

/// Reads every dataset of an HDF5 file of the store. Throws kShardDamaged with file and dataset.
void VerifyH5File(const std::string& path, VerifyDepth depth);

}  // namespace kinflow
