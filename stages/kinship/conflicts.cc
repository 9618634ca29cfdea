#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "stages/kinship/conflict.h"
#include "stages/kinship/kinship.h"
#include "stages/kinship/link_graph.h"

namespace kinflow::kinship {
namespace {

using State = Link::State;

class Reconciler {
 public:
  Reconciler(const Cohort& cohort, const std::vector<JudgedPair>& pairs, std::vector<Link> links,
             const std::vector<uint64_t>& missing)
      : graph_(cohort, pairs, std::move(links)), missing_(missing) {}

  std::vector<Conflict> Run() {
    Duplicates();
    while (const auto swap = BestSwap()) ExplainSwap(*swap);
    Misplaced();
    WrongParents();
    Remaining();
    return std::move(conflicts_);
  }

 private:
  struct Swap {
    uint32_t a, b;
    size_t explains;
    std::vector<size_t> links;
  };

  Conflict Make(std::string kind, size_t link, uint32_t sample_1, uint32_t sample_2) const {
    Conflict conflict;
    conflict.kind = std::move(kind);
    conflict.pair = graph_.link(link).pair;
    conflict.sample_1 = sample_1;
    conflict.sample_2 = sample_2;
    conflict.p = graph_.link(link).p;
    return conflict;
  }

  // One person under two names.

  void Duplicates() {
    for (size_t l = 0; l < graph_.links().size(); ++l) {
      const JudgedPair& pair = graph_.pair_of(l);
      if (pair.found != Relation::kDuplicate) continue;
      if (graph_.link(l).state != State::kRejected && !graph_.link(l).alone) continue;
      if (pair.declared == Relation::kFullSib) {
        Twins(l);
      } else {
        Duplicate(l);
      }
    }
  }

  void Twins(size_t l) {
    const PairOfSamples s = graph_.pair_of(l).pair.samples;
    Conflict conflict = Make("twins", l, s.first, s.second);
    conflict.decision = "keep both as monozygotic twins";
    conflict.confidence = "medium";
    conflict.evidence = "declared full sibs have the same genotypes: twins, or one sample twice";
    conflicts_.push_back(std::move(conflict));
    graph_.Explain(l);
  }

  void Duplicate(size_t l) {
    auto [x, y] = graph_.pair_of(l).pair.samples;
    // The one that its own family does not fit, or that has no family, is the copy.
    const auto misfit = [&](uint32_t s) { return graph_.Count(s, State::kRejected); };
    const auto fit = [&](uint32_t s) { return graph_.Count(s, State::kConfirmed); };
    const auto rank = [&](uint32_t s) {
      return std::tuple(misfit(s) > 0 && fit(s) == 0, fit(s) == 0, missing_[s], s);
    };
    if (rank(x) < rank(y)) std::swap(x, y);
    Conflict conflict = Make("duplicate", l, x, y);
    if (misfit(x) > 0 && fit(x) == 0) {
      conflict.decision = fmt::format("remove {}", graph_.Name(x));
      conflict.confidence = misfit(y) == 0 ? "high" : "medium";
      conflict.evidence = fmt::format(
          "the genotypes under {} are those of {}: {} declared first-degree relations of {} "
          "are rejected, none is found",
          graph_.Name(x), graph_.Name(y), misfit(x), graph_.Name(x));
      ExplainStates(x, {State::kRejected, State::kUncertain});
    } else {
      conflict.decision = fmt::format("keep {}, remove {}", graph_.Name(y), graph_.Name(x));
      conflict.confidence = fit(x) == 0 ? "high" : "medium";
      conflict.evidence =
          fmt::format("one person twice ({} and {} missing calls), or monozygotic twins",
                      missing_[x], missing_[y]);
    }
    conflicts_.push_back(std::move(conflict));
    graph_.Explain(l);
    // What is found of the copy is the other one's.
    for (const auto& edge : graph_.of(x)) {
      if (graph_.Open(edge, State::kUnexpected) && graph_.Between(y, edge.other) != nullptr) {
        graph_.Explain(edge.link);
      }
    }
  }

  void ExplainStates(uint32_t sample, std::initializer_list<State> states) {
    for (const auto& edge : graph_.of(sample)) {
      for (const State state : states) {
        if (graph_.Open(edge, state)) graph_.Explain(edge.link);
      }
    }
  }

  // Two samples exchanged.

