#pragma once

#include <string>

#include "pipeline/base/file.h"
#include "pipeline/store/layout.h"

namespace kinflow {

/// How to get a damaged artifact back; `folder` is the artifact's. A file that lies elsewhere is a
/// copy: nothing around it is to be removed.
inline std::string RebuildRemedy(const std::string& folder) {
  if (BaseName(FolderOf(FolderOf(folder))) != layout::kArtifacts) {
    return "copy the file again from where it was made, or make it again";
  }
  return "rebuild it: rm -r '" + folder + "', then run the command that made it again";
}

}  // namespace kinflow
