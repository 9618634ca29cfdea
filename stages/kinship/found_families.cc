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

#include "stages/kinship/couples.h"

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
  std::vector<uint32_t> All() const {
    std::vector<uint32_t> all = either;
    for (const uint32_t parent : of) {
      if (parent != kNobody) all.push_back(parent);
    }
    return all;
  }
  bool Has(uint32_t parent) const {
    const std::vector<uint32_t> all = All();
    return std::find(all.begin(), all.end(), parent) != all.end();
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
        copy_of_(n_, kNobody),
        contaminated_(n_, 0),
        linked_(n_),
        perhaps_(n_),
        parents_(n_),
        family_(n_) {
    std::iota(family_.begin(), family_.end(), 0u);
    found_.parent_child.resize(n_);
    found_.sibs.resize(n_);
    for (const JudgedPair& pair : e_.pairs) found_.pairs[pair.pair.samples] = &pair;
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
    for (const auto& [child, couple] : SurestFirst()) TakeCouple(child, couple);
    for (bool more = true; more;) {
      more = false;
      for (uint32_t s = 0; s < n_; ++s) {
        for (const uint32_t other : found_.parent_child[s]) more |= Direct(other, s);
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
      auto& relatives = pair.found == Relation::kParentChild ? found_.parent_child : found_.sibs;
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
      for (auto* relatives : {&found_.parent_child[s], &found_.sibs[s]}) {
        if (is_copy(s)) relatives->clear();
        std::erase_if(*relatives, is_copy);
        std::sort(relatives->begin(), relatives->end());
      }
    }
  }

  /// The only couple that may be the parents, by child: those that nothing is held against first.
  std::vector<std::pair<uint32_t, Couple>> SurestFirst() {
    std::vector<std::pair<uint32_t, Couple>> found;
    for (uint32_t child = 0; child < n_; ++child) {
      std::vector<Couple> couples = CouplesOf(child, found_);
      std::erase_if(couples, [this](const Couple& couple) {
        const Sex a = SexOf(couple.first), b = SexOf(couple.second);
        return a != Sex::kUnknown && a == b;
      });
      if (couples.size() == 1) found.emplace_back(child, couples.front());
      if (couples.size() > 1) parents_[child].evidence = "several couples could be the parents";
    }
    const auto doubts = [this](const std::pair<uint32_t, Couple>& one) {
      const auto& [child, couple] = one;
      return 2 * !YearsFit(child, couple) + (couple.doubtful || IsWeak(child, couple));
    };
    std::stable_sort(found.begin(), found.end(),
                     [&doubts](const auto& a, const auto& b) { return doubts(a) < doubts(b); });
    return found;
  }
  bool YearsFit(uint32_t child, const Couple& couple) const {
    return MayBeParent(couple.first, child) && MayBeParent(couple.second, child);
  }
  bool IsWeak(uint32_t child, const Couple& couple) const {
    return IsWeak(couple.first, child) || IsWeak(couple.second, child);
  }

  /// Both parents: first-degree relatives who are strangers to each other.
  void TakeCouple(uint32_t child, const Couple& couple) {
    Parents& parents = parents_[child];
    if (Descends(couple.first, child) || Descends(couple.second, child)) {
      parents.evidence = fmt::format("{} and {} could be the parents, but descend from {}",
                                     Name(couple.first), Name(couple.second), Name(child));
      return;
    }
    const Sex sex_a = SexOf(couple.first), sex_b = SexOf(couple.second);
    parents.Add(couple.first, sex_a);
    parents.Add(couple.second, sex_b);
    const bool years = YearsFit(child, couple);
    const bool sexes = sex_a != Sex::kUnknown && sex_b != Sex::kUnknown;
    const bool weak = IsWeak(child, couple);
    parents.confidence = !years ? "low" : sexes && !weak && !couple.doubtful ? "high" : "medium";
    parents.evidence = "first-degree relative of two people who are not related to each other";
    if (couple.doubtful) parents.evidence += ", within the errors of kinship";
    if (!parents.either.empty()) parents.evidence += "; their sexes are not known";
    if (weak) parents.evidence += "; kinship alone does not exclude chance, relatives of both do";
    if (!years) parents.evidence += "; a birth year does not fit";
  }
  /// Whether `ancestor` is one by the parents found so far; no parent is taken who descends from
  /// the child, so that nobody is his own ancestor.
  bool Descends(uint32_t person, uint32_t ancestor) const {
    std::set<uint32_t> seen;
    std::vector<uint32_t> next = parents_[person].All();
    while (!next.empty()) {
      const uint32_t at = next.back();
      next.pop_back();
      if (at == ancestor) return true;
      if (!seen.insert(at).second) continue;
      for (const uint32_t parent : parents_[at].All()) next.push_back(parent);
    }
    return false;
  }

  /// True if it was found just now that `parent` is a parent of `child`.
  bool Direct(uint32_t parent, uint32_t child) {
    Parents& parents = parents_[child];
    if (parents.complete() || parents.Has(parent) || Descends(parent, child)) return false;
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
    for (const uint32_t other : found_.parent_child[parent]) {
      if (other != child && found_.AreSibs(other, child)) {
        return fmt::format("so is {}, a full sib", Name(other));
      }
    }
    const auto years = YearsBetween(parent, child);
    return years && *years >= kLeastYears ? "by birth years" : "";
  }

  /// Full sibs of whom nobody has a parent among the samples, nor somebody who may be one: both
  /// parents get ids. `first`: the first of them.
  void NameParentsOfSibs(uint32_t first) {
    std::vector<uint32_t> sibship = found_.sibs[first];
    if (sibship.empty() || sibship.front() < first) return;
    sibship.insert(sibship.begin(), first);
    for (const uint32_t s : sibship) {
      if (!parents_[s].empty() || !found_.parent_child[s].empty() || !perhaps_[s].empty()) return;
      if (found_.sibs[s].size() + 1 != sibship.size()) return;
      for (const uint32_t other : sibship) {
        if (other != s && !found_.AreSibs(s, other)) return;
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
    for (const uint32_t other : found_.parent_child[s]) {
      if (parents.Has(other) || parents_[other].Has(s)) continue;
      if (parents.confidence.empty()) parents.confidence = "low";
      parents.evidence +=
          fmt::format("{}parent or child of {}", parents.evidence.empty() ? "" : "; ", Name(other));
    }
    for (const uint32_t other : found_.sibs[s]) {
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
  FoundRelatives found_;
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
