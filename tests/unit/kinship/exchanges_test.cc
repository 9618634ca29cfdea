#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "stages/kinship/exchange.h"
#include "stages/kinship/person_conflicts.h"

namespace kinflow::kinship {
namespace {

using State = Link::State;
using Texts = std::vector<std::string>;
using Names = std::vector<std::string>;

/// A pedigree of 14 people, and samples of some under other names. There are so many variants that
/// all relations are found as they are: what is proposed can be held against what was done.
class MixedSamples {
 public:
  MixedSamples() {
    AddFamilies();
    Build();
  }
  explicit MixedSamples(std::vector<Person> people) : people_(std::move(people)) { Build(); }

  uint32_t size() const { return static_cast<uint32_t>(sexes_.size()); }
  uint32_t Of(const std::string& name) const { return cohort_->samples->Find(name); }
  const Cohort& cohort() const { return *cohort_; }

  void Restore() {
    owners_.clear();
    for (uint32_t s = 0; s < size(); ++s) owners_.push_back(s);
  }
  /// Under the name of each lies the sample of the next, under that of the last that of the first.
  void Turn(const std::vector<uint32_t>& people) {
    Restore();
    for (size_t i = 0; i < people.size(); ++i) {
      owners_[people[i]] = people[(i + 1) % people.size()];
    }
  }
  void Turn(const Names& names) {
    std::vector<uint32_t> people;
    for (const std::string& name : names) people.push_back(Of(name));
    Turn(people);
  }

  /// What genotypes show: relations of all pairs, and sexes.
  std::pair<std::vector<Relation>, std::vector<Sex>> Shown() const {
    std::vector<Relation> relations;
    std::vector<Sex> sexes;
    for (uint32_t b = 0; b < size(); ++b) {
      for (uint32_t a = 0; a < b; ++a) relations.push_back(Between(owners_[a], owners_[b]));
      sexes.push_back(sexes_[owners_[b]]);
    }
    return {relations, sexes};
  }

  std::vector<SampleFacts> Facts(bool sexes = true) const {
    std::vector<SampleFacts> facts(size());
    for (uint32_t s = 0; s < size(); ++s) {
      facts[s].declared = sexes_[s];
      facts[s].inferred = sexes ? sexes_[owners_[s]] : Sex::kUnknown;
    }
    return facts;
  }

  /// Fills pairs with what is declared or found, links with the state of each.
  void Judge(std::vector<JudgedPair>& pairs, std::vector<Link>& links) const {
    for (uint32_t a = 0; a < size(); ++a) {
      for (uint32_t b = a + 1; b < size(); ++b) {
        JudgedPair pair;
        pair.pair.samples = {a, b};
        pair.pair.counts = {100, 0, 1000, 300, 300};
        pair.declared = Between(a, b);
        pair.found = Between(owners_[a], owners_[b]);
        const bool declared = pair.declared != Relation::kUnrelated;
        if (!declared && pair.found == Relation::kUnrelated) continue;
        Link link;
        link.pair = pairs.size();
        link.p = 1e-9;
        link.alone = !declared;
        link.state = !declared                     ? State::kUnexpected
                     : pair.found != pair.declared ? State::kRejected
                     : FirstDegree(pair.declared)  ? State::kConfirmed
                                                   : State::kUncertain;
        pairs.push_back(pair);
        links.push_back(link);
      }
    }
  }

  std::vector<Conflict> Conflicts(bool sexes = true) const {
    std::vector<JudgedPair> pairs;
    std::vector<Link> links;
    Judge(pairs, links);
    const std::vector<SampleFacts> facts = Facts(sexes);
    std::vector<Conflict> conflicts = FindConflicts(*cohort_, pairs, links, facts, years_);
    AddPersonConflicts({*cohort_, pairs, links, facts, years_}, conflicts);
    return conflicts;
  }
  /// "kind: decision" of each conflict.
  Texts Decisions(bool sexes = true) const {
    Texts told;
    for (const Conflict& c : Conflicts(sexes)) {
      told.push_back(c.kind + ": " + Describe(c.decision) + " (" + c.confidence + ")");
    }
    return told;
  }

