#include <fmt/format.h>

#include <algorithm>

#include "stages/kinship/reconciler.h"

namespace kinflow::kinship {

using State = Link::State;

// A sample with somebody else's DNA in it.

/// A contaminated sample has alleles in common with everybody. Relatives up to third degree come
/// through eight great-grandparents, and through sibs, whose grandchildren are not related as
/// closely to each other: twice eight who are unrelated to each other are more than a person has.
/// Samples with most relatives first, so that they are nobody else's.
void Reconciler::Contaminated() {
  constexpr size_t kMost = 16;
  std::vector<std::pair<size_t, uint32_t>> candidates;
  for (uint32_t s = 0; s < graph_.cohort().samples->size(); ++s) {
    const size_t relatives = UnexpectedRelatives(s).size();
    if (relatives > kMost) candidates.emplace_back(relatives, s);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& candidate : candidates) {
    const uint32_t s = candidate.second;
    std::vector<uint32_t> strangers;  // to each other
    const std::vector<size_t> links = UnexpectedRelatives(s);
    for (const size_t l : links) {
      const uint32_t other = OtherOf(l, s);
      const bool apart = std::none_of(strangers.begin(), strangers.end(), [&](uint32_t one) {
        return graph_.Between(one, other) != nullptr;
      });
      if (apart) strangers.push_back(other);
      if (strangers.size() > kMost) break;
    }
    if (strangers.size() > kMost) TellContaminated(s, links, strangers.size());
  }
}

/// Links, beyond chance by themselves, to people whom the pedigree does not relate.
std::vector<size_t> Reconciler::UnexpectedRelatives(uint32_t sample) const {
  std::vector<size_t> links;
  for (const auto& edge : graph_.of(sample)) {
    if (graph_.Open(edge, State::kUnexpected) && graph_.link(edge.link).alone) {
      links.push_back(edge.link);
    }
  }
  return links;
}

void Reconciler::TellContaminated(uint32_t sample, const std::vector<size_t>& links,
                                  size_t strangers) {
  const size_t shown = *std::min_element(links.begin(), links.end(), [this](size_t k, size_t l) {
    return std::pair(graph_.link(k).p, k) < std::pair(graph_.link(l).p, l);
  });
  Conflict conflict = Make("contaminated", shown, sample, OtherOf(shown, sample));
  conflict.decision = {Action::kRemove, graph_.Name(sample), ""};
  conflict.confidence = "medium";
  conflict.evidence = fmt::format(
      "related to {} people whom the pedigree does not relate; {} of them have no kinship found "
      "among themselves, more than relatives of one person would",
      links.size(), strangers);
  conflicts_.push_back(std::move(conflict));
  graph_.ExplainAll(sample);
}

}  // namespace kinflow::kinship
