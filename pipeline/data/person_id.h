#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/base/error.h"
#include "pipeline/base/utf8.h"

namespace kinflow {

/// Throws kMalformed for an id that tables and text formats could not hold. `row` counts from 1.
inline void RequirePersonId(const std::string& id, uint64_t row, std::string_view file) {
  const auto any = [&](auto is) { return std::any_of(id.begin(), id.end(), is); };
  // Nearly all ids are of these characters: one look at each.
  if (!any([](char c) { return c < ' ' || c > '~'; })) return;
  const bool control = any([](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  const std::string bad = control ? "a tab, a line end or a control character" : Utf8Fault(id);
  if (bad.empty()) return;
  throw Error(ErrorId::kMalformed,
              (control ? "an id holds " : "an id holds what no table can: ") + bad)
      .InFile(file)
      .AtRecord(row)
      .Remedy(control ? "correct the id in the program that wrote the file"
                      : "correct the id, or write the file in UTF-8 (a text: iconv -t utf-8)");
}

}  // namespace kinflow
