#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "pipeline/data/cohort.h"
#include "stages/kinship/links.h"

namespace kinflow::kinship {

/// Links by person. Links are told once: what a conflict explains is marked so.
class LinkGraph {
 public:
  LinkGraph(const Cohort& cohort, const std::vector<JudgedPair>& pairs, std::vector<Link> links);

  /// A link seen from one of its two people.
  struct Edge {
    size_t link;
    uint32_t other;
  };
  const std::vector<Edge>& of(uint32_t sample) const;
  const std::vector<Link>& links() const { return links_; }
  const Link& link(size_t l) const { return links_[l]; }
  const JudgedPair& pair(const Edge& edge) const { return pairs_[links_[edge.link].pair]; }
  const JudgedPair& pair_of(size_t link) const { return pairs_[links_[link].pair]; }

  bool Open(const Edge& edge, Link::State state) const {
    return !links_[edge.link].explained && links_[edge.link].state == state;
  }
  /// Declared first-degree links of a person in a state, explained ones left out.
  size_t Count(uint32_t sample, Link::State state) const;
  /// Declared first-degree relatives.
  std::vector<uint32_t> Relatives(uint32_t sample) const;
  /// The link between two people, or null.
  const Edge* Between(uint32_t a, uint32_t b) const;
  /// True of a pair without a link that may be one of relatives all the same: chance gives such
  /// pairs, or its kinship is not defined.
  bool Undecided(uint32_t a, uint32_t b) const;
  /// True if a declared first-degree relation of the person is rejected, explained or not.
  bool AnyRejected(uint32_t sample) const;
  void Explain(size_t link) { links_[link].explained = true; }
  void ExplainAll(uint32_t sample);

  const Cohort& cohort() const { return cohort_; }
  const std::string& Name(uint32_t sample) const { return cohort_.samples->iid(sample); }
  /// True if `parent` is the declared father or mother of `child`.
  bool IsParent(uint32_t parent, uint32_t child) const;
  bool IsFather(uint32_t parent, uint32_t child) const;
  /// True if the pedigree has both under one FID.
  bool OfOneFamily(uint32_t a, uint32_t b) const;
  /// The person in the pedigree, or null.
  const Person* PersonOf(uint32_t sample) const;

 private:
  const Cohort& cohort_;
  const std::vector<JudgedPair>& pairs_;
  std::vector<Link> links_;
  std::map<uint32_t, std::vector<Edge>> edges_;
  std::vector<PairOfSamples> undecided_;  // sorted
};

}  // namespace kinflow::kinship
