#include "stages/kinship/found_families.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kinflow::kinship {
namespace {

constexpr uint32_t kNobody = SampleTable::kAbsent;
/// What ids of parents who are not genotyped begin with; a child's id follows.
constexpr const char *kFatherOf = "father_of_", *kMotherOf = "mother_of_";

struct Parents {
  std::array<uint32_t, 2> of = {kNobody, kNobody};  // father, mother
  std::vector<uint32_t> either;                     // father or mother: no sex tells which
  std::string by_name;  // of both, who are not genotyped: what their ids end with; "" = none
  std::string confidence, evidence;

  bool empty() const {
    return of[0] == kNobody && of[1] == kNobody && either.empty() && by_name.empty();
  }
  bool complete() const {
    return (of[0] != kNobody) + (of[1] != kNobody) + static_cast<int>(either.size()) == 2;
  }
  bool Has(uint32_t parent) const {
    return of[0] == parent || of[1] == parent ||
           std::find(either.begin(), either.end(), parent) != either.end();
  }
  /// False if the place is taken.
  bool Add(uint32_t parent, Sex sex) {
    if (complete()) return false;
    if (sex == Sex::kUnknown) {
      either.push_back(parent);
    } else {
      uint32_t& place = of[sex == Sex::kMale ? 0 : 1];
      if (place != kNobody) return false;
      place = parent;
    }
    for (const size_t role : {size_t{0}, size_t{1}}) {  // the place of one tells that of the other
      if (either.size() != 1 || of[1 - role] == kNobody) continue;
      of[role] = either.front();
      either.clear();
    }
    return true;
  }
};

/// The run of FoundFamilies.
class FamilyFinder {
 public:
  explicit FamilyFinder(const FamilyEvidence& evidence)
      : e_(evidence),
        n_(evidence.cohort.samples->size()),
        parent_child_(n_),
        sibs_(n_),
        copy_of_(n_, kNobody),
        contaminated_(n_, 0),
        linked_(n_),
        perhaps_(n_),
        parents_(n_),
        family_(n_) {
    std::iota(family_.begin(), family_.end(), 0u);
    for (const JudgedPair& pair : e_.pairs) found_[pair.pair.samples] = pair.found;
    for (const Conflict& conflict : e_.conflicts) {
      if (conflict.kind == "contaminated") contaminated_[conflict.sample_1] = 1;
    }
    for (const Link& link : e_.links) {
      if (!OfUse(link)) continue;
      const auto [a, b] = e_.pairs[link.pair].pair.samples;
      linked_[a].insert(b);
      linked_[b].insert(a);
    }
    for (const Link& link : e_.links) {
      if (OfUse(link)) Take(link);
    }
  }

  Table Run() {
    DropCopies();
    for (uint32_t s = 0; s < n_; ++s) FindBoth(s);
    for (bool more = true; more;) {
      more = false;
      for (uint32_t s = 0; s < n_; ++s) {
        for (const uint32_t other : parent_child_[s]) more |= Direct(other, s);
      }
    }
    for (uint32_t s = 0; s < n_; ++s) NameParentsOfSibs(s);
    for (uint32_t s = 0; s < n_; ++s) ShareWithTwin(s);
    for (uint32_t s = 0; s < n_; ++s) TellOpen(s);
    return ToTable();
  }

 private:
  const std::string& Name(uint32_t s) const { return e_.cohort.samples->iid(s); }
  Sex SexOf(uint32_t s) const {
    const SampleFacts& facts = e_.facts[s];
    return facts.inferred != Sex::kUnknown ? facts.inferred : facts.declared;
  }
  Relation Between(uint32_t a, uint32_t b) const {
    const auto at = found_.find({std::min(a, b), std::max(a, b)});
    return at == found_.end() ? Relation::kUnrelated : at->second;
  }
  bool AreSibs(uint32_t a, uint32_t b) const {
    return std::binary_search(sibs_[a].begin(), sibs_[a].end(), b);
  }
  bool IsWeak(uint32_t a, uint32_t b) const {
    return weak_.contains({std::min(a, b), std::max(a, b)});
  }
  std::optional<int> YearsBetween(uint32_t older, uint32_t younger) const {
    return e_.years.Between(Name(older), Name(younger));
  }
  bool MayBeParent(uint32_t parent, uint32_t child) const {
    return e_.years.MayBeParent(Name(parent), Name(child));
  }

