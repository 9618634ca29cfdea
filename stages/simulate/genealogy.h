#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pipeline/base/philox.h"

namespace kinflow::simulate {

/// The ancestral haplotypes that founders are mosaics of, and which of them carry an allele.
constexpr unsigned kPanel = 128;
using PanelSet = std::array<uint64_t, kPanel / 64>;

/// Genealogy of the panel along a chromosome: a coalescent tree changed by recombination under the
/// sequentially Markov coalescent (McVean & Cardin 2005). A mutation falls on a branch in
/// proportion to its length, so carriers follow the 1/x spectrum and neighbouring variants are in
/// linkage disequilibrium, without any table of frequencies or correlations.
class Genealogy {
 public:
  /// `recombination`: 4 N r a base pair; times are in units of 2N generations.
  Genealogy(Philox rng, double recombination);

  /// A new independent tree (the start of a chromosome).
  void Reset();
  /// Moves `distance` base pairs along.
  void Advance(double distance);
  /// Carriers of a new mutation, at least one, never all.
  PanelSet Mutate();
  double total_length() const { return total_; }

 private:
  struct Node {
    double time = 0;
    int parent = -1;
    int child[2] = {-1, -1};
  };
  int PickBranch(double& depth);
  void Recombine();
  void Measure();

  Philox rng_;
  double recombination_;
  std::vector<Node> nodes_;
  int root_ = -1;
  double total_ = 0;
  double to_event_ = 0;  // base pairs to the next recombination
  std::vector<int> order_;
};

}  // namespace kinflow::simulate
