#include "stages/kinship/apply_decisions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "stages/qc/ledger.h"

namespace kinflow::kinship {
namespace {

/// The people of a study while decisions are applied to them.
class Corrections {
 public:
  Corrections(const DecisionsFile& file, SampleTablePtr samples, std::vector<Person> people)
      : file_(file), samples_(std::move(samples)), people_(std::move(people)) {
    for (size_t i = 0; i < people_.size(); ++i) rows_.emplace(people_[i].iid, i);
    for (const Person& person : people_) {
      for (const auto* id : {&person.father, &person.mother}) {
        if (!id->empty()) named_.insert(*id);
      }
    }
  }

  /// Of rows that name nobody known, one fault a row.
  std::vector<Error> FaultsOfPeople() const {
    std::vector<Error> faults;
    for (const DecidedRow& row : file_.rows) {
      try {
        RequirePeople(row);
      } catch (const Error& fault) {
        faults.push_back(fault);
      }
    }
    return faults;
  }

  void CheckPeople() const {
    for (const DecidedRow& row : file_.rows) RequirePeople(row);
  }

  /// All exchanges at once.
  void Exchange() {
    std::vector<std::string> fids = samples_->fids(), iids = samples_->iids();
    std::vector<Sex> sexes = samples_->sexes();
    std::set<uint32_t> done;  // the same line may come twice
    for (const DecidedRow& row : file_.rows) {
      if (row.decision.action != Action::kExchange) continue;
      const uint32_t a = Sample(row, row.decision.person, "PERSON");
      const uint32_t b = Sample(row, row.decision.value, "VALUE");
      if (!done.insert(std::min(a, b)).second) continue;
      std::swap(fids[a], fids[b]);
      std::swap(iids[a], iids[b]);
      std::swap(sexes[a], sexes[b]);
    }
    if (done.empty()) return;
    samples_ = SampleTable::Build(std::move(fids), std::move(iids), std::move(sexes), file_.path);
  }

  void Correct() {
    std::vector<Sex> sexes = samples_->sexes();
    for (const DecidedRow& row : file_.rows) {
      const Action action = row.decision.action;
      if (action == Action::kSetSex) SetSex(row, sexes);
      if (action == Action::kSetFather || action == Action::kSetMother) SetParent(row);
    }
    if (sexes == samples_->sexes()) return;
    samples_ = SampleTable::Build(samples_->fids(), samples_->iids(), std::move(sexes), file_.path);
  }

  void CheckPedigree() const {
    for (const DecidedRow& row : file_.rows) {
      switch (row.decision.action) {
        case Action::kSetSex:
          CheckParentOf(row, row.decision.person);
          break;
        case Action::kSetFather:
        case Action::kSetMother:
          CheckParentOf(row, row.decision.value);
          CheckNoLoop(row);
          break;
        default:
          break;
      }
    }
  }

  const SampleTablePtr& samples() const { return samples_; }
  std::vector<Person>& people() { return people_; }

 private:
  void RequirePeople(const DecidedRow& row) const {
    const Action action = row.decision.action;
    RequireKnown(row, row.decision.person, "PERSON");
    if (action == Action::kExchange || action == Action::kSetFather ||
        action == Action::kSetMother) {
      RequireKnown(row, row.decision.value, "VALUE");
    }
    if (action != Action::kKeep && action != Action::kCheck) return;
    RequireKnown(row, row.about.iid_1, "IID1");
    RequireKnown(row, row.about.iid_2, "IID2");
  }

  void RequireKnown(const DecidedRow& row, const std::string& iid, const char* column) const {
    if (iid.empty() || samples_->Find(iid) != SampleTable::kAbsent || rows_.contains(iid) ||
        named_.contains(iid)) {
      return;
    }
    throw Error(ErrorId::kMalformed,
                "a decision names somebody who is neither genotyped nor in the pedigree")
        .InFile(file_.path)
        .AtLine(row.line)
        .Field(column)
        .Remedy(
            "correct the id, written as in the genotypes and the pedigree, or delete the line; "
            "people of input.remove are not genotyped any more");
  }

  uint32_t Sample(const DecidedRow& row, const std::string& iid, const char* column) const {
    const uint32_t sample = samples_->Find(iid);
    if (sample != SampleTable::kAbsent) return sample;
    throw Error(ErrorId::kMalformed,
                "one of two exchanged samples is not read, so the genotypes under its id are "
                "missing and those under the other id are somebody else's")
        .InFile(file_.path)
        .AtLine(row.line)
        .Field(column)
        .Remedy(
            "decide to remove the other sample instead; if a person withdrew, input.remove has to "
            "name the id under which their genotypes lie");
  }

  Person& PersonOf(const std::string& iid) {
    const auto [it, added] = rows_.emplace(iid, people_.size());
    if (added) {
      Person person;
      person.fid = person.iid = iid;
      people_.push_back(std::move(person));
    }
    return people_[it->second];
  }

  /// In the pedigree, and in what the genotype file says.
  void SetSex(const DecidedRow& row, std::vector<Sex>& sexes) {
    const std::string& value = row.decision.value;
    const Sex sex = value == "male" ? Sex::kMale : value == "female" ? Sex::kFemale : Sex::kUnknown;
    PersonOf(row.decision.person).sex = sex;
    const uint32_t sample = samples_->Find(row.decision.person);
    if (sample != SampleTable::kAbsent) sexes[sample] = sex;
  }

