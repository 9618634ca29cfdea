#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kinflow {

/// Offset of the first byte that is not well-formed UTF-8 (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF), or npos.
size_t FindInvalidUtf8(std::string_view text);
/// "byte 4, e9, is not UTF-8" for the first such byte, counted from 1; "" for well-formed text.
std::string Utf8Fault(std::string_view text);

/// Code points in well-formed text; continuation bytes are not counted.
size_t CountCodePoints(std::string_view text);

}  // namespace kinflow
