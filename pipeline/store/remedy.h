#pragma once

#include <string>

#include "pipeline/base/file.h"

namespace kinflow {

/// How to get a damaged artifact back; `folder` is the artifact's.
inline std::string RebuildRemedy(const std::string& folder) {
  return "rebuild it: rm -r '" + folder + "', then run the same command again";
}

}  // namespace kinflow
