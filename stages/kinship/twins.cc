#include <fmt/format.h>

#include "stages/kinship/reconciler.h"

namespace kinflow::kinship {

using State = Link::State;

// One genotype in two people.

/// Whether the records let two people of one genotype be monozygotic twins, and how surely.
Reconciler::TwinRecord Reconciler::TwinsByRecord(size_t l) const {
  const auto [x, y] = graph_.pair_of(l).pair.samples;
  const bool nothing_declared = graph_.cohort().trios.empty();
  const Person *a = graph_.PersonOf(x), *b = graph_.PersonOf(y);
  if (a == nullptr || b == nullptr) return {false, "", "", nothing_declared};
  const bool sibs = graph_.pair_of(l).declared == Relation::kFullSib;
  const bool one_family = sibs || graph_.OfOneFamily(x, y);
  const bool pregnancies = !a->pregnancy.empty() && !b->pregnancy.empty();
  const auto years = years_.Between(a->iid, b->iid);
  const bool sexes_differ = a->sex != Sex::kUnknown && b->sex != Sex::kUnknown && a->sex != b->sex;
  if (!one_family) {
    const bool excluded = sexes_differ || years.value_or(0) != 0;
    return {false, "", "", nothing_declared && !excluded};
  }
  if (sexes_differ) return {false, "", "of one family, but the declared sexes differ"};
  if (pregnancies && sibs) {
    if (a->pregnancy == b->pregnancy) return {true, "high", "declared twins of one pregnancy"};
    return {false, "", "declared full sibs of two pregnancies"};
  }
  if (years && *years != 0) {
    return {false, "", fmt::format("of one family, born {} years apart", std::abs(*years))};
  }
  if (years) return {true, sibs ? "high" : "medium", "of one family and born in one year"};
  if (sibs) return {true, "medium", "declared full sibs"};
  return {false, "", "", true};
}

void Reconciler::Twins(size_t l, const TwinRecord& record) {
  const PairOfSamples s = graph_.pair_of(l).pair.samples;
  Conflict conflict = Make("twins", l, s.first, s.second);
  conflict.decision = Both(Action::kKeep, s.first, s.second);
  conflict.confidence = record.confidence;
  conflict.evidence = record.why + ", with the same genotypes: monozygotic twins" +
                      (record.confidence == "high" ? "" : ", or one sample twice");
  conflicts_.push_back(std::move(conflict));
  graph_.Explain(l);
  ExplainTwinsRelatives(s.first, s.second);
  ExplainTwinsRelatives(s.second, s.first);
}

/// A twin's relatives are found as close to the other twin, and the children of both as half-sibs.
/// Two people of one genotype look like the closer of two declared relations: where the more
/// distant one is found, the closer one is in doubt.
void Reconciler::ExplainTwinsRelatives(uint32_t twin, uint32_t other) {
  const auto explain = [this](const LinkGraph::Edge& edge) {
    if (graph_.Open(edge, State::kRejected) || graph_.Open(edge, State::kUnexpected)) {
      graph_.Explain(edge.link);
    }
  };
  for (const auto& edge : graph_.of(twin)) {
    const LinkGraph::Edge* of_other = graph_.Between(other, edge.other);
    if (of_other != nullptr && graph_.pair(*of_other).declared == graph_.pair(edge).found &&
        graph_.pair(*of_other).declared_kinship > graph_.pair(edge).declared_kinship) {
      explain(edge);
    }
    if (!graph_.IsParent(twin, edge.other)) continue;
    for (const auto& cousin : graph_.of(edge.other)) {
      const bool half_sibs = graph_.pair(cousin).found == Relation::kSecondDegree;
      if (half_sibs && graph_.IsParent(other, cousin.other)) explain(cousin);
    }
  }
}

}  // namespace kinflow::kinship