  /// Links that an exchange of x and y explains: rejected relations of x, and unexpected ones of x
  /// to relatives of y.
  void Explained(uint32_t x, uint32_t y, std::vector<size_t>& rejected,
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

  bool Displaced(uint32_t sample) const {
    return graph_.Count(sample, State::kRejected) > 0 &&
           graph_.Count(sample, State::kConfirmed) == 0;
  }

  std::optional<Swap> BestSwap() const {
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

  void ExplainSwap(const Swap& swap) {
    const size_t shown =
        *std::min_element(swap.links.begin(), swap.links.end(), [this](size_t k, size_t l) {
          return std::pair(graph_.link(k).p, k) < std::pair(graph_.link(l).p, l);
        });
    size_t rejected = 0;
    for (const size_t l : swap.links) rejected += graph_.link(l).state == State::kRejected ? 1 : 0;
    Conflict conflict = Make("swap", shown, swap.a, swap.b);
    conflict.decision = fmt::format("exchange {} and {}", graph_.Name(swap.a), graph_.Name(swap.b));
    conflict.confidence = swap.links.size() >= 4 ? "high" : "medium";
    conflict.evidence =
        fmt::format("exchanged, {} rejected relations and {} undeclared ones fall into place",
                    rejected, swap.links.size() - rejected);
    conflicts_.push_back(std::move(conflict));
    graph_.ExplainAll(swap.a);
    graph_.ExplainAll(swap.b);
  }

  // A sample of somebody else.

  void Misplaced() {
    for (;;) {
      uint32_t worst = 0;
      size_t most = 1;  // one rejected relation may be the other person's fault
      for (uint32_t s = 0; s < graph_.cohort().samples->size(); ++s) {
        const size_t rejected = graph_.Count(s, State::kRejected);
        if (rejected > most && graph_.Count(s, State::kConfirmed) == 0) {
          worst = s;
          most = rejected;
        }
      }
      if (most == 1) return;
      TellMisplaced(worst, most);
    }
  }

  void TellMisplaced(uint32_t s, size_t rejected) {
    std::string elsewhere;
    std::optional<size_t> shown;
    for (const auto& edge : graph_.of(s)) {
      if (graph_.Open(edge, State::kRejected) && !shown) shown = edge.link;
      if (!graph_.Open(edge, State::kUnexpected)) continue;
      elsewhere += fmt::format("{}{} of {}", elsewhere.empty() ? "; found as " : ", ",
                               RelationName(graph_.pair(edge).found), graph_.Name(edge.other));
    }
    Conflict conflict = Make("misplaced", *shown, s, OtherOf(*shown, s));
    conflict.decision = fmt::format("remove {}", graph_.Name(s));
    conflict.confidence = elsewhere.empty() ? "medium" : "high";
    conflict.evidence = fmt::format(
        "{} declared first-degree relations are rejected, none is found{}", rejected, elsewhere);
    conflicts_.push_back(std::move(conflict));
    graph_.ExplainAll(s);
  }

  uint32_t OtherOf(size_t link, uint32_t sample) const {
    const PairOfSamples s = graph_.pair_of(link).pair.samples;
    return s.first == sample ? s.second : s.first;
  }

  // A parent who is none.

  void WrongParents() {
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

  void WrongParent(size_t l, uint32_t parent, uint32_t child) {
    const bool father = graph_.IsFather(parent, child);
    const bool child_fits = graph_.Count(child, State::kConfirmed) > 0;
    const bool parent_fits = graph_.Count(parent, State::kConfirmed) > 0;
    Conflict conflict = Make(father ? "non-paternity" : "non-maternity", l, child, parent);
    const char* role = father ? "father" : "mother";
    conflict.confidence = child_fits && parent_fits   ? "high"
                          : child_fits || parent_fits ? "medium"
                                                      : "low";
    conflict.evidence = fmt::format(
        "found {}; the child's other first-degree relations {}, those "
        "of the {} {}",
        RelationName(graph_.pair_of(l).found),
        child_fits ? "are confirmed" : "are not confirmed or unknown", role,
        parent_fits ? "are confirmed" : "are not confirmed or unknown");
    std::string now = "unknown";
    if (const auto real = OtherParent(child, graph_.cohort().sexes[parent])) {
      now = graph_.Name(*real);
      conflict.evidence += fmt::format("; {} is found as first-degree relative", now);
      conflict.confidence = "high";
      ExplainBetween(child, *real);
    }
    conflict.decision = fmt::format("set the {} of {} to {}", role, graph_.Name(child), now);
    conflicts_.push_back(std::move(conflict));
    graph_.Explain(l);
    // Sibs by that parent are half-sibs at most.
    for (const auto& edge : graph_.of(child)) {
      if (graph_.pair(edge).declared == Relation::kFullSib) graph_.Explain(edge.link);
    }
  }

  /// A person of the wrong parent's sex who is found, undeclared, as parent or child.
  std::optional<uint32_t> OtherParent(uint32_t child, Sex sex) const {
    std::optional<uint32_t> real;
    for (const auto& edge : graph_.of(child)) {
      if (!graph_.Open(edge, State::kUnexpected)) continue;
      if (!FirstDegree(graph_.pair(edge).found)) continue;
      if (graph_.cohort().sexes[edge.other] == sex && !real) real = edge.other;
    }
    return real;
  }

  /// The child's links to a found parent and to whom the pedigree relates that parent.
  void ExplainBetween(uint32_t child, uint32_t real) {
    for (const auto& edge : graph_.of(child)) {
      const bool itself = edge.other == real;
      if (!graph_.Open(edge, State::kUnexpected)) continue;
      if (itself || graph_.Between(real, edge.other) != nullptr) graph_.Explain(edge.link);
    }
  }

  // What is left.

  /// Closest pairs first: more distant ones may follow from them.
  void Remaining() {
    std::vector<size_t> open;
    for (size_t l = 0; l < graph_.links().size(); ++l) {
      const Link& link = graph_.link(l);
      if (link.explained) continue;
      if (link.state == State::kRejected || link.alone) open.push_back(l);
    }
    std::stable_sort(open.begin(), open.end(), [this](size_t k, size_t l) {
      return Kinship(graph_.pair_of(k).pair.counts) > Kinship(graph_.pair_of(l).pair.counts);
    });
    for (const size_t l : open) {
      const Link& link = graph_.link(l);
      if (const auto conflict = FollowsFrom(l)) {
        told_[l] = *conflict;
        ++followers_[*conflict];
        continue;
      }
      told_[l] = conflicts_.size();
      const JudgedPair& pair = graph_.pair_of(l);
      const PairOfSamples s = pair.pair.samples;
      const bool cryptic = link.state == State::kUnexpected;
      Conflict conflict = Make(cryptic ? "cryptic" : "other-relation", l, s.first, s.second);
      conflict.decision = cryptic ? "keep both as relatives" : "check the pedigree";
      conflict.confidence = FirstDegree(pair.found) ? "high" : "medium";
      conflict.evidence = fmt::format("declared {}, found {}", RelationName(pair.declared),
                                      RelationName(pair.found));
      conflicts_.push_back(std::move(conflict));
    }
    for (const auto& [conflict, n] : followers_) {
      conflicts_[conflict].evidence +=
          fmt::format("; {} more distant {} from it", n, n == 1 ? "pair follows" : "pairs follow");
    }
  }

  /// The conflict of a told pair that, with a declared first-degree relation or another told pair,
  /// relates the two people of an undeclared one.
  std::optional<size_t> FollowsFrom(size_t l) const {
    if (graph_.link(l).state != State::kUnexpected) return std::nullopt;
    const PairOfSamples s = graph_.pair_of(l).pair.samples;
    for (const auto& edge : graph_.of(s.first)) {
      const LinkGraph::Edge* on = graph_.Between(edge.other, s.second);
      if (on == nullptr) continue;
      const auto first = told_.find(edge.link), second = told_.find(on->link);
      const bool first_told = first != told_.end(), second_told = second != told_.end();
      if (first_told && (second_told || FirstDegree(graph_.pair(*on).declared))) {
        return first->second;
      }
      if (second_told && FirstDegree(graph_.pair(edge).declared)) return second->second;
    }
    return std::nullopt;
  }

  LinkGraph graph_;
  const std::vector<uint64_t>& missing_;
  std::vector<Conflict> conflicts_;
  std::map<size_t, size_t> told_;       // link -> the conflict that tells it
  std::map<size_t, size_t> followers_;  // conflict -> pairs that follow from it
};

}  // namespace

std::vector<Conflict> FindConflicts(const Cohort& cohort, const std::vector<JudgedPair>& pairs,
                                    std::vector<Link> links, const std::vector<uint64_t>& missing) {
  return Reconciler(cohort, pairs, std::move(links), missing).Run();
}

}  // namespace kinflow::kinship
