#include "pipeline/store/huffman.h"

#include <algorithm>
#include <array>

namespace kinflow {
namespace {

constexpr size_t kMostSymbols = 286;  // deflate's literals and lengths

// A leaf or an inner node of the code tree: leaves first.
struct Tree {
  std::array<uint64_t, 2 * kMostSymbols> weight;
  std::array<uint16_t, 2 * kMostSymbols> parent;
  std::array<uint8_t, 2 * kMostSymbols> depth;
};

// Two queues: leaves ascending by weight, then inner nodes in the order they are made, which is
// ascending too. Ties take the leaf first. Returns the largest depth.
unsigned BuildTree(size_t leaves, Tree& tree) {
  size_t leaf = 0, inner = leaves, nodes = leaves;
  const auto take = [&] {
    const bool from_leaves =
        leaf < leaves && (inner >= nodes || tree.weight[leaf] <= tree.weight[inner]);
    return from_leaves ? leaf++ : inner++;
  };
  for (size_t k = 0; k + 1 < leaves; ++k) {
    const size_t a = take(), b = take();
    tree.parent[a] = tree.parent[b] = static_cast<uint16_t>(nodes);
    tree.weight[nodes++] = tree.weight[a] + tree.weight[b];
  }
  unsigned deepest = 0;
  tree.depth[nodes - 1] = 0;
  for (size_t i = nodes - 1; i-- > 0;) {
    tree.depth[i] = static_cast<uint8_t>(tree.depth[tree.parent[i]] + 1);
    deepest = std::max<unsigned>(deepest, tree.depth[i]);
  }
  return deepest;
}

}  // namespace

void HuffmanLengths(std::span<const uint32_t> counts, unsigned limit, std::span<uint8_t> lengths) {
  // Weight above symbol: equal weights take the lower symbol first, so the code is unique.
  std::array<uint64_t, kMostSymbols> used;
  size_t leaves = 0;
  for (size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] > 0) used[leaves++] = uint64_t{counts[s]} << 16 | s;
  }
  std::sort(used.begin(), used.begin() + leaves);
  Tree tree;
  for (size_t i = 0; i < leaves; ++i) tree.weight[i] = used[i] >> 16;
  while (BuildTree(leaves, tree) > limit) {
    for (size_t i = 0; i < leaves; ++i) tree.weight[i] = tree.weight[i] / 2 + 1;
  }
  std::fill(lengths.begin(), lengths.end(), uint8_t{0});
  for (size_t i = 0; i < leaves; ++i) lengths[used[i] & 0xffff] = tree.depth[i];
}

void CanonicalCodes(std::span<const uint8_t> lengths, std::span<uint16_t> codes) {
  std::array<uint32_t, 16> count{}, next{};
  for (const uint8_t length : lengths) ++count[length];
  count[0] = 0;
  for (size_t bits = 1; bits < 16; ++bits) next[bits] = (next[bits - 1] + count[bits - 1]) << 1;
  for (size_t s = 0; s < lengths.size(); ++s) {
    const unsigned length = lengths[s];
    if (length == 0) continue;
    const uint32_t code = next[length]++;
    uint32_t reversed = 0;
    for (unsigned b = 0; b < length; ++b) reversed |= ((code >> b) & 1) << (length - 1 - b);
    codes[s] = static_cast<uint16_t>(reversed);
  }
}

}  // namespace kinflow
