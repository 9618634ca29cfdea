#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kinflow::family {

/// Pairs of area names that are neighbours, as a file lists them. Being neighbours holds both ways.
struct NeighbourList {
  std::vector<std::pair<std::string, std::string>> pairs;
};

/// Spatial weights of n areas, all of which have a neighbour.
struct SpatialWeights {
  struct Entry {
    uint32_t area = 0;
    double weight = 0;
  };
  std::vector<std::vector<Entry>> rows;  // entries by ascending area; no weight of an area itself
  double s0 = 0, s1 = 0, s2 = 0;         // Cliff and Ord's sums

  size_t n() const { return rows.size(); }
};

/// Neighbours of each of `names` among them, as ascending indices. Names of `list` that are not
/// among them, and areas listed as their own neighbours, do not count.
std::vector<std::vector<uint32_t>> NeighboursOf(const std::vector<std::string>& names,
                                                const NeighbourList& list);

/// Binary weights, or such that each row sums to 1.
SpatialWeights MakeWeights(const std::vector<std::vector<uint32_t>>& neighbours,
                           bool row_standardised);

}  // namespace kinflow::family
