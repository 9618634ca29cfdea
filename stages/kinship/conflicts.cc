#include <fmt/format.h>

#include <algorithm>

#include "stages/kinship/kinship.h"
#include "stages/kinship/reconciler.h"

namespace kinflow::kinship {

using State = Link::State;

std::string OtherIid(const Conflict& conflict, const SampleTable& samples) {
  return conflict.sample_2 < samples.size() ? samples.iid(conflict.sample_2)
                                            : conflict.not_genotyped;
}

std::vector<Conflict> Reconciler::Run() {
  Contaminated();
  Duplicates();
  while (const auto exchange = BestExchange()) TellExchange(*exchange);
  TurnedRound();
  ExchangedBySex();
  Misplaced();
  WrongParents();
  HalfSibs();
  Remaining();
  return std::move(conflicts_);
}

Conflict Reconciler::Make(std::string kind, size_t link, uint32_t sample_1,
                          uint32_t sample_2) const {
  Conflict conflict;
  conflict.kind = std::move(kind);
  conflict.pair = graph_.link(link).pair;
  conflict.sample_1 = sample_1;
  conflict.sample_2 = sample_2;
  conflict.p = graph_.link(link).p;
  return conflict;
}

Decision Reconciler::Both(Action action, uint32_t a, uint32_t b) const {
  return {action, graph_.Name(a), graph_.Name(b)};
}

// A sample of somebody else.

/// One rejected relation may be the other person's fault, unless it is that of a parent who is
/// found next of kin to the other parent, which no mate is.
void Reconciler::Misplaced() {
  for (;;) {
    uint32_t worst = 0;
    size_t most = 0;
    for (uint32_t s = 0; s < graph_.cohort().samples->size(); ++s) {
      const size_t rejected = graph_.Count(s, State::kRejected);
      if (rejected <= most || !Displaced(s)) continue;
      if (rejected == 1 && !FoundWithMate(s)) continue;
      worst = s;
      most = rejected;
    }
    if (most == 0) return;
    TellMisplaced(worst, most);
  }
}

bool Reconciler::FoundWithMate(uint32_t s) const {
  const auto have_child = [&](uint32_t mate) {
    const auto& edges = graph_.of(s);
    return std::any_of(edges.begin(), edges.end(), [&](const LinkGraph::Edge& edge) {
      return graph_.IsParent(s, edge.other) && graph_.IsParent(mate, edge.other);
    });
  };
  const auto& edges = graph_.of(s);
  return std::any_of(edges.begin(), edges.end(), [&](const LinkGraph::Edge& edge) {
    return graph_.Open(edge, State::kUnexpected) && FirstDegree(graph_.pair(edge).found) &&
           have_child(edge.other);
  });
}

void Reconciler::TellMisplaced(uint32_t s, size_t rejected) {
  std::string elsewhere;
  bool beyond_chance = false;
  std::optional<size_t> shown;
  for (const auto& edge : graph_.of(s)) {
    if (graph_.Open(edge, State::kRejected) && !shown) shown = edge.link;
    if (!graph_.Open(edge, State::kUnexpected)) continue;
    elsewhere += fmt::format("{}{} of {}", elsewhere.empty() ? "; found as " : ", ",
                             RelationName(graph_.pair(edge).found), graph_.Name(edge.other));
    beyond_chance |= !ByChance(graph_.link(edge.link));
  }
  Conflict conflict = Make("misplaced", *shown, s, OtherOf(*shown, s));
  conflict.decision = {Action::kRemove, graph_.Name(s), ""};
  conflict.confidence = beyond_chance ? "high" : "medium";
  conflict.evidence = fmt::format(
      "{} declared first-degree relations are rejected, none is found{}", rejected, elsewhere);
  conflicts_.push_back(std::move(conflict));
  graph_.ExplainAll(s);
}

uint32_t Reconciler::OtherOf(size_t link, uint32_t sample) const {
  const PairOfSamples s = graph_.pair_of(link).pair.samples;
  return s.first == sample ? s.second : s.first;
}

// What is left.

/// Closest pairs first: more distant ones may follow from them.
void Reconciler::Remaining() {
  std::vector<size_t> open;
  for (size_t l = 0; l < graph_.links().size(); ++l) {
    const Link& link = graph_.link(l);
    if (link.explained) continue;
    // Where nothing is declared no relation is against it: FoundFamilies tells what there is.
    if (link.state == State::kUnexpected && graph_.cohort().trios.empty()) continue;
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
    conflict.decision = Both(cryptic ? Action::kKeep : Action::kCheck, s.first, s.second);
    conflict.confidence = FirstDegree(pair.found) ? "high" : "medium";
    conflict.evidence =
        fmt::format("declared {}, found {}", RelationName(pair.declared), RelationName(pair.found));
    if (cryptic) DoubtSamples(conflict);
    if (cryptic && pair.found == Relation::kParentChild) DecideOnParentage(conflict);
    if (cryptic && pair.found == Relation::kSecondDegree) MayBeHalfSibs(conflict);
    if (conflict.kind == "cryptic" && graph_.OfOneFamily(s.first, s.second)) {
      conflict.confidence = "medium";
      conflict.evidence += "; of one family (FID) in the pedigree, which does not say how";
    }
    conflicts_.push_back(std::move(conflict));
  }
  for (const auto& [conflict, n] : followers_) {
    conflicts_[conflict].evidence +=
        fmt::format("; {} more distant {} from it", n, n == 1 ? "pair follows" : "pairs follow");
  }
}

/// An undeclared relative of somebody whose declared ones are rejected may be an exchanged
/// sample's.
void Reconciler::DoubtSamples(Conflict& conflict) const {
  for (const uint32_t s : {conflict.sample_1, conflict.sample_2}) {
    if (!graph_.AnyRejected(s)) continue;
    conflict.confidence = "medium";
    conflict.evidence += fmt::format(
        "; declared relations of {} are rejected: samples may be exchanged", graph_.Name(s));
  }
}

/// Birth years tell who of an undeclared pair is the parent, and the pedigree may have a place for
/// them.
void Reconciler::DecideOnParentage(Conflict& conflict) const {
  const Cohort& cohort = graph_.cohort();
  for (const auto& [parent, child] : {std::pair(conflict.sample_1, conflict.sample_2),
                                      std::pair(conflict.sample_2, conflict.sample_1)}) {
    const auto years = years_.Between(graph_.Name(parent), graph_.Name(child));
    const Sex sex = cohort.sexes[parent];
    if (!years || *years < kLeastYears) continue;
    if (sex == Sex::kUnknown) {
      conflict.evidence += fmt::format(
          "; {} years between their births, but no sex tells whether {} is the father or the "
          "mother",
          *years, graph_.Name(parent));
      return;
    }
    const int64_t row = cohort.pedigree.Find(graph_.Name(child));
    if (row < 0) return;
    const Person& person = cohort.pedigree.people()[static_cast<size_t>(row)];
    if (!(sex == Sex::kMale ? person.father : person.mother).empty()) return;
    conflict.kind = "missing-parent";
    conflict.decision = {sex == Sex::kMale ? Action::kSetFather : Action::kSetMother,
                         graph_.Name(child), graph_.Name(parent)};
    conflict.evidence += fmt::format("; {} years between their births", *years);
    return;
  }
}

/// The conflict of a told pair that, with a declared first-degree relation or another told pair,
/// relates the two people of an undeclared one.
std::optional<size_t> Reconciler::FollowsFrom(size_t l) const {
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

std::vector<Conflict> FindConflicts(const Cohort& cohort, const std::vector<JudgedPair>& pairs,
                                    std::vector<Link>& links, const std::vector<SampleFacts>& facts,
                                    const BirthYears& years) {
  Reconciler reconciler(cohort, pairs, links, facts, years);
  std::vector<Conflict> conflicts = reconciler.Run();
  links = reconciler.links();
  return conflicts;
}

}  // namespace kinflow::kinship