  bool OfUse(const Link& link) const {
    const auto [a, b] = e_.pairs[link.pair].pair.samples;
    return link.state == Link::State::kUnexpected && contaminated_[a] == 0 && contaminated_[b] == 0;
  }
  /// Chance that takes two strangers so far leaves each one's relatives strangers to the other.
  bool ShareRelative(uint32_t a, uint32_t b) const {
    return std::any_of(linked_[a].begin(), linked_[a].end(),
                       [&](uint32_t other) { return linked_[b].contains(other); });
  }
  void Take(const Link& link) {
    const JudgedPair& pair = e_.pairs[link.pair];
    const auto [a, b] = pair.pair.samples;
    if (!FirstDegree(pair.found) && pair.found != Relation::kDuplicate) return;
    if (link.by_wald_only()) {
      if (!ShareRelative(a, b)) {
        for (const auto& [s, other] : {std::pair(a, b), std::pair(b, a)}) {
          perhaps_[s].push_back(
              fmt::format("perhaps {} of {} (P {:.2g}; no relative of both is found)",
                          RelationName(pair.found), Name(other), link.p));
        }
        return;
      }
      weak_.insert(pair.pair.samples);
    }
    if (pair.found == Relation::kDuplicate) {
      const bool second_is_copy = e_.facts[b].n_missing >= e_.facts[a].n_missing;
      copy_of_[second_is_copy ? b : a] = second_is_copy ? a : b;
    } else {
      auto& relatives = pair.found == Relation::kParentChild ? parent_child_ : sibs_;
      relatives[a].push_back(b);
      relatives[b].push_back(a);
    }
    family_[Family(a)] = Family(b);
  }
  uint32_t Family(uint32_t s) {
    while (family_[s] != s) s = family_[s] = family_[family_[s]];
    return s;
  }
  void DropCopies() {
    const auto is_copy = [this](uint32_t s) { return copy_of_[s] != kNobody; };
    for (uint32_t s = 0; s < n_; ++s) {
      for (auto* relatives : {&parent_child_[s], &sibs_[s]}) {
        if (is_copy(s)) relatives->clear();
        std::erase_if(*relatives, is_copy);
        std::sort(relatives->begin(), relatives->end());
      }
    }
  }

  /// Both parents: first-degree relatives who are strangers to each other.
  void FindBoth(uint32_t child) {
    const auto& near = parent_child_[child];
    std::vector<PairOfSamples> couples;
    for (size_t i = 0; i < near.size(); ++i) {
      for (size_t j = i + 1; j < near.size(); ++j) {
        const Relation relation = Between(near[i], near[j]);
        const bool strangers =
            relation == Relation::kUnrelated || relation == Relation::kThirdDegree;
        const Sex a = SexOf(near[i]), b = SexOf(near[j]);
        if (strangers && (a == Sex::kUnknown || a != b)) couples.push_back({near[i], near[j]});
      }
    }
    if (couples.empty()) return;
    Parents& parents = parents_[child];
    if (couples.size() > 1) {
      parents.evidence = "several couples could be the parents";
      return;
    }
    const auto [a, b] = couples.front();
    const Sex sex_a = SexOf(a), sex_b = SexOf(b);
    parents.Add(a, sex_a);
    parents.Add(b, sex_b);
    const bool years = MayBeParent(a, child) && MayBeParent(b, child);
    const bool sexes = sex_a != Sex::kUnknown && sex_b != Sex::kUnknown;
    const bool weak = IsWeak(a, child) || IsWeak(b, child);
    parents.confidence = !years ? "low" : sexes && !weak ? "high" : "medium";
    parents.evidence = "first-degree relative of two people who are not related to each other";
    if (!parents.either.empty()) parents.evidence += "; their sexes are not known";
    if (weak) parents.evidence += "; kinship alone does not exclude chance, relatives of both do";
    if (!years) parents.evidence += "; a birth year does not fit";
  }

  /// True if it was found just now that `parent` is a parent of `child`.
  bool Direct(uint32_t parent, uint32_t child) {
    Parents& parents = parents_[child];
    if (parents.complete() || parents.Has(parent) || parents_[parent].Has(child)) return false;
    const std::string why = WhyParent(parent, child);
    if (why.empty() || !MayBeParent(parent, child)) return false;
    if (!parents.Add(parent, SexOf(parent))) return false;
    parents.confidence = "medium";
    parents.evidence += (parents.evidence.empty() ? "" : "; ") + why;
    if (SexOf(parent) == Sex::kUnknown) {
      parents.evidence += fmt::format("; the sex of {} is not known", Name(parent));
    }
    return true;
  }
  std::string WhyParent(uint32_t parent, uint32_t child) const {
    if (parents_[parent].complete())
      return fmt::format("both parents of {} are known", Name(parent));
    for (const uint32_t other : parent_child_[parent]) {
      if (other != child && AreSibs(other, child)) {
        return fmt::format("so is {}, a full sib", Name(other));
      }
    }
    const auto years = YearsBetween(parent, child);
    return years && *years >= kLeastYears ? "by birth years" : "";
  }

  /// Full sibs of whom nobody has a parent among the samples, nor somebody who may be one: both
  /// parents get ids. `first`: the first of them.
  void NameParentsOfSibs(uint32_t first) {
    std::vector<uint32_t> sibship = sibs_[first];
    if (sibship.empty() || sibship.front() < first) return;
    sibship.insert(sibship.begin(), first);
    for (const uint32_t s : sibship) {
      if (!parents_[s].empty() || !parent_child_[s].empty() || !perhaps_[s].empty()) return;
      if (sibs_[s].size() + 1 != sibship.size()) return;
      for (const uint32_t other : sibship) {
        if (other != s && !AreSibs(s, other)) return;
      }
    }
    const std::string by_name = UnusedName(Name(first));
    for (const uint32_t s : sibship) {
      Parents& parents = parents_[s];
      parents.by_name = by_name;
      parents.confidence = "medium";
      parents.evidence = fmt::format("full sib of {}; the parents are not genotyped",
                                     Name(s == first ? sibship[1] : first));
    }
  }
  /// That with neither kFatherOf nor kMotherOf before it is anybody's id.
  std::string UnusedName(std::string name) {
    const auto is_used = [this](const std::string& some) {
      const SampleTable& samples = *e_.cohort.samples;
      return samples.Find(kFatherOf + some) != kNobody ||
             samples.Find(kMotherOf + some) != kNobody || named_.contains(some);
    };
    while (is_used(name)) name += "_";
    named_.insert(name);
    return name;
  }

