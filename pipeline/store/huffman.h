#pragma once

#include <cstdint>
#include <span>

namespace kinflow {

/// Length-limited Huffman code lengths of `counts` (0 = symbol unused, length 0). Always a complete
/// code: at least two symbols must have a count. Counts are halved until the limit is met.
void HuffmanLengths(std::span<const uint32_t> counts, unsigned limit, std::span<uint8_t> lengths);

/// Canonical codes (RFC 1951, 3.2.2), bits reversed as deflate writes them.
void CanonicalCodes(std::span<const uint8_t> lengths, std::span<uint16_t> codes);

}  // namespace kinflow
