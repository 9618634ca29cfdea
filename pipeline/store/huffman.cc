#include "pipeline/store/huffman.h"

#include <algorithm>
#include <array>
#include <vector>

namespace kinflow {
namespace {

struct Node {
  uint64_t weight = 0;
  uint16_t symbol = 0;
  uint32_t parent = 0;
  unsigned depth = 0;
};

// Two queues: leaves ascending by weight, then inner nodes in the order they are made, which is
// ascending too. Ties take the leaf and the lower symbol first, so the code is unique.
unsigned BuildTree(std::span<const uint32_t> counts, std::vector<Node>& nodes) {
  nodes.clear();
  for (size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] > 0) nodes.push_back({counts[s], static_cast<uint16_t>(s)});
  }
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const Node& a, const Node& b) { return a.weight < b.weight; });
  const size_t leaves = nodes.size();
  size_t leaf = 0, inner = leaves;
  const auto take = [&] {
    const bool from_leaves =
        leaf < leaves && (inner >= nodes.size() || nodes[leaf].weight <= nodes[inner].weight);
    return from_leaves ? leaf++ : inner++;
  };
  for (size_t k = 0; k + 1 < leaves; ++k) {
    const size_t a = take(), b = take();
    nodes[a].parent = nodes[b].parent = static_cast<uint32_t>(nodes.size());
    nodes.push_back({nodes[a].weight + nodes[b].weight});
  }
  unsigned deepest = 0;
  for (size_t i = nodes.size() - 1; i-- > 0;) {
    nodes[i].depth = nodes[nodes[i].parent].depth + 1;
    deepest = std::max(deepest, nodes[i].depth);
  }
  nodes.resize(leaves);
  return deepest;
}

}  // namespace

void HuffmanLengths(std::span<const uint32_t> counts, unsigned limit, std::span<uint8_t> lengths) {
  std::vector<uint32_t> work(counts.begin(), counts.end());
  std::vector<Node> nodes;
  nodes.reserve(2 * counts.size());
  while (BuildTree(work, nodes) > limit) {
    for (auto& c : work) {
      if (c > 0) c = c / 2 + 1;
    }
  }
  std::fill(lengths.begin(), lengths.end(), uint8_t{0});
  for (const Node& n : nodes) lengths[n.symbol] = static_cast<uint8_t>(n.depth);
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
