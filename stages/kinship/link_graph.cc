#include "stages/kinship/link_graph.h"

#include <algorithm>

namespace kinflow::kinship {

LinkGraph::LinkGraph(const Cohort& cohort, const std::vector<JudgedPair>& pairs,
                     std::vector<Link> links)
    : cohort_(cohort), pairs_(pairs), links_(std::move(links)) {
  for (size_t l = 0; l < links_.size(); ++l) {
    const PairOfSamples samples = pairs_[links_[l].pair].pair.samples;
    edges_[samples.first].push_back({l, samples.second});
    edges_[samples.second].push_back({l, samples.first});
  }
}

const std::vector<LinkGraph::Edge>& LinkGraph::of(uint32_t sample) const {
  static const std::vector<Edge> kNone;
  const auto it = edges_.find(sample);
  return it == edges_.end() ? kNone : it->second;
}

size_t LinkGraph::Count(uint32_t sample, Link::State state) const {
  size_t n = 0;
  for (const Edge& edge : of(sample)) {
    n += Open(edge, state) && FirstDegree(pair(edge).declared) ? 1 : 0;
  }
  return n;
}

std::vector<uint32_t> LinkGraph::Relatives(uint32_t sample) const {
  std::vector<uint32_t> relatives;
  for (const Edge& edge : of(sample)) {
    if (FirstDegree(pair(edge).declared)) relatives.push_back(edge.other);
  }
  return relatives;
}

const LinkGraph::Edge* LinkGraph::Between(uint32_t a, uint32_t b) const {
  const auto& edges = of(a);
  const auto it =
      std::find_if(edges.begin(), edges.end(), [b](const Edge& e) { return e.other == b; });
  return it == edges.end() ? nullptr : &*it;
}

void LinkGraph::ExplainAll(uint32_t sample) {
  for (const Edge& edge : of(sample)) Explain(edge.link);
}

const Person* LinkGraph::PersonOf(uint32_t sample) const {
  const int64_t row = cohort_.pedigree.Find(cohort_.samples->iid(sample));
  return row < 0 ? nullptr : &cohort_.pedigree.people()[static_cast<size_t>(row)];
}

bool LinkGraph::IsFather(uint32_t parent, uint32_t child) const {
  const Person* person = PersonOf(child);
  return person != nullptr && person->father == Name(parent);
}

bool LinkGraph::IsParent(uint32_t parent, uint32_t child) const {
  const Person* person = PersonOf(child);
  return person != nullptr && (person->father == Name(parent) || person->mother == Name(parent));
}

}  // namespace kinflow::kinship