  /// One genotype in two people born in one year: twins, or one person twice, and either way with
  /// the same parents.
  void ShareWithTwin(uint32_t s) {
    uint32_t twin = copy_of_[s];
    if (twin == kNobody) return;
    while (copy_of_[twin] != kNobody) twin = copy_of_[twin];
    const auto years = YearsBetween(twin, s);
    if (!years || *years != 0 || contaminated_[s] != 0 || parents_[twin].empty()) return;
    parents_[s] = parents_[twin];
    parents_[s].confidence = "medium";
    parents_[s].evidence.clear();
  }

  /// Relatives whose place is not found.
  void TellOpen(uint32_t s) {
    Parents& parents = parents_[s];
    if (copy_of_[s] != kNobody) {
      if (parents.empty()) parents.confidence = "low";
      parents.evidence = fmt::format("the same person as {}, or a twin{}", Name(copy_of_[s]),
                                     parents.empty() ? "" : ", born in the same year");
    }
    if (contaminated_[s] != 0) {
      parents.evidence = "contaminated: its relatives are not looked for";
    }
    for (const uint32_t other : parent_child_[s]) {
      if (parents.Has(other) || parents_[other].Has(s)) continue;
      if (parents.confidence.empty()) parents.confidence = "low";
      parents.evidence +=
          fmt::format("{}parent or child of {}", parents.evidence.empty() ? "" : "; ", Name(other));
    }
    for (const uint32_t other : sibs_[s]) {
      if (!parents.empty()) break;
      parents.evidence +=
          fmt::format("{}full sib of {}", parents.evidence.empty() ? "" : "; ", Name(other));
    }
    for (const std::string& perhaps : perhaps_[s]) {
      parents.evidence += (parents.evidence.empty() ? "" : "; ") + perhaps;
    }
    if (!parents.evidence.empty() && parents.confidence.empty()) parents.confidence = "low";
  }

  Table ToTable() {
    Table::Strings fid, father, mother, sex, confidence, evidence, either;
    std::map<uint32_t, size_t> number;
    const auto name = [this](uint32_t s) { return s == kNobody ? std::string("NA") : Name(s); };
    const auto or_na = [](const std::string& text) { return text.empty() ? "NA" : text; };
    for (uint32_t s = 0; s < n_; ++s) {
      const size_t family = number.try_emplace(Family(s), number.size() + 1).first->second;
      fid.push_back(fmt::format("F{}", family));
      const std::string& by_name = parents_[s].by_name;
      father.push_back(by_name.empty() ? name(parents_[s].of[0]) : kFatherOf + by_name);
      mother.push_back(by_name.empty() ? name(parents_[s].of[1]) : kMotherOf + by_name);
      const Sex own = SexOf(s);
      sex.emplace_back(own == Sex::kMale ? "male" : own == Sex::kFemale ? "female" : "NA");
      confidence.push_back(or_na(parents_[s].confidence));
      evidence.push_back(or_na(parents_[s].evidence));
      std::string names;
      for (const uint32_t parent : parents_[s].either) {
        names += (names.empty() ? "" : ",") + Name(parent);
      }
      either.push_back(or_na(names));
    }
    Table table;
    table.Add("FID", std::move(fid));
    table.Add("IID", e_.cohort.samples->iids());
    table.Add("FATHER", std::move(father));
    table.Add("MOTHER", std::move(mother));
    table.Add("SEX", std::move(sex));
    table.Add("CONFIDENCE", std::move(confidence));
    table.Add("EVIDENCE", std::move(evidence));
    table.Add(kEitherParent, std::move(either));
    return table;
  }

  const FamilyEvidence& e_;
  uint32_t n_;
  std::map<PairOfSamples, Relation> found_;
  std::vector<std::vector<uint32_t>> parent_child_, sibs_;  // by sample
  std::vector<uint32_t> copy_of_;
  std::vector<uint8_t> contaminated_;
  std::vector<std::set<uint32_t>> linked_;         // by sample: relatives of any degree
  std::set<PairOfSamples> weak_;                   // used for the sake of a relative of both
  std::vector<std::vector<std::string>> perhaps_;  // by sample: pairs not used
  std::vector<Parents> parents_;
  std::set<std::string> named_;   // Parents::by_name of all
  std::vector<uint32_t> family_;  // union-find
};

}  // namespace

Table FoundFamilies(const FamilyEvidence& evidence) { return FamilyFinder(evidence).Run(); }

}  // namespace kinflow::kinship
