#include <fmt/format.h>

#include "stages/kinship/reconciler.h"

namespace kinflow::kinship {

using State = Link::State;

// Sibs with one parent in common.

void Reconciler::HalfSibs() {
  for (size_t l = 0; l < graph_.links().size(); ++l) {
    const Link& link = graph_.link(l);
    if (link.explained || link.state != State::kRejected) continue;
    const JudgedPair& pair = graph_.pair_of(l);
    if (pair.declared == Relation::kFullSib && pair.found == Relation::kSecondDegree) {
      HalfSibsNotFull(l);
    } else if (pair.declared == Relation::kSecondDegree && pair.found == Relation::kFullSib) {
      FullSibsNotHalf(l);
    }
  }
}

/// True if the declared `parent` (an id) is genotyped and found as the parent of both.
bool Reconciler::IsParentOfBoth(const std::string& parent, uint32_t a, uint32_t b) const {
  const uint32_t sample = graph_.cohort().samples->Find(parent);
  if (sample == SampleTable::kAbsent) return false;
  const LinkGraph::Edge *to_a = graph_.Between(sample, a), *to_b = graph_.Between(sample, b);
  const auto stands = [this](const LinkGraph::Edge* edge) {
    return edge != nullptr && graph_.link(edge->link).state == State::kConfirmed;
  };
  return stands(to_a) && stands(to_b);
}

/// Full sibs by the pedigree who share one parent. Of several sibs the one who is half-sib to those
/// who are full sibs of each other has another parent.
void Reconciler::HalfSibsNotFull(size_t l) {
  auto [odd, sib] = graph_.pair_of(l).pair.samples;
  const auto full_sibs = [this](uint32_t s) {
    size_t n = 0;
    for (const auto& edge : graph_.of(s)) {
      n += graph_.pair(edge).declared == Relation::kFullSib &&
                   graph_.link(edge.link).state == State::kConfirmed
               ? 1
               : 0;
    }
    return n;
  };
  if (full_sibs(odd) > 0) std::swap(odd, sib);
  const bool told_apart = full_sibs(odd) == 0 && full_sibs(sib) > 0;
  const Person* person = graph_.PersonOf(odd);
  const bool by_mother = IsParentOfBoth(person->mother, odd, sib);
  const bool by_father = IsParentOfBoth(person->father, odd, sib);
  Conflict conflict = Make("half-sibs", l, odd, sib);
  conflict.confidence = by_mother || by_father ? "high" : "medium";
  conflict.evidence = fmt::format("declared full sibs, found half-sibs; {}",
                                  by_mother   ? "the mother is confirmed as that of both"
                                  : by_father ? "the father is confirmed as that of both"
                                              : "which parent they share is not known");
  if (told_apart && by_mother != by_father) {
    conflict.decision = {by_mother ? Action::kSetFather : Action::kSetMother, graph_.Name(odd), ""};
    conflict.evidence += fmt::format("; {} is a full sib of others", graph_.Name(sib));
  } else {
    conflict.decision = Both(Action::kCheck, odd, sib);
  }
  conflicts_.push_back(std::move(conflict));
  graph_.Explain(l);
  if (!told_apart) return;
  for (const auto& edge : graph_.of(odd)) {  // half-sib to all of them
    const JudgedPair& pair = graph_.pair(edge);
    if (pair.declared == Relation::kFullSib && pair.found == Relation::kSecondDegree) {
      graph_.Explain(edge.link);
    }
  }
}

/// Half-sibs by the pedigree who are full sibs: a parent that is missing is the other one's.
void Reconciler::FullSibsNotHalf(size_t l) {
  auto [a, b] = graph_.pair_of(l).pair.samples;
  const Person *x = graph_.PersonOf(a), *y = graph_.PersonOf(b);
  if (x == nullptr || y == nullptr) return;  // named as a parent only
  const bool mother = !x->mother.empty() && x->mother == y->mother;
  const bool father = !x->father.empty() && x->father == y->father;
  if (mother == father) return;  // another second-degree relation
  const std::string Person::*other = mother ? &Person::father : &Person::mother;
  if ((x->*other).empty()) {
    std::swap(x, y);
    std::swap(a, b);
  }
  Conflict conflict = Make("full-sibs", l, b, a);
  conflict.confidence = "high";
  conflict.evidence =
      fmt::format("they share their {}, and are found full sibs", mother ? "mother" : "father");
  conflict.decision =
      (y->*other).empty()
          ? Decision{mother ? Action::kSetFather : Action::kSetMother, y->iid, x->*other}
          : Both(Action::kCheck, b, a);
  conflicts_.push_back(std::move(conflict));
  graph_.Explain(l);
}

/// An undeclared second-degree pair that is one of half-sibs if the parent of one is the missing
/// parent of the other: the other parent, who is genotyped, is no relative.
void Reconciler::MayBeHalfSibs(Conflict& conflict) const {
  constexpr int kMostYears = 25;
  for (const auto& [a, b] : {std::pair(conflict.sample_1, conflict.sample_2),
                             std::pair(conflict.sample_2, conflict.sample_1)}) {
    const Person *x = graph_.PersonOf(a), *y = graph_.PersonOf(b);
    if (x == nullptr || y == nullptr) continue;
    if (std::abs(years_.Between(x->iid, y->iid).value_or(0)) > kMostYears) continue;
    for (const bool father : {true, false}) {
      const std::string Person::*by = father ? &Person::father : &Person::mother;
      const std::string& other = father ? x->mother : x->father;
      const uint32_t other_sample = graph_.cohort().samples->Find(other);
      if ((x->*by).empty() || !(y->*by).empty()) continue;
      if (other_sample == SampleTable::kAbsent || graph_.Between(other_sample, b) != nullptr) {
        continue;
      }
      if (graph_.cohort().samples->Find(x->*by) != SampleTable::kAbsent) continue;
      conflict.kind = "half-sibs";
      conflict.decision = Both(Action::kCheck, a, b);
      conflict.evidence +=
          fmt::format("; half-sibs if {}, the {} of {}, is that of {} too: {} is no relative",
                      x->*by, father ? "father" : "mother", x->iid, y->iid, other);
      return;
    }
  }
}

}  // namespace kinflow::kinship
