#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "stages/kinship/reconciler.h"

namespace kinflow::kinship {

using State = Link::State;

// Two samples exchanged.

bool Reconciler::Displaced(uint32_t sample) const {
  return graph_.Count(sample, State::kRejected) > 0 && graph_.Count(sample, State::kConfirmed) == 0;
}

/// Whose sample this may be: the relatives of those who are found to be its own, against what is
/// declared.
std::set<uint32_t> Reconciler::MayBe(uint32_t sample) const {
  std::set<uint32_t> others;
  for (const auto& edge : graph_.of(sample)) {
    if (!graph_.Open(edge, State::kUnexpected) && !graph_.Open(edge, State::kRejected)) continue;
    if (graph_.pair(edge).found == Relation::kUnrelated) continue;
    for (const uint32_t other : graph_.Relatives(edge.other)) others.insert(other);
  }
  others.erase(sample);
  return others;
}

/// Two who have rejected relations, or one of them where both are of the other's sex, and whose
/// genotypes may be those of the other one.
std::set<std::pair<uint32_t, uint32_t>> Reconciler::ToExchange() const {
  const auto any_rejected = [this](uint32_t s) {
    const auto& edges = graph_.of(s);
    return std::any_of(edges.begin(), edges.end(), [this](const LinkGraph::Edge& edge) {
      return graph_.Open(edge, State::kRejected);
    });
  };
  std::set<std::pair<uint32_t, uint32_t>> pairs;
  for (uint32_t x = 0; x < graph_.cohort().samples->size(); ++x) {
    const bool rejected = any_rejected(x), of_other_sex = OfOtherSex(x);
    if (!rejected && !of_other_sex) continue;
    for (const uint32_t y : MayBe(x)) {
      const bool both = rejected && any_rejected(y);
      const bool by_sexes = of_other_sex && OfOtherSex(y) && (rejected || any_rejected(y));
      if (both || by_sexes) pairs.emplace(std::min(x, y), std::max(x, y));
    }
  }
  return pairs;
}

/// Both fall into place among the relatives of the other one, with the other one's sex, or their
/// sexes alone do and no relation contradicts. One that does may be another fault, but not if those
/// of one of the two stand: then another fault alone explains what is found.
std::vector<Exchange> Reconciler::Exchanges() const {
  std::vector<Exchange> exchanges;
  for (const auto& [x, y] : ToExchange()) {
    Exchange exchange{x, y, EvidenceOfExchange(graph_, facts_, x, y), std::nullopt};
    const ExchangeEvidence& evidence = exchange.evidence;
    if (evidence.explained.empty() || evidence.sexes_contradict) continue;
    const bool by_sexes = evidence.sexes_resolved == 2 && evidence.contradict == 0;
    if (!evidence.both_placed && !by_sexes) continue;
    if (evidence.contradict > evidence.agree) continue;
    if (evidence.contradict > 0 && !(Displaced(x) && Displaced(y))) continue;
    exchanges.push_back(std::move(exchange));
  }
  return exchanges;
}

/// The one that agrees best, the first of equals; a rival takes the confidence.
std::optional<Exchange> Reconciler::BestExchange() const {
  const std::vector<Exchange> exchanges = Exchanges();
  if (exchanges.empty()) return std::nullopt;
  const auto at = std::max_element(
      exchanges.begin(), exchanges.end(),
      [](const Exchange& one, const Exchange& other) { return one.score() < other.score(); });
  Exchange best = *at;
  const std::vector<size_t>& links = best.evidence.explained;
  const auto shares_links = [&links](const Exchange& other) {
    const std::vector<size_t>& its = other.evidence.explained;
    return std::find_first_of(its.begin(), its.end(), links.begin(), links.end()) != its.end();
  };
  for (auto other = exchanges.begin(); other != exchanges.end() && !best.rival; ++other) {
    const bool as_good = other->score() >= best.score() && shares_links(*other);
    if (other == at || !(as_good || other->ExplainsTheSame(best))) continue;
    best.rival = {other->a, other->b};
  }
  return best;
}

void Reconciler::TellExchange(const Exchange& exchange) {
  const ExchangeEvidence& evidence = exchange.evidence;
  const std::vector<size_t>& links = evidence.explained;
  const size_t shown = *std::min_element(links.begin(), links.end(), [this](size_t k, size_t l) {
    return std::pair(graph_.link(k).p, k) < std::pair(graph_.link(l).p, l);
  });
  size_t rejected = 0;
  for (const size_t l : links) rejected += graph_.link(l).state == State::kRejected ? 1 : 0;
  Conflict conflict = Make("swap", shown, exchange.a, exchange.b);
  conflict.decision = Both(Action::kExchange, exchange.a, exchange.b);
  const bool many = links.size() + evidence.sexes_resolved >= 4;
  // Three of a family exchanged in turn, a parent among them, may differ from two by the sexes
  // only.
  const auto parent = [this](uint32_t x) {
    const Role role = graph_.cohort().roles[x];
    return role == Role::kMother || role == Role::kFather;
  };
  const bool by_sexes = evidence.sexes_agree < 2 && (parent(exchange.a) || parent(exchange.b)) &&
                        graph_.Between(exchange.a, exchange.b) != nullptr;
  const bool sure = many && evidence.unclear == 0 && !exchange.rival && !by_sexes;
  conflict.confidence = evidence.contradict > 0 ? "low" : sure ? "high" : "medium";
  conflict.evidence =
      fmt::format("exchanged, {} rejected relations and {} undeclared ones fall into place",
                  rejected, links.size() - rejected);
  if (evidence.contradict > 0) {
    conflict.evidence += fmt::format(
        "; {} {} this: more samples may be exchanged, or a relation wrong", evidence.contradict,
        evidence.contradict == 1 ? "relation contradicts" : "relations contradict");
  }
  if (exchange.rival) {
    conflict.evidence +=
        fmt::format("; an exchange of {} and {} explains as much",
                    graph_.Name(exchange.rival->first), graph_.Name(exchange.rival->second));
  }
  conflicts_.push_back(std::move(conflict));
  graph_.ExplainAll(exchange.a);
  graph_.ExplainAll(exchange.b);
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
      TellTurned(l, mates->link, edge.other, child);
      break;
    }
  }
}

