#include "stages/kinship/person_conflicts.h"

#include <gtest/gtest.h>

namespace kinflow::kinship {
namespace {

using State = Link::State;

/// Father F (0), mother M (1), child C (2), all declared female but the father; `genotyped`: who
/// is a sample.
class Family {
 public:
  Family(int father_born, int child_born, int mother_born = 0,
         const std::vector<std::string>& genotyped = {"F", "M", "C"}) {
    std::vector<Person> people(3);
    const std::vector<std::string> iids = {"F", "M", "C"};
    for (size_t i = 0; i < iids.size(); ++i) {
      people[i].iid = iids[i];
      people[i].sex = i == 0 ? Sex::kMale : Sex::kFemale;
    }
    if (father_born != 0) years_.born["F"] = father_born;
    if (mother_born != 0) years_.born["M"] = mother_born;
    if (child_born != 0) years_.born["C"] = child_born;
    people[2].father = "F";
    people[2].mother = "M";
    std::vector<Sex> sexes;
    for (const std::string& iid : genotyped) {
      sexes.push_back(iid == "F" ? Sex::kMale : Sex::kFemale);
    }
    cohort_ = Cohort::Build(SampleTable::Build({}, genotyped, sexes, ""),
                            Pedigree::Build(std::move(people), ""));
    facts.resize(genotyped.size());
    for (size_t s = 0; s < facts.size(); ++s) {
      facts[s].declared = facts[s].inferred = sexes[s];
      facts[s].call_rate = 1;
    }
  }

  void Link(uint32_t a, uint32_t b, State state) {
    JudgedPair pair;
    pair.pair.samples = {a, b};
    pair.declared = Relation::kParentChild;
    pairs_.push_back(pair);
    links_.push_back({.pair = links_.size(), .state = state});
  }

  std::vector<std::string> Conflicts(std::vector<Conflict> of_pairs = {}) const {
    const size_t before = of_pairs.size();
    AddPersonConflicts({*cohort_, pairs_, links_, facts, years_, 0.98}, of_pairs);
    std::vector<std::string> told;
    for (size_t i = before; i < of_pairs.size(); ++i) {
      const Conflict& c = of_pairs[i];
      told.push_back(c.kind + ": " + Describe(c.decision) + " (" + c.confidence + ")");
    }
    return told;
  }
  /// The people of the only conflict, as IID1 and IID2 name them.
  std::string PeopleTold() const {
    std::vector<Conflict> conflicts;
    AddPersonConflicts({*cohort_, pairs_, links_, facts, years_, 0.98}, conflicts);
    const Conflict& c = conflicts.at(0);
    return cohort_->samples->iid(c.sample_1) + " " + OtherIid(c, *cohort_->samples);
  }

  std::vector<SampleFacts> facts;

