#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/base/error.h"

namespace kinflow {

/// Throws kMalformed for an id that tables and text formats could not hold. `row` counts from 1.
inline void RequirePersonId(const std::string& id, uint64_t row, std::string_view file) {
  const bool bad = std::any_of(id.begin(), id.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
  });
  if (!bad) return;
  throw Error(ErrorId::kMalformed, "an id holds a tab, a line end or a control character")
      .InFile(file)
      .AtRecord(row)
      .Remedy("correct the id in the program that wrote the file");
}

}  // namespace kinflow
