#include <fmt/format.h>

#include <algorithm>

#include "stages/kinship/kinship.h"
#include "stages/kinship/reconciler.h"

namespace kinflow::kinship {

using State = Link::State;

// Two samples exchanged.

/// Links that an exchange of x and y explains: rejected relations of x, and unexpected ones of x
/// to relatives of y.
void Reconciler::Explained(uint32_t x, uint32_t y, std::vector<size_t>& rejected,
                           std::vector<size_t>& found) const {
  for (const auto& edge : graph_.of(x)) {
    if (graph_.Open(edge, State::kRejected)) rejected.push_back(edge.link);
    if (!graph_.Open(edge, State::kUnexpected)) continue;
    const LinkGraph::Edge* declared = graph_.Between(y, edge.other);
    if (declared != nullptr && FirstDegree(graph_.pair(*declared).declared)) {
      found.push_back(edge.link);
    }
  }
}

bool Reconciler::Displaced(uint32_t sample) const {
  return graph_.Count(sample, State::kRejected) > 0 && graph_.Count(sample, State::kConfirmed) == 0;
}

std::optional<Reconciler::Swap> Reconciler::BestSwap() const {
  std::optional<Swap> best;
  for (uint32_t x = 0; x < graph_.cohort().samples->size(); ++x) {
    if (!Displaced(x)) continue;
    for (const auto& edge : graph_.of(x)) {
      if (!graph_.Open(edge, State::kUnexpected)) continue;
      for (const uint32_t y : graph_.Relatives(edge.other)) {
        if (y <= x || !Displaced(y)) continue;
        std::vector<size_t> links, found_x, found_y;
        Explained(x, y, links, found_x);
        Explained(y, x, links, found_y);
        if (found_x.empty() || found_y.empty()) continue;
        links.insert(links.end(), found_x.begin(), found_x.end());
        links.insert(links.end(), found_y.begin(), found_y.end());
        if (!best || links.size() > best->explains) best = Swap{x, y, links.size(), links};
      }
    }
  }
  return best;
}

void Reconciler::ExplainSwap(const Swap& swap) {
  const size_t shown =
      *std::min_element(swap.links.begin(), swap.links.end(), [this](size_t k, size_t l) {
        return std::pair(graph_.link(k).p, k) < std::pair(graph_.link(l).p, l);
      });
  size_t rejected = 0;
  for (const size_t l : swap.links) rejected += graph_.link(l).state == State::kRejected ? 1 : 0;
  Conflict conflict = Make("swap", shown, swap.a, swap.b);
  conflict.decision = Both(Action::kExchange, swap.a, swap.b);
  conflict.confidence = swap.links.size() >= 4 ? "high" : "medium";
  conflict.evidence =
      fmt::format("exchanged, {} rejected relations and {} undeclared ones fall into place",
                  rejected, swap.links.size() - rejected);
  conflicts_.push_back(std::move(conflict));
  graph_.ExplainAll(swap.a);
  graph_.ExplainAll(swap.b);
}

/// Parent and child of one family exchanged: the relation of the two stands, but now the other
/// parent is rejected as the child's and found as a child or parent of the first. Who lies under
/// the child's name is then the other parent's mate, and no relative: where one is found, the other
/// parent's sample is another child's of the first, or their parent's.
void Reconciler::TurnedRound() {
  for (size_t l = 0; l < graph_.links().size(); ++l) {
    const Link& link = graph_.link(l);
    if (link.explained || link.state != State::kRejected) continue;
    const JudgedPair& pair = graph_.pair_of(l);
    if (pair.declared != Relation::kParentChild || pair.found != Relation::kUnrelated) continue;
    auto [other_parent, child] = pair.pair.samples;
    if (!graph_.IsParent(other_parent, child)) std::swap(other_parent, child);
    for (const auto& edge : graph_.of(child)) {
      if (!graph_.Open(edge, State::kConfirmed) || !graph_.IsParent(edge.other, child)) continue;
      const LinkGraph::Edge* mates = graph_.Between(edge.other, other_parent);
      if (mates == nullptr || !graph_.Open(*mates, State::kUnexpected)) continue;
      if (graph_.pair(*mates).found != Relation::kParentChild) continue;
      ExplainTurned(l, mates->link, edge.other, child);
      break;
    }
  }
}

void Reconciler::ExplainTurned(size_t rejected, size_t found, uint32_t parent, uint32_t child) {
  Conflict conflict = Make("swap", rejected, parent, child);
  conflict.decision = Both(Action::kExchange, parent, child);
  conflict.confidence = ByChance(graph_.link(found)) ? "medium" : "high";
  conflict.evidence = fmt::format(
      "{} and {} are parent and child, but the other parent is found as the child or parent of {}",
      graph_.Name(parent), graph_.Name(child), graph_.Name(parent));
  conflicts_.push_back(std::move(conflict));
  graph_.Explain(rejected);
  graph_.Explain(found);
  graph_.ExplainAll(parent);
  graph_.ExplainAll(child);
}

}  // namespace kinflow::kinship