 private:
  BirthYears years_;
  CohortPtr cohort_;
  std::vector<JudgedPair> pairs_;
  std::vector<kinship::Link> links_;
};

using Texts = std::vector<std::string>;

Conflict Of(Action action, uint32_t a, uint32_t b) {
  Conflict conflict;
  conflict.decision.action = action;
  conflict.sample_1 = a;
  conflict.sample_2 = b;
  return conflict;
}

TEST(PersonConflicts, ASexIsCorrectedWhereTheFamilyFits) {
  Family family(0, 0);
  EXPECT_EQ(family.Conflicts(), Texts{});
  family.facts[2].inferred = Sex::kMale;
  EXPECT_EQ(family.Conflicts(), Texts{"sex: check C (low)"});
  family.Link(0, 2, State::kConfirmed);
  family.Link(1, 2, State::kConfirmed);
  EXPECT_EQ(family.Conflicts(), Texts{"sex: set the sex of C to male (high)"});
  family.facts[2].inferred = Sex::kUnknown;
  EXPECT_EQ(family.Conflicts(), Texts{});
}

TEST(PersonConflicts, NotWhereTheFamilyDoesNotFitOrTheyAreAParent) {
  Family child(0, 0);
  child.facts[2].inferred = Sex::kMale;
  child.Link(0, 2, State::kRejected);
  EXPECT_EQ(child.Conflicts(), Texts{"sex: check C (medium)"});
  Family mother(0, 0);
  mother.facts[1].inferred = Sex::kMale;
  mother.Link(1, 2, State::kConfirmed);
  EXPECT_EQ(mother.Conflicts(), Texts{"sex: check M (medium)"});
}

TEST(PersonConflicts, NotWhereARelativeHasTheOppositeSexes) {
  Family family(0, 0);
  family.Link(1, 2, State::kConfirmed);
  family.facts[2].inferred = Sex::kMale;
  EXPECT_EQ(family.Conflicts(), Texts{"sex: set the sex of C to male (high)"});
  family.Link(0, 2, State::kConfirmed);
  family.facts[0].inferred = Sex::kFemale;
  EXPECT_EQ(family.Conflicts(), (Texts{"sex: check F (medium)", "sex: check C (medium)"}));
}

TEST(PersonConflicts, WhatAnotherConflictExplainsIsNotToldAgain) {
  Family family(0, 0);
  family.facts[0].inferred = Sex::kFemale;
  family.facts[2].inferred = Sex::kMale;
  EXPECT_EQ(family.Conflicts({Of(Action::kExchange, 0, 2)}), Texts{});
  EXPECT_EQ(family.Conflicts({Of(Action::kRemove, 2, 1), Of(Action::kKeep, 0, 1)}),
            Texts{"sex: check F (medium)"});
  // An exchange that does not bring the sexes together explains nothing.
  EXPECT_EQ(family.Conflicts({Of(Action::kExchange, 1, 2)}),
            (Texts{"sex: check F (medium)", "sex: check C (low)"}));
}

TEST(PersonConflicts, FewCalls) {
  Family family(0, 0);
  family.facts[1].call_rate = 0.979;
  family.facts[0].call_rate = 0.98;
  EXPECT_EQ(family.Conflicts(), Texts{"low-call-rate: remove M (high)"});
  // The exchange comes first: the poor genotypes are the other one's then.
  EXPECT_EQ(family.Conflicts({Of(Action::kExchange, 1, 2)}),
            Texts{"low-call-rate: remove C (high)"});
}

TEST(PersonConflicts, AParentYoungerThanTheChild) {
  EXPECT_EQ(Family(1990, 1980).Conflicts(), Texts{"generation: check C and F (high)"});
  EXPECT_EQ(Family(1969, 1980).Conflicts().size(), 1u);  // 11 years
  EXPECT_EQ(Family(1968, 1980).Conflicts(), Texts{});
  EXPECT_EQ(Family(1990, 0).Conflicts(), Texts{});
  Family rejected(1990, 1980);  // a wrong father, told as such
  rejected.Link(0, 2, State::kRejected);
  EXPECT_EQ(rejected.Conflicts(), Texts{});
}

TEST(PersonConflicts, AParentOrChildWhoIsNotGenotyped) {
  const Family of_child(1990, 1999, 0, {"M", "C"});
  EXPECT_EQ(of_child.Conflicts(), Texts{"generation: check C and F (high)"});
  EXPECT_EQ(of_child.PeopleTold(), "C F");
  const Family of_father(1990, 1999, 0, {"F"});
  EXPECT_EQ(of_father.Conflicts(), Texts{"generation: check C and F (high)"});
  EXPECT_EQ(of_father.PeopleTold(), "F C");
  EXPECT_EQ(Family(1990, 1999, 0, {"M"}).Conflicts(), Texts{});  // no sample is concerned
}

TEST(PersonConflicts, AMotherWhoMayBeTheGrandmother) {
  const Family grandmother(0, 2000, 1943);  // 57 years
  EXPECT_EQ(grandmother.Conflicts(), Texts{"generation: check C and M (medium)"});
  EXPECT_EQ(grandmother.PeopleTold(), "C M");
  EXPECT_EQ(Family(0, 2000, 1943, {"F", "C"}).Conflicts(),
            Texts{"generation: check C and M (medium)"});
  EXPECT_EQ(Family(0, 2000, 1945).Conflicts(), Texts{});  // 55
  EXPECT_EQ(Family(1943, 2000).Conflicts(), Texts{});     // fathers may be older
  Family rejected(0, 2000, 1943);
  rejected.Link(1, 2, State::kRejected);
  EXPECT_EQ(rejected.Conflicts(), Texts{});
}

}  // namespace
}  // namespace kinflow::kinship