  void SetParent(const DecidedRow& row) {
    Person& child = PersonOf(row.decision.person);
    const bool father = row.decision.action == Action::kSetFather;
    std::string& parent = father ? child.father : child.mother;
    // Twins share a pregnancy, and with it the mother.
    if (!father && parent != row.decision.value) child.pregnancy.clear();
    parent = row.decision.value;
  }

  /// The person must not be a father and female, a mother and male, or both.
  void CheckParentOf(const DecidedRow& row, const std::string& iid) const {
    const auto person = rows_.find(iid);
    const Sex sex = person == rows_.end() ? Sex::kUnknown : people_[person->second].sex;
    bool father = false, mother = false;
    for (const Person& child : people_) {
      father = father || (!iid.empty() && child.father == iid);
      mother = mother || (!iid.empty() && child.mother == iid);
    }
    if (!(father && (mother || sex == Sex::kFemale)) && !(mother && sex == Sex::kMale)) return;
    throw Error(ErrorId::kParentSex, father && mother
                                         ? "by this decision one person is father and mother"
                                     : father ? "by this decision a father is female"
                                              : "by this decision a mother is male")
        .InFile(file_.path)
        .AtLine(row.line)
        .Field(row.decision.action == Action::kSetSex ? "PERSON" : "VALUE")
        .Remedy("correct the line, or decide on the sex (set_sex) or the parents of the children");
  }

  void CheckNoLoop(const DecidedRow& row) const {
    std::vector<std::string> open = {row.decision.value};
    std::set<std::string> seen;
    while (!open.empty()) {
      const std::string iid = std::move(open.back());
      open.pop_back();
      const auto it = rows_.find(iid);
      if (iid.empty() || it == rows_.end() || !seen.insert(iid).second) continue;
      if (iid == row.decision.person) {
        throw Error(ErrorId::kPedigreeLoop, "by this decision a person is their own ancestor")
            .InFile(file_.path)
            .AtLine(row.line)
            .Field("VALUE")
            .Remedy("correct the parent, or first decide on the parents of their descendants");
      }
      open.push_back(people_[it->second].father);
      open.push_back(people_[it->second].mother);
    }
  }

  const DecisionsFile& file_;
  SampleTablePtr samples_;
  std::vector<Person> people_;
  std::unordered_map<std::string, size_t> rows_;
  std::set<std::string> named_;  // as parents
};

/// "set_father:person,set_sex:proposed": which of these actions the file has, and whose they are.
std::string KindsOf(const DecisionsFile& file, std::initializer_list<Action> actions) {
  std::set<std::string> kinds;
  for (const DecidedRow& row : file.rows) {
    if (std::find(actions.begin(), actions.end(), row.decision.action) == actions.end()) continue;
    if (row.needless) continue;
    kinds.insert(fmt::format("{}:{}", ActionName(row.decision.action), OriginName(row.origin)));
  }
  return fmt::format("{}", fmt::join(kinds, ","));
}

}  // namespace

std::vector<Error> FaultsOfPeople(const DecisionsFile& file, const SampleTablePtr& samples,
                                  const std::vector<Person>& people) {
  return Corrections(file, samples, people).FaultsOfPeople();
}

DecidedPeople ApplyDecisions(const DecisionsFile& file, SampleTablePtr samples,
                             std::vector<Person> people) {
  Corrections corrections(file, std::move(samples), std::move(people));
  corrections.CheckPeople();
  corrections.Exchange();
  corrections.Correct();
  corrections.CheckPedigree();
  DecidedPeople decided{corrections.samples(), std::move(corrections.people()), {}};
  std::set<std::string> seen;
  for (const DecidedRow& row : file.rows) {
    if (row.decision.action != Action::kRemove) continue;
    if (seen.insert(row.decision.person).second) {
      decided.removed[row.origin].push_back(row.decision.person);
    }
  }
  for (auto& [origin, iids] : decided.removed) std::sort(iids.begin(), iids.end());
  return decided;
}

Table DecisionsLedger(const DecisionsFile& file, const SampleTablePtr& samples,
                      const std::vector<Person>& people) {
  std::vector<LedgerRow> rows;
  Corrections corrections(file, samples, people);
  const auto add = [&](const std::string& filter) {
    const CohortPtr cohort =
        Cohort::Build(corrections.samples(), Pedigree::Build(corrections.people(), file.path));
    rows.push_back(LedgerRow::Of(*cohort, std::vector<uint8_t>(samples->size(), 1)));
    rows.back().step = "decisions";
    rows.back().filter = filter;
    rows.back().samples_in = static_cast<int64_t>(samples->size());
  };
  add("NA");
  if (const std::string made = KindsOf(file, {Action::kExchange}); !made.empty()) {
    corrections.Exchange();
    add(made);
  }
  const std::string made = KindsOf(file, {Action::kSetSex, Action::kSetFather, Action::kSetMother});
  if (!made.empty()) {
    corrections.Correct();
    add(made);
  }
  return LedgerTable(rows);
}

}  // namespace kinflow::kinship