 private:
  void AddFamilies() {
    constexpr Sex kFemale = Sex::kFemale, kMale = Sex::kMale;
    // The mother of a mother, whose third child has another father; a trio; mothers of daughters.
    Add("G", "", "", kFemale);
    Add("M1", "", "G", kFemale);
    Add("F1", "", "", kMale);
    Add("C1", "F1", "M1", kFemale);
    Add("D1", "F1", "M1", kMale);
    Add("F9", "", "", kMale);
    Add("H1", "F9", "M1", kMale);
    Add("M2", "", "", kFemale);
    Add("F2", "", "", kMale);
    Add("C2", "F2", "M2", kMale);
    for (const std::string family : {"3", "4"}) {
      Add("M" + family, "", "", kFemale);
      Add("C" + family, "", "M" + family, kFemale);
    }
  }
  void Build() {
    std::vector<std::string> names;
    for (const Person& person : people_) {
      names.push_back(person.iid);
      sexes_.push_back(person.sex);
    }
    cohort_ =
        Cohort::Build(SampleTable::Build(names, names, sexes_, ""), Pedigree::Build(people_, ""));
    for (const DeclaredPair& pair : DeclaredPairs(*cohort_)) {
      relations_[pair.samples] = pair.relation;
    }
    Restore();
  }
  void Add(std::string iid, std::string father, std::string mother, Sex sex) {
    Person person;
    person.iid = std::move(iid);
    person.father = std::move(father);
    person.mother = std::move(mother);
    person.sex = sex;
    people_.push_back(std::move(person));
  }
  Relation Between(uint32_t a, uint32_t b) const {
    const auto it = relations_.find(PairOfSamples{std::min(a, b), std::max(a, b)});
    return it == relations_.end() ? Relation::kUnrelated : it->second;
  }

