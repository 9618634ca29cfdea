#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>

#include "stages/kinship/kinship.h"
#include "stages/kinship/relation.h"

namespace kinflow::kinship {
namespace {

/// The pedigree as numbers: people who are parents only by name get one too.
class Genealogy {
 public:
  static constexpr uint32_t kUnknown = UINT32_MAX;

  explicit Genealogy(const Cohort& cohort) {
    for (const Person& person : cohort.pedigree.people()) {
      const uint32_t child = Number(person.iid);
      const uint32_t father = person.father.empty() ? kUnknown : Number(person.father);
      const uint32_t mother = person.mother.empty() ? kUnknown : Number(person.mother);
      people_[child].father = father;
      people_[child].mother = mother;
    }
    const SampleTable& samples = *cohort.samples;
    for (uint32_t s = 0; s < samples.size(); ++s) {
      const auto it = numbers_.find(samples.iid(s));
      if (it != numbers_.end()) people_[it->second].sample = s;
    }
  }

  size_t size() const { return people_.size(); }
  uint32_t sample(uint32_t p) const { return people_[p].sample; }
  /// `p` and the ancestors up to `generations` back.
  void Ancestors(uint32_t p, int generations, std::vector<uint32_t>& out) const {
    out.push_back(p);
    if (generations == 0) return;
    for (const uint32_t parent : {people_[p].father, people_[p].mother}) {
      if (parent != kUnknown) Ancestors(parent, generations - 1, out);
    }
  }
  bool IsParent(uint32_t parent, uint32_t child) const {
    return people_[child].father == parent || people_[child].mother == parent;
  }
  bool FullSibs(uint32_t a, uint32_t b) const {
    return people_[a].father != kUnknown && people_[a].mother != kUnknown &&
           people_[a].father == people_[b].father && people_[a].mother == people_[b].mother;
  }
  /// One parent in common, the other one of both unknown.
  bool MaybeFullSibs(uint32_t a, uint32_t b) const {
    const Node &x = people_[a], &y = people_[b];
    return (x.father == kUnknown && y.father == kUnknown && x.mother != kUnknown &&
            x.mother == y.mother) ||
           (x.mother == kUnknown && y.mother == kUnknown && x.father != kUnknown &&
            x.father == y.father);
  }

  /// Expected kinship: the younger of the two is replaced by the mean of its parents.
  double Kinship(uint32_t a, uint32_t b) {
    if (a == kUnknown || b == kUnknown) return 0;
    if (a == b) return 0.5 * (1 + Kinship(people_[a].father, people_[a].mother));
    if (Generation(a) < Generation(b)) std::swap(a, b);
    if (Generation(a) == 0) return 0;
    const std::pair<uint32_t, uint32_t> key = std::minmax(a, b);
    if (const auto it = known_.find(key); it != known_.end()) return it->second;
    const double kinship = 0.5 * (Kinship(people_[a].father, b) + Kinship(people_[a].mother, b));
    return known_[key] = kinship;
  }

 private:
  struct Node {
    uint32_t father = kUnknown, mother = kUnknown;
    uint32_t sample = SampleTable::kAbsent;
    int generation = -1;
  };

  uint32_t Number(const std::string& iid) {
    const auto [it, added] = numbers_.emplace(iid, static_cast<uint32_t>(people_.size()));
    if (added) people_.emplace_back();
    return it->second;
  }
  /// 0 without parents, else one more than the older parent's. The pedigree has no loops.
  int Generation(uint32_t p) {
    if (people_[p].generation >= 0) return people_[p].generation;
    int generation = 0;
    for (const uint32_t parent : {people_[p].father, people_[p].mother}) {
      if (parent != kUnknown) generation = std::max(generation, Generation(parent) + 1);
    }
    return people_[p].generation = generation;
  }

  std::vector<Node> people_;
  std::unordered_map<std::string, uint32_t> numbers_;
  std::map<std::pair<uint32_t, uint32_t>, double> known_;
};

Relation RelationOf(Genealogy& genealogy, uint32_t a, uint32_t b, double kinship) {
  if (genealogy.IsParent(a, b) || genealogy.IsParent(b, a)) return Relation::kParentChild;
  if (genealogy.FullSibs(a, b)) return Relation::kFullSib;
  if (kinship >= kLeastSecond) return Relation::kSecondDegree;
  return kinship >= kLeastThird ? Relation::kThirdDegree : Relation::kUnrelated;
}

}  // namespace

const char* RelationName(Relation relation) {
  switch (relation) {
    case Relation::kUnrelated:
      return "unrelated";
    case Relation::kThirdDegree:
      return "third-degree";
    case Relation::kSecondDegree:
      return "second-degree";
    case Relation::kFullSib:
      return "full-sib";
    case Relation::kParentChild:
      return "parent-child";
    case Relation::kDuplicate:
      return "duplicate";
  }
  return "unrelated";
}

std::vector<DeclaredPair> DeclaredPairs(const Cohort& cohort) {
  constexpr int kGenerations = 3;
  Genealogy genealogy(cohort);
  // Who descends from whom: two people are related if they share an ancestor (or one is it).
  std::vector<std::vector<uint32_t>> descendants(genealogy.size());
  std::vector<uint32_t> ancestors;
  for (uint32_t p = 0; p < genealogy.size(); ++p) {
    if (genealogy.sample(p) == SampleTable::kAbsent) continue;
    ancestors.clear();
    genealogy.Ancestors(p, kGenerations, ancestors);
    std::sort(ancestors.begin(), ancestors.end());
    ancestors.erase(std::unique(ancestors.begin(), ancestors.end()), ancestors.end());
    for (const uint32_t a : ancestors) descendants[a].push_back(p);
  }
  std::map<PairOfSamples, DeclaredPair> pairs;
  for (const auto& group : descendants) {
    for (size_t i = 0; i < group.size(); ++i) {
      for (size_t j = i + 1; j < group.size(); ++j) {
        PairOfSamples samples{genealogy.sample(group[i]), genealogy.sample(group[j])};
        if (samples.first > samples.second) std::swap(samples.first, samples.second);
        if (pairs.contains(samples)) continue;
        const double kinship = genealogy.Kinship(group[i], group[j]);
        const Relation relation = RelationOf(genealogy, group[i], group[j], kinship);
        if (relation != Relation::kUnrelated) {
          pairs[samples] = {samples, relation, kinship,
                            genealogy.MaybeFullSibs(group[i], group[j])};
        }
      }
    }
  }
  std::vector<DeclaredPair> sorted;
  for (const auto& [samples, pair] : pairs) sorted.push_back(pair);
  return sorted;
}

}  // namespace kinflow::kinship
