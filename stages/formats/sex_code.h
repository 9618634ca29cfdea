#pragma once

#include <string_view>

#include "pipeline/data/sample_table.h"

namespace kinflow {

/// Sex as .psam and .sample files write it.
inline Sex SexOf(std::string_view text) {
  if (text == "1" || text == "M" || text == "m") return Sex::kMale;
  if (text == "2" || text == "F" || text == "f") return Sex::kFemale;
  return Sex::kUnknown;
}

}  // namespace kinflow
