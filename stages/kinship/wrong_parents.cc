#include <fmt/format.h>

#include <algorithm>

#include "stages/kinship/reconciler.h"

namespace kinflow::kinship {

using State = Link::State;

// A parent who is none.

void Reconciler::WrongParents() {
  for (size_t l = 0; l < graph_.links().size(); ++l) {
    const Link& link = graph_.link(l);
    const JudgedPair& pair = graph_.pair_of(l);
    if (link.explained || link.state != State::kRejected) continue;
    if (pair.declared != Relation::kParentChild) continue;
    const PairOfSamples s = pair.pair.samples;
    if (graph_.IsParent(s.first, s.second)) {
      WrongParent(l, s.first, s.second);
    } else {
      WrongParent(l, s.second, s.first);
    }
  }
}

void Reconciler::WrongParent(size_t l, uint32_t parent, uint32_t child) {
  const bool father = graph_.IsFather(parent, child);
  const bool child_fits = graph_.Count(child, State::kConfirmed) > 0;
  const bool parent_fits = graph_.Count(parent, State::kConfirmed) > 0;
  Conflict conflict = Make(father ? "non-paternity" : "non-maternity", l, child, parent);
  const char* role = father ? "father" : "mother";
  int confidence = (child_fits ? 1 : 0) + (parent_fits ? 1 : 0);
  conflict.evidence = fmt::format(
      "found {}; the child's other first-degree relations {}, those "
      "of the {} {}",
      RelationName(graph_.pair_of(l).found),
      child_fits ? "are confirmed" : "are not confirmed or unknown", role,
      parent_fits ? "are confirmed" : "are not confirmed or unknown");
  std::string now;
  if (const auto real = OtherParent(child, graph_.cohort().sexes[parent])) {
    now = graph_.Name(*real);
    conflict.evidence += fmt::format("; {} is found as first-degree relative", now);
    const Link& found = graph_.link(graph_.Between(child, *real)->link);
    confidence = WithRealParent(found, *real, confidence, conflict.evidence);
    ExplainBetween(child, *real);
  } else if (const auto perhaps = OtherParent(child, Sex::kUnknown)) {
    conflict.evidence += fmt::format(
        "; {} is found as first-degree relative, whose sex is not known: perhaps the {}",
        graph_.Name(*perhaps), role);
  }
  for (const uint32_t s : {child, parent}) {
    if (!OfOtherSex(s) && (!now.empty() || !MayBeExchanged(s))) continue;
    conflict.evidence += fmt::format(
        "; relatives or the sex found of {} are others than declared: samples may be exchanged",
        graph_.Name(s));
    confidence = std::min(confidence, 1);
  }
  constexpr const char* kConfidences[] = {"low", "medium", "high"};
  conflict.confidence = kConfidences[confidence];
  conflict.decision = {father ? Action::kSetFather : Action::kSetMother, graph_.Name(child), now};
  conflicts_.push_back(std::move(conflict));
  graph_.Explain(l);
  // Sibs by that parent are half-sibs at most.
  for (const auto& edge : graph_.of(child)) {
    if (graph_.pair(edge).declared == Relation::kFullSib) graph_.Explain(edge.link);
  }
}

/// True if the genotypes are next of kin to somebody who should be less, or no relative, of the
/// sample. With a real parent found these may be that parent's relatives.
bool Reconciler::MayBeExchanged(uint32_t sample) const {
  const auto& edges = graph_.of(sample);
  return std::any_of(edges.begin(), edges.end(), [this](const LinkGraph::Edge& edge) {
    const JudgedPair& pair = graph_.pair(edge);
    if (!FirstDegree(pair.found) || FirstDegree(pair.declared)) return false;
    const bool unexpected = graph_.Open(edge, State::kUnexpected) && graph_.link(edge.link).alone;
    return unexpected || graph_.Open(edge, State::kRejected);
  });
}

/// The confidence, 0 to 2, of a decision that names somebody found as the parent; says why in the
/// evidence. `found`: the link of `real` to the child.
int Reconciler::WithRealParent(const Link& found, uint32_t real, int confidence,
                               std::string& evidence) const {
  if (graph_.AnyRejected(real)) {
    evidence += ", whose own declared relations are rejected: samples may be exchanged";
    confidence = std::min(confidence, 1);
  } else if (found.alone) {
    confidence = 2;
  }
  if (ByChance(found)) {
    evidence += ", as chance finds some people at this number of variants";
    confidence = std::max(confidence - 1, 0);
  }
  return confidence;
}

/// A person of the wrong parent's sex who is found, undeclared, as parent or child.
std::optional<uint32_t> Reconciler::OtherParent(uint32_t child, Sex sex) const {
  std::optional<uint32_t> real;
  for (const auto& edge : graph_.of(child)) {
    if (!graph_.Open(edge, State::kUnexpected)) continue;
    if (!FirstDegree(graph_.pair(edge).found)) continue;
    if (graph_.cohort().sexes[edge.other] != sex || real) continue;
    if (!years_.MayBeParent(graph_.Name(edge.other), graph_.Name(child))) continue;
    real = edge.other;
  }
  return real;
}

/// The child's links to a found parent and to whom the pedigree relates that parent.
void Reconciler::ExplainBetween(uint32_t child, uint32_t real) {
  for (const auto& edge : graph_.of(child)) {
    const bool itself = edge.other == real;
    if (!graph_.Open(edge, State::kUnexpected)) continue;
    if (itself || graph_.Between(real, edge.other) != nullptr) graph_.Explain(edge.link);
  }
}

}  // namespace kinflow::kinship
