#include "stages/family/trio_rows.h"

#include <algorithm>
#include <unordered_map>

#include "pipeline/data/pregnancy_members.h"

namespace kinflow::family {
namespace {

// What children share a row under the rule; "" = the child stands for itself.
std::string GroupOf(const Person& child, ChildRule rule) {
  if (rule == ChildRule::kAll) return "";
  if (rule == ChildRule::kOnePerMother && !child.mother.empty()) return child.mother;
  if (rule == ChildRule::kOnePerPregnancy && !child.pregnancy.empty()) {
    return child.mother + '\n' + child.pregnancy;
  }
  return "";
}

std::vector<Trio> ChooseChildren(const Cohort& cohort, ChildRule rule, uint64_t& left_out) {
  std::vector<Trio> chosen;
  std::unordered_map<std::string, size_t> at;
  for (const Trio& trio : cohort.trios) {
    const std::string group = GroupOf(cohort.pedigree.people()[trio.person], rule);
    if (group.empty()) {
      chosen.push_back(trio);
      continue;
    }
    const auto [found, added] = at.emplace(group, chosen.size());
    if (added) {
      chosen.push_back(trio);
      continue;
    }
    ++left_out;
    Trio& first = chosen[found->second];
    if (first.child == SampleTable::kAbsent && trio.child != SampleTable::kAbsent) first = trio;
  }
  return chosen;
}

}  // namespace

TrioRows::TrioRows(const Cohort& cohort, const PersonColumns& persons, TrioRowsSpec spec)
    : cohort_(cohort), index_(persons), spec_(std::move(spec)) {
  trios_ = ChooseChildren(cohort, spec_.children, left_out_);
  waves_.assign(trios_.size(), "");
  if (spec_.by_wave) RepeatOverWaves();
  AddCodes();
  FindPregnanciesOfOthers(persons);
}

void TrioRows::FindPregnanciesOfOthers(const PersonColumns& persons) {
  if (persons.pregnancy.empty()) return;
  const PregnancyMembers members(cohort_.pedigree);
  for (size_t r = 0; r < persons.iid.size(); ++r) {
    if (!members.Contradicts(persons.iid[r], persons.pregnancy[r])) continue;
    const auto person = static_cast<size_t>(cohort_.pedigree.Find(persons.iid[r]));
    of_others_[RoleName(cohort_.pedigree.role(person))].insert(persons.pregnancy[r]);
  }
}

TrioRows::NoRow TrioRows::WhyNoRow(size_t row, const std::string& member) const {
  const std::string &iid = Iid(row, member), &pregnancy = Child(row).pregnancy;
  for (const std::string& whose : {member, std::string(RoleName(Role::kOther))}) {
    const auto found = of_others_.find(whose);
    if (found != of_others_.end() && found->second.contains(pregnancy)) {
      return NoRow::kPregnancyOfAnother;
    }
  }
  const bool other = index_.HasAny(iid) && !index_.Has(iid, pregnancy);
  return other ? NoRow::kOtherPregnancies : NoRow::kNotListed;
}

const Person& TrioRows::Child(size_t row) const {
  return cohort_.pedigree.people()[trios_[row].person];
}

const std::string& TrioRows::Iid(size_t row, const std::string& member) const {
  const Person& child = Child(row);
  return member == "mother" ? child.mother : member == "father" ? child.father : child.iid;
}

uint32_t TrioRows::SampleOf(const Trio& trio, const std::string& member) {
  return member == "mother" ? trio.mother : member == "father" ? trio.father : trio.child;
}

std::string TrioRows::PregnancyOf(size_t row) const {
  const Person& child = Child(row);
  return child.pregnancy.empty() ? "c\n" + child.iid : child.mother + "\n" + child.pregnancy;
}

// A row a child becomes one for each wave of the person whose outcome it is. If nobody has a wave
// the rows stay, so that the model tells what is missing.
void TrioRows::RepeatOverWaves() {
  std::vector<Trio> repeated;
  std::vector<std::string> of_rows;
  for (size_t row = 0; row < trios_.size(); ++row) {
    auto waves = index_.Waves(Iid(row, spec_.outcome_of), Child(row).pregnancy);
    for (auto& wave : waves) {
      repeated.push_back(trios_[row]);
      of_rows.push_back(std::move(wave));
    }
    without_wave_ += waves.empty();
  }
  if (repeated.empty()) {
    without_wave_ = 0;
    return;
  }
  trios_ = std::move(repeated);
  waves_ = std::move(of_rows);
}

void TrioRows::AddCodes() {
  Table::Strings mothers, pregnancies;
  std::vector<int64_t> people;
  for (size_t row = 0; row < trios_.size(); ++row) {
    mothers.push_back(Child(row).mother);
    pregnancies.push_back(PregnancyOf(row));
    const uint32_t sample = SampleOf(trios_[row], spec_.outcome_of);
    people.push_back(sample == SampleTable::kAbsent ? -1 : int64_t{sample});
  }
  mother_ = CodesOf(std::move(mothers));
  pregnancy_ = CodesOf(std::move(pregnancies));
  person_ = std::move(people);
}

SharedVector<int64_t> TrioRows::PersonRows(const std::string& member, bool by_wave) const {
  const std::lock_guard lock(finding_);
  const std::pair of{member, by_wave};
  if (const auto known = person_rows_.find(of); known != person_rows_.end()) return known->second;
  std::vector<int64_t> rows;
  rows.reserve(trios_.size());
  for (size_t row = 0; row < trios_.size(); ++row) {
    rows.push_back(index_.Find(Iid(row, member), Child(row).pregnancy, by_wave ? waves_[row] : ""));
  }
  return person_rows_.emplace(of, std::move(rows)).first->second;
}

}  // namespace kinflow::family