/// The samples of all three, exchanged in turn, give the same relations: then the sample under the
/// child's name is of the other parent's sex.
void Reconciler::TellTurned(size_t rejected, size_t found, uint32_t parent, uint32_t child) {
  const ExchangeEvidence evidence = EvidenceOfExchange(graph_, facts_, parent, child);
  if (evidence.contradict > evidence.agree) return;
  const uint32_t other_parent = OtherOf(rejected, child);
  Conflict conflict = Make("swap", rejected, parent, child);
  conflict.decision = Both(Action::kExchange, parent, child);
  const bool sure = evidence.unclear == 0 && evidence.sexes_agree == 2;
  conflict.confidence = evidence.contradict > 0                 ? "low"
                        : sure && !ByChance(graph_.link(found)) ? "high"
                                                                : "medium";
  conflict.evidence = fmt::format(
      "{} and {} are parent and child, but the other parent is found as the child or parent of {}",
      graph_.Name(parent), graph_.Name(child), graph_.Name(parent));
  if (evidence.sexes_contradict) {
    conflict.decision.action = Action::kCheck;
    conflict.confidence = "medium";
    conflict.evidence += fmt::format(
        "; exchanged, they would not be of the sexes that are found: with {}, three samples may be "
        "exchanged in turn",
        graph_.Name(other_parent));
    graph_.ExplainAll(other_parent);
  }
  conflicts_.push_back(std::move(conflict));
  graph_.Explain(rejected);
  graph_.Explain(found);
  graph_.ExplainAll(parent);
  graph_.ExplainAll(child);
}

}  // namespace kinflow::kinship
