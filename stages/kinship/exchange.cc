#include "stages/kinship/exchange.h"

#include <algorithm>

namespace kinflow::kinship {
namespace {

using State = Link::State;

/// What the genotypes of one of the two, taken for those of the other one, are to everybody else.
class Placed {
 public:
  /// The genotypes of `x`, taken for those of person `y`.
  Placed(const LinkGraph& graph, uint32_t x, uint32_t y, ExchangeEvidence& evidence)
      : graph_(graph), x_(x), y_(y), evidence_(evidence) {}

  /// True if somebody is found as the pedigree says of `y`, and not of `x`.
  bool Run() {
    std::vector<uint32_t> others;
    for (const uint32_t s : {x_, y_}) {
      for (const auto& edge : graph_.of(s)) others.push_back(edge.other);
    }
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
    for (const uint32_t other : others) {
      if (other != x_ && other != y_) Compare(other);
    }
    return placed_;
  }

 private:
  bool Explained(const LinkGraph::Edge* edge) const {
    return edge != nullptr && graph_.link(edge->link).explained;
  }

  void Compare(uint32_t other) {
    const LinkGraph::Edge *own = graph_.Between(x_, other), *of_y = graph_.Between(y_, other);
    if (Explained(own) || Explained(of_y)) return;
    const Relation expected = of_y == nullptr ? Relation::kUnrelated : graph_.pair(*of_y).declared;
    if (own != nullptr) {
      Compare(*own, expected);
    } else if (FirstDegree(expected) && !graph_.Undecided(x_, other)) {
      ++evidence_.contradict;
    }
  }

  void Compare(const LinkGraph::Edge& own, Relation expected) {
    const Link& link = graph_.link(own.link);
    const JudgedPair& pair = graph_.pair(own);
    if (link.state == State::kUncertain) return;
    const bool both_first = FirstDegree(expected) && FirstDegree(pair.found);
    const bool tested = link.state == State::kRejected && pair.declared == expected;
    if (pair.found == expected) {
      ++evidence_.agree;
      evidence_.unchanged += pair.declared == expected ? 1 : 0;
    } else if (FirstDegree(expected)) {
      const bool near = both_first || pair.found == Relation::kSecondDegree;
      if (tested || !near) {
        ++evidence_.contradict;
      } else if (!both_first) {
        ++evidence_.unclear;
      }
    } else if (FirstDegree(pair.found) || pair.found == Relation::kDuplicate) {
      const bool perhaps_strangers = link.state == State::kUnexpected && !link.alone;
      evidence_.contradict += perhaps_strangers ? 0 : 1;
    }
    if (link.state == State::kConfirmed || tested) return;
    if (pair.found != expected && !both_first) return;
    evidence_.explained.push_back(own.link);
    placed_ |= pair.found != Relation::kUnrelated;
  }

  const LinkGraph& graph_;
  uint32_t x_, y_;
  ExchangeEvidence& evidence_;
  bool placed_ = false;
};

}  // namespace

ExchangeEvidence EvidenceOfExchange(const LinkGraph& graph, const std::vector<SampleFacts>& facts,
                                    uint32_t a, uint32_t b) {
  ExchangeEvidence evidence;
  const bool placed_a = Placed(graph, a, b, evidence).Run();
  const bool placed_b = Placed(graph, b, a, evidence).Run();
  evidence.both_placed = placed_a && placed_b;
  std::vector<size_t>& links = evidence.explained;
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
  for (const auto& [x, y] : {std::pair(a, b), std::pair(b, a)}) {
    const Sex genotyped = facts[x].inferred, own = facts[x].declared, others = facts[y].declared;
    if (genotyped == Sex::kUnknown || others == Sex::kUnknown) continue;
    evidence.sexes_contradict |= genotyped != others;
    evidence.sexes_agree += genotyped == others ? 1 : 0;
    const bool not_own = own != Sex::kUnknown && own != genotyped;
    evidence.sexes_resolved += genotyped == others && not_own ? 1 : 0;
  }
  return evidence;
}

}  // namespace kinflow::kinship
