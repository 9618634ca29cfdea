#include <fmt/format.h>

#include "stages/kinship/reconciler.h"

namespace kinflow::kinship {

using State = Link::State;

// Two samples exchanged whose relations are the same as before: only the sexes are the other way
// round.

bool Reconciler::OfOtherSex(uint32_t sample) const {
  const SampleFacts& facts = facts_[sample];
  return facts.declared != Sex::kUnknown && facts.inferred != Sex::kUnknown &&
         facts.declared != facts.inferred;
}

/// Parents of the same children, full sibs, or parent and child without other relatives. A wrong
/// sex in the records of both explains it as well, but not of a parent, whose sex the role tells.
void Reconciler::ExchangedBySex() {
  for (const Trio& trio : graph_.cohort().trios) {
    if (trio.father == SampleTable::kAbsent || trio.mother == SampleTable::kAbsent) continue;
    ExchangedBySex(trio.father, trio.mother, "parents of the same children", "high");
  }
  for (size_t l = 0; l < graph_.links().size(); ++l) {
    if (graph_.link(l).explained || graph_.link(l).state != State::kConfirmed) continue;
    const JudgedPair& pair = graph_.pair_of(l);
    const auto [a, b] = pair.pair.samples;
    if (pair.declared == Relation::kParentChild) {
      ExchangedBySex(a, b, "parent and child", "high");
    } else {
      ExchangedBySex(a, b, "full sibs", "medium");
    }
  }
}

void Reconciler::ExchangedBySex(uint32_t a, uint32_t b, const char* as, const char* confidence) {
  if (!OfOtherSex(a) || !OfOtherSex(b)) return;
  for (const Conflict& told : conflicts_) {
    if (told.decision.action != Action::kExchange) continue;
    for (const uint32_t s : {told.sample_1, told.sample_2}) {
      if (s == a || s == b) return;
    }
  }
  const ExchangeEvidence evidence = EvidenceOfExchange(graph_, facts_, a, b);
  if (evidence.sexes_resolved < 2 || evidence.contradict > 0) return;
  const LinkGraph::Edge* between = graph_.Between(a, b);
  const bool related = between != nullptr && graph_.Open(*between, State::kConfirmed);
  if (!related && evidence.agree < 2) return;  // mates have nothing but their children in common
  Conflict conflict;
  conflict.kind = "swap";
  conflict.sample_1 = a;
  conflict.sample_2 = b;
  conflict.decision = Both(Action::kExchange, a, b);
  conflict.confidence = confidence;
  conflict.evidence =
      fmt::format("{}, each of the other's sex; {} relations to others fit", as, evidence.agree);
  conflicts_.push_back(std::move(conflict));
  for (const uint32_t s : {a, b}) ExplainStates(s, {State::kRejected, State::kUnexpected});
}

}  // namespace kinflow::kinship