  std::vector<Person> people_;
  std::vector<Sex> sexes_;
  CohortPtr cohort_;
  std::map<PairOfSamples, Relation> relations_;
  std::vector<uint32_t> owners_;  // whose sample lies under each name
  BirthYears years_;
};

Person Of(const std::string& iid, const std::string& father, const std::string& mother, Sex sex) {
  Person person;
  person.iid = iid;
  person.father = father;
  person.mother = mother;
  person.sex = sex;
  return person;
}

TEST(Exchanges, NothingIsToldOfSamplesThatAreWhereTheyBelong) {
  EXPECT_EQ(MixedSamples().Decisions(), Texts{});
}

TEST(Exchanges, FatherAndMother) {
  MixedSamples samples;
  samples.Turn(Names{"M2", "F2"});  // no relation tells
  EXPECT_EQ(samples.Decisions(), Texts{"swap: exchange F2 and M2 (high)"});
  EXPECT_EQ(samples.Decisions(false), Texts{});
  // A mother with a child by somebody else, and a mother of her own.
  samples.Turn(Names{"M1", "F1"});
  EXPECT_EQ(samples.Decisions(), Texts{"swap: exchange M1 and F1 (high)"});
}

TEST(Exchanges, ChildrenOfTwoFamiliesWhoAreOfDifferentSexes) {
  MixedSamples samples;
  samples.Turn(Names{"C1", "C2"});
  EXPECT_EQ(samples.Decisions(), Texts{"swap: exchange C1 and C2 (high)"});
  const std::string evidence = samples.Conflicts().at(0).evidence;
  EXPECT_NE(evidence.find("the sex of C2 agrees then"), std::string::npos) << evidence;
  EXPECT_NE(evidence.find("the sex of C1 agrees then"), std::string::npos) << evidence;
  EXPECT_EQ(samples.Decisions(false), Texts{"swap: exchange C1 and C2 (high)"});
}

TEST(Exchanges, BrotherAndSisterOrTwoSexesWronglyRecorded) {
  MixedSamples samples;
  samples.Turn(Names{"C1", "D1"});
  EXPECT_EQ(samples.Decisions(), Texts{"swap: exchange C1 and D1 (medium)"});
  EXPECT_EQ(samples.Decisions(false), Texts{});
  // Half-sibs have fathers who tell.
  samples.Turn(Names{"C1", "H1"});
  EXPECT_EQ(samples.Decisions(), Texts{"swap: exchange C1 and H1 (high)"});
}

TEST(Exchanges, ParentAndChild) {
  MixedSamples samples;
  samples.Turn(Names{"M2", "C2"});
  EXPECT_EQ(samples.Decisions(), Texts{"swap: exchange M2 and C2 (high)"});
  // All three exchanged in turn are found alike, but for the sexes.
  EXPECT_EQ(samples.Decisions(false), Texts{"swap: exchange M2 and C2 (medium)"});
  samples.Turn(Names{"G", "M1"});
  EXPECT_EQ(samples.Decisions(), Texts{"swap: exchange G and M1 (high)"});
}

TEST(Exchanges, ThreeOfOneFamilyInTurnAreNotExchangedInTwos) {
  MixedSamples samples;
  samples.Turn(Names{"M2", "F2", "C2"});
  EXPECT_EQ(samples.Decisions(), (Texts{"swap: check F2 and C2 (medium)", "sex: check M2 (medium)",
                                        "sex: check C2 (medium)"}));
  EXPECT_EQ(samples.Decisions(false), Texts{"swap: exchange F2 and C2 (medium)"});
}

TEST(Exchanges, WhatContradictsIsToldAndTakesTheConfidence) {
  MixedSamples samples;
  samples.Turn(Names{"M1", "C1", "M2"});
  EXPECT_EQ(samples.Decisions(),
            (Texts{"swap: exchange C1 and M2 (low)", "misplaced: remove M1 (high)"}));
  // Under M2 lies the sample of M1: no child of F1, but a child of G and the mother of H1.
  EXPECT_NE(samples.Conflicts().at(0).evidence.find("; 3 relations contradict"), std::string::npos)
      << samples.Conflicts().at(0).evidence;
}

TEST(Exchanges, TwoThatExplainTheSameAreToldTogether) {
  MixedSamples samples;
  samples.Turn(Names{"C3", "C4"});  // daughters of two mothers of whom nobody else is known
  EXPECT_EQ(samples.Decisions(), Texts{"swap: exchange M3 and M4 (medium)"});
  EXPECT_NE(samples.Conflicts().at(0).evidence.find("an exchange of C3 and C4 explains as much"),
            std::string::npos)
      << samples.Conflicts().at(0).evidence;
}

TEST(Exchanges, WhatHoldsEitherWayTellsNoTwoApart) {
  // Half-brothers by their mother: their fathers exchanged, or they.
  MixedSamples brothers({Of("M", "", "", Sex::kFemale), Of("F", "", "", Sex::kMale),
                         Of("F2", "", "", Sex::kMale), Of("C1", "F", "M", Sex::kMale),
                         Of("C2", "F2", "M", Sex::kMale)});
  // Sons of two sisters, whose mother is a sample, too: they exchanged, or the sisters.
  MixedSamples cousins({Of("G", "", "", Sex::kFemale), Of("A", "", "", Sex::kMale),
                        Of("M1", "A", "G", Sex::kFemale), Of("M2", "A", "G", Sex::kFemale),
                        Of("C1", "", "M1", Sex::kMale), Of("C2", "", "M2", Sex::kMale)});
  const auto told_as_one_of_two = [](MixedSamples& samples, const Names& exchanged) {
    samples.Turn(exchanged);
    const std::vector<Conflict> conflicts = samples.Conflicts();
    ASSERT_EQ(conflicts.size(), 1u);
    EXPECT_EQ(conflicts[0].decision.action, Action::kExchange);
    EXPECT_EQ(conflicts[0].confidence, "medium");
    EXPECT_NE(conflicts[0].evidence.find("explains as much"), std::string::npos)
        << conflicts[0].evidence;
  };
  told_as_one_of_two(brothers, {"F", "F2"});
  told_as_one_of_two(brothers, {"C1", "C2"});
  told_as_one_of_two(cousins, {"M1", "M2"});
  told_as_one_of_two(cousins, {"C1", "C2"});
}

TEST(Exchanges, NoParentOrSexIsSurelyWrongWhereSamplesMayBeExchanged) {
  // Half-sibs of different sexes, the father of one a sample; then the mother and her daughter.
  MixedSamples family({Of("M", "", "", Sex::kFemale), Of("F", "", "", Sex::kMale),
                       Of("F2", "", "", Sex::kMale), Of("C1", "F", "M", Sex::kMale),
                       Of("C2", "", "M", Sex::kFemale)});
  for (const Names& exchanged : {Names{"C1", "C2"}, Names{"M", "C2"}}) {
    family.Turn(exchanged);
    const std::vector<Conflict> conflicts = family.Conflicts();
    EXPECT_FALSE(conflicts.empty());
    for (const Conflict& conflict : conflicts) {
      const Action action = conflict.decision.action;
      if (action != Action::kSetMother && action != Action::kSetFather &&
          action != Action::kSetSex && action != Action::kRemove) {
        continue;
      }
      EXPECT_NE(conflict.confidence, "high") << Describe(conflict.decision);
    }
  }
  MixedSamples samples;
  samples.Turn(Names{"G", "C1"});
  for (const Conflict& conflict : samples.Conflicts()) {
    if (conflict.decision.action == Action::kExchange) continue;
    EXPECT_NE(conflict.decision.action, Action::kSetSex);
    if (conflict.decision.action != Action::kSetFather) continue;
    EXPECT_NE(conflict.confidence, "high") << Describe(conflict.decision);
  }
}

TEST(Exchanges, SexesTellHalfSibsApartWhereOnlyOneFatherIsASample) {
  MixedSamples family({Of("M", "", "", Sex::kFemale), Of("F", "", "", Sex::kMale),
                       Of("C1", "F", "M", Sex::kMale), Of("C2", "", "M", Sex::kFemale)});
  family.Turn(Names{"C1", "C2"});
  EXPECT_EQ(family.Decisions(), Texts{"swap: exchange C1 and C2 (high)"});
}

TEST(Exchanges, AnyTwoAreFoundUnlessTheGenotypesAreThoseOfOthers) {
  MixedSamples samples;
  size_t sure = 0;
  for (uint32_t a = 0; a < samples.size(); ++a) {
    for (uint32_t b = a + 1; b < samples.size(); ++b) {
      samples.Turn(std::vector<uint32_t>{a, b});
      const std::vector<Conflict> conflicts = samples.Conflicts();
      const bool one = conflicts.size() == 1 && conflicts[0].confidence == "high";
      if (!one) continue;
      EXPECT_EQ(conflicts[0].decision.action, Action::kExchange);
      EXPECT_EQ(std::minmax(conflicts[0].sample_1, conflicts[0].sample_2), std::minmax(a, b));
      ++sure;
    }
  }
  // Of 91: not a sister and brother (medium), mother and daughter without others (2, not to be
  // seen), four of two such families (two explanations each).
  EXPECT_EQ(sure, 84u);
}

TEST(Exchanges, ThreeInTurnAreNeverSurelyTwoUnlessTheyLookLikeTwo) {
  MixedSamples samples;
  for (uint32_t a = 0; a < samples.size(); ++a) {
    for (uint32_t b = a + 1; b < samples.size(); ++b) {
      for (uint32_t c = a + 1; c < samples.size(); ++c) {
        if (b == c) continue;
        samples.Turn(std::vector<uint32_t>{a, b, c});
        const auto shown = samples.Shown();
        for (const Conflict& conflict : samples.Conflicts()) {
          if (conflict.decision.action != Action::kExchange) continue;
          if (conflict.confidence != "high") continue;
          samples.Turn(std::vector<uint32_t>{conflict.sample_1, conflict.sample_2});
          EXPECT_EQ(samples.Shown(), shown) << a << " " << b << " " << c;
        }
      }
    }
  }
}

TEST(Exchanges, ThreeOfAFamilyOfTwoChildrenAreNotSurelyTwoWithoutSexes) {
  MixedSamples samples;
  for (const Names& turned : {Names{"M1", "F1", "C1"}, Names{"F1", "M1", "C1"}}) {
    samples.Turn(turned);
    for (const Conflict& conflict : samples.Conflicts(false)) {
      if (conflict.decision.action != Action::kExchange) continue;
      EXPECT_NE(conflict.confidence, "high");
    }
  }
}

TEST(Exchanges, PairsThatMayBeRelativesByChanceSpeakForNeitherSide) {
  MixedSamples samples;
  samples.Turn(Names{"C1", "C2"});
  std::vector<JudgedPair> pairs;
  std::vector<Link> links;
  samples.Judge(pairs, links);
  const uint32_t c1 = samples.Of("C1"), c2 = samples.Of("C2"), f2 = samples.Of("F2");
  const auto evidence = [&](const std::vector<Link>& of) {
    return EvidenceOfExchange(LinkGraph(samples.cohort(), pairs, of), samples.Facts(), c1, c2);
  };
  const ExchangeEvidence all = evidence(links);
  EXPECT_EQ(all.contradict, 0u);
  EXPECT_EQ(all.sexes_resolved, 2u);
  // The child found under C1 and its father: listed, but not beyond chance.
  const auto at = std::find_if(links.begin(), links.end(), [&](const Link& link) {
    return pairs[link.pair].pair.samples == PairOfSamples{c1, f2};
  });
  ASSERT_NE(at, links.end());
  std::vector<Link> without = links;
  without.erase(without.begin() + (at - links.begin()));
  EXPECT_EQ(evidence(without).agree, all.agree - 1);
  EXPECT_EQ(evidence(without).contradict, 0u);
  // Not listed at all they are strangers.
  pairs[at->pair].found = Relation::kUnrelated;
  EXPECT_EQ(evidence(without).contradict, 1u);
  // Found undeclared by the less strict test only, strangers do not contradict.
  pairs[at->pair].found = Relation::kParentChild;
  std::vector<Link> doubtful = links;
  JudgedPair pair;
  pair.pair.samples = {c1, samples.Of("M4")};
  pair.pair.counts = {200, 0, 1000, 200, 200};
  pair.found = Relation::kFullSib;
  pairs.push_back(pair);
  doubtful.push_back({.pair = pairs.size() - 1, .state = State::kUnexpected, .alone = false});
  EXPECT_EQ(evidence(doubtful).contradict, 0u);
  doubtful.back().alone = true;
  EXPECT_EQ(evidence(doubtful).contradict, 1u);
}

}  // namespace
}  // namespace kinflow::kinship
