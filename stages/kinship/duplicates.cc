#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "stages/kinship/reconciler.h"

namespace kinflow::kinship {
namespace {

using State = Link::State;

/// Links by the samples that they join, directly or not, in order of the first of each.
std::vector<std::vector<size_t>> ClustersOf(const LinkGraph& graph,
                                            const std::vector<size_t>& links) {
  std::vector<uint32_t> first(graph.cohort().samples->size());  // union-find
  std::iota(first.begin(), first.end(), 0u);
  const auto root = [&first](uint32_t s) {
    while (first[s] != s) s = first[s] = first[first[s]];
    return s;
  };
  for (const size_t l : links) {
    const PairOfSamples s = graph.pair_of(l).pair.samples;
    first[root(s.first)] = root(s.second);
  }
  std::vector<std::vector<size_t>> clusters;
  std::map<uint32_t, size_t> numbers;
  for (const size_t l : links) {
    const uint32_t of = root(graph.pair_of(l).pair.samples.first);
    const size_t number = numbers.try_emplace(of, clusters.size()).first->second;
    if (number == clusters.size()) clusters.emplace_back();
    clusters[number].push_back(l);
  }
  return clusters;
}

}  // namespace

// One person under two names or more.

void Reconciler::Duplicates() {
  std::vector<size_t> copies;
  for (size_t l = 0; l < graph_.links().size(); ++l) {
    if (graph_.pair_of(l).found != Relation::kDuplicate) continue;
    if (graph_.link(l).state != State::kRejected && !graph_.link(l).alone) continue;
    if (const TwinRecord record = TwinsByRecord(l); record.twins) {
      Twins(l, record);
    } else {
      copies.push_back(l);
    }
  }
  for (const auto& cluster : ClustersOf(graph_, copies)) TellCopies(cluster);
}

/// Each copy once, against the sample that stays: all pairs of many copies would be more than
/// anybody can read.
void Reconciler::TellCopies(const std::vector<size_t>& cluster) {
  for (const size_t l : cluster) graph_.Explain(l);  // say nothing of how anybody fits the family
  // The one that its own family does not fit, or that has no family, is the copy.
  const auto rank = [this](uint32_t s) {
    const bool fits = graph_.Count(s, State::kConfirmed) > 0;
    return std::tuple(!fits && graph_.Count(s, State::kRejected) > 0, !fits, facts_[s].n_missing,
                      s);
  };
  using Rank = decltype(rank(0));
  std::map<uint32_t, Rank> ranks;
  std::vector<std::tuple<Rank, Rank, size_t>> links;  // of the better sample, of the other
  for (const size_t l : cluster) {
    const auto [x, y] = graph_.pair_of(l).pair.samples;
    for (const uint32_t s : {x, y}) {
      if (!ranks.contains(s)) ranks.emplace(s, rank(s));
    }
    links.emplace_back(std::min(ranks.at(x), ranks.at(y)), std::max(ranks.at(x), ranks.at(y)), l);
  }
  std::sort(links.begin(), links.end());
  std::set<uint32_t> told;
  for (const auto& [better, worse, l] : links) {
    if (told.insert(std::get<3>(worse)).second) {
      TellCopy(l, std::get<3>(worse), std::get<3>(better));
    }
  }
}

void Reconciler::TellCopy(size_t l, uint32_t x, uint32_t y) {
  const auto misfit = [this](uint32_t s) { return graph_.Count(s, State::kRejected); };
  const auto fit = [this](uint32_t s) { return graph_.Count(s, State::kConfirmed); };
  const TwinRecord record = TwinsByRecord(l);
  Conflict conflict = Make("duplicate", l, x, y);
  conflict.decision = {Action::kRemove, graph_.Name(x), ""};
  if (misfit(x) > 0 && fit(x) == 0) {
    conflict.confidence = misfit(y) == 0 ? "high" : "medium";
    conflict.evidence = fmt::format(
        "the genotypes under {} are those of {}: {} declared first-degree relations of {} "
        "are rejected, none is found",
        graph_.Name(x), graph_.Name(y), misfit(x), graph_.Name(x));
    ExplainStates(x, {State::kRejected, State::kUncertain});
  } else {
    conflict.confidence = fit(x) == 0 && !record.open ? "high" : "medium";
    conflict.evidence = fmt::format(
        "one person twice ({} and {} missing calls), or monozygotic twins{}", facts_[x].n_missing,
        facts_[y].n_missing, record.open ? ": no record tells which" : "");
    if (!record.why.empty()) {
      conflict.evidence = fmt::format(
          "one sample twice ({} and {} missing calls): {}, no twins; whose it is must be "
          "found out",
          facts_[x].n_missing, facts_[y].n_missing, record.why);
      conflict.confidence = "medium";
    }
  }
  conflicts_.push_back(std::move(conflict));
  // What is found of the copy is the other one's.
  for (const auto& edge : graph_.of(x)) {
    if (graph_.Open(edge, State::kUnexpected) && graph_.Between(y, edge.other) != nullptr) {
      graph_.Explain(edge.link);
    }
  }
}

void Reconciler::ExplainStates(uint32_t sample, std::initializer_list<State> states) {
  for (const auto& edge : graph_.of(sample)) {
    for (const State state : states) {
      if (graph_.Open(edge, state)) graph_.Explain(edge.link);
    }
  }
}

}  // namespace kinflow::kinship
