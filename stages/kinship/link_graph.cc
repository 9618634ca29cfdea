#include "stages/kinship/link_graph.h"

#include <algorithm>
#include <cmath>

#include "stages/kinship/kinship.h"

namespace kinflow::kinship {

LinkGraph::LinkGraph(const Cohort& cohort, const std::vector<JudgedPair>& pairs,
                     std::vector<Link> links)
    : cohort_(cohort), pairs_(pairs), links_(std::move(links)) {
  std::vector<uint8_t> linked(pairs_.size(), 0);
  for (size_t l = 0; l < links_.size(); ++l) {
    linked[links_[l].pair] = 1;
    const PairOfSamples samples = pairs_[links_[l].pair].pair.samples;
    edges_[samples.first].push_back({l, samples.second});
    edges_[samples.second].push_back({l, samples.first});
  }
  for (size_t i = 0; i < pairs_.size(); ++i) {
    const bool stranger = pairs_[i].found == Relation::kUnrelated;
    if (linked[i] != 0 || (stranger && std::isfinite(Kinship(pairs_[i].pair.counts)))) continue;
    undecided_.push_back(pairs_[i].pair.samples);
  }
  std::sort(undecided_.begin(), undecided_.end());
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

bool LinkGraph::Undecided(uint32_t a, uint32_t b) const {
  return std::binary_search(undecided_.begin(), undecided_.end(),
                            PairOfSamples{std::min(a, b), std::max(a, b)});
}

bool LinkGraph::AnyRejected(uint32_t sample) const {
  const auto& edges = of(sample);
  return std::any_of(edges.begin(), edges.end(), [this](const Edge& edge) {
    return links_[edge.link].state == Link::State::kRejected && FirstDegree(pair(edge).declared);
  });
}

void LinkGraph::ExplainAll(uint32_t sample) {
  for (const Edge& edge : of(sample)) Explain(edge.link);
}

bool LinkGraph::OfOneFamily(uint32_t a, uint32_t b) const {
  const Person *first = PersonOf(a), *second = PersonOf(b);
  return first != nullptr && second != nullptr && !first->fid.empty() && first->fid == second->fid;
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
