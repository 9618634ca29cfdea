#include "stages/simulate/genealogy.h"

#include <algorithm>
#include <numeric>

#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {
namespace {
constexpr int kLeaves = static_cast<int>(kPanel);
}

Genealogy::Genealogy(Philox rng, double recombination) : rng_(rng), recombination_(recombination) {
  Reset();
}

void Genealogy::Reset() {
  nodes_.assign(2 * kLeaves - 1, Node{});
  std::vector<int> lineages(kLeaves);
  std::iota(lineages.begin(), lineages.end(), 0);
  double time = 0;
  for (int node = kLeaves; node < 2 * kLeaves - 1; ++node) {
    const auto k = static_cast<double>(lineages.size());
    time += Exponential(rng_, 2.0 / (k * (k - 1)));
    nodes_[node].time = time;
    for (int side = 0; side < 2; ++side) {
      const size_t pick = rng_.Below(lineages.size());
      nodes_[node].child[side] = lineages[pick];
      nodes_[lineages[pick]].parent = node;
      lineages[pick] = lineages.back();
      lineages.pop_back();
    }
    lineages.push_back(node);
  }
  root_ = 2 * kLeaves - 2;
  Measure();
  to_event_ = Exponential(rng_, 2.0 / (recombination_ * total_));
}

void Genealogy::Measure() {
  total_ = 0;
  for (const Node& n : nodes_) {
    if (n.parent >= 0) total_ += nodes_[n.parent].time - n.time;
  }
}

int Genealogy::PickBranch(double& depth) {
  double at = rng_.Uniform() * total_;
  int last = 0;
  for (int i = 0; i < static_cast<int>(nodes_.size()); ++i) {
    if (nodes_[i].parent < 0) continue;
    const double length = nodes_[nodes_[i].parent].time - nodes_[i].time;
    last = i;
    depth = std::min(at, length);
    if (at < length) return i;
    at -= length;
  }
  return last;  // rounding at the very end
}

// Cuts a branch at a uniform point and lets the upper end join any lineage older than that point,
// each at rate 1.
void Genealogy::Recombine() {
  double depth = 0;
  const int cut = PickBranch(depth);
  double time = nodes_[cut].time + depth;
  const int joint = nodes_[cut].parent;  // becomes free
  const int sibling = nodes_[joint].child[nodes_[joint].child[0] == cut ? 1 : 0];
  const int above = nodes_[joint].parent;
  nodes_[sibling].parent = above;
  if (above >= 0) {
    nodes_[above].child[nodes_[above].child[0] == joint ? 0 : 1] = sibling;
  } else {
    root_ = sibling;
  }

  // Lineages of the remaining tree alive at `time`: nodes below it whose parent is above it. The
  // cut subtree lies wholly below the cut, and its own branches end below `time`.
  const auto alive = [&](int i, double t) {
    if (i == cut || i == joint) return false;
    return nodes_[i].time <= t &&
           (nodes_[i].parent < 0 ? i == root_ : nodes_[nodes_[i].parent].time > t);
  };
  order_.clear();
  for (int i = kLeaves; i < 2 * kLeaves - 1; ++i) {
    if (i != joint && nodes_[i].time > time) order_.push_back(i);
  }
  std::sort(order_.begin(), order_.end(),
            [&](int x, int y) { return nodes_[x].time < nodes_[y].time; });
  // Each older node merges two lineages into one; above the root one lineage is left.
  size_t lineages = order_.size() + 1, next = 0;
  for (;;) {
    const double wait = Exponential(rng_, 1.0 / static_cast<double>(lineages));
    if (next == order_.size() || time + wait < nodes_[order_[next]].time) {
      time += wait;
      break;
    }
    time = nodes_[order_[next++]].time;
    --lineages;
  }
  size_t pick = rng_.Below(lineages);
  int target = root_;
  for (int i = 0; i < static_cast<int>(nodes_.size()); ++i) {
    if (alive(i, time) && pick-- == 0) {
      target = i;
      break;
    }
  }
  const int target_parent = nodes_[target].parent;
  nodes_[joint] = {time, target_parent, {cut, target}};
  nodes_[cut].parent = joint;
  nodes_[target].parent = joint;
  if (target_parent >= 0) {
    nodes_[target_parent].child[nodes_[target_parent].child[0] == target ? 0 : 1] = joint;
  } else {
    root_ = joint;
  }
  Measure();
}

void Genealogy::Advance(double distance) {
  while (to_event_ < distance) {
    distance -= to_event_;
    Recombine();
    to_event_ = Exponential(rng_, 2.0 / (recombination_ * total_));
  }
  to_event_ -= distance;
}

PanelSet Genealogy::Mutate() {
  double depth = 0;
  std::vector<int> stack = {PickBranch(depth)};
  PanelSet carriers{};
  while (!stack.empty()) {
    const int i = stack.back();
    stack.pop_back();
    if (i < kLeaves) {
      carriers[i / 64] |= uint64_t{1} << (i % 64);
    } else {
      stack.push_back(nodes_[i].child[0]);
      stack.push_back(nodes_[i].child[1]);
    }
  }
  return carriers;
}

}  // namespace kinflow::simulate
