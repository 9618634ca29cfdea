#include "stages/family/spatial/neighbours.h"

#include <algorithm>
#include <unordered_map>

namespace kinflow::family {

std::vector<std::vector<uint32_t>> NeighboursOf(const std::vector<std::string>& names,
                                                const NeighbourList& list) {
  std::unordered_map<std::string, uint32_t> at;
  for (size_t i = 0; i < names.size(); ++i) at.emplace(names[i], static_cast<uint32_t>(i));
  std::vector<std::vector<uint32_t>> out(names.size());
  for (const auto& [a, b] : list.pairs) {
    const auto first = at.find(a), second = at.find(b);
    if (first == at.end() || second == at.end() || first->second == second->second) continue;
    out[first->second].push_back(second->second);
    out[second->second].push_back(first->second);
  }
  for (auto& row : out) {
    std::sort(row.begin(), row.end());
    row.erase(std::unique(row.begin(), row.end()), row.end());
  }
  return out;
}

SpatialWeights MakeWeights(const std::vector<std::vector<uint32_t>>& neighbours,
                           bool row_standardised) {
  SpatialWeights out;
  const auto weight = [&](size_t row) {
    return row_standardised ? 1 / static_cast<double>(neighbours[row].size()) : 1.0;
  };
  std::vector<double> column_sums(neighbours.size(), 0.0);
  for (size_t i = 0; i < neighbours.size(); ++i) {
    out.rows.emplace_back();
    for (const uint32_t j : neighbours[i]) {
      out.rows.back().push_back({j, weight(i)});
      column_sums[j] += weight(i);
      out.s0 += weight(i);
      // The neighbour has a weight for this area too: each pair is met twice.
      const double both = weight(i) + weight(j);
      out.s1 += both * both / 2;
    }
  }
  for (size_t i = 0; i < neighbours.size(); ++i) {
    const double row_sum = weight(i) * static_cast<double>(neighbours[i].size());
    out.s2 += (row_sum + column_sums[i]) * (row_sum + column_sums[i]);
  }
  return out;
}

}  // namespace kinflow::family
