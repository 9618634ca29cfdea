// Families by genotypes alone: who is parent and who is child.

#include "stages/kinship/found_families.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace kinflow::kinship {
namespace {

constexpr Relation kParent = Relation::kParentChild, kSib = Relation::kFullSib,
                   kSecond = Relation::kSecondDegree, kThird = Relation::kThirdDegree,
                   kSame = Relation::kDuplicate;

/// People by name; the first letter is the sex: m, f, or u for unknown.
class People {
 public:
  explicit People(std::vector<std::string> names) : names_(std::move(names)) {
    std::vector<Sex> sexes;
    for (const std::string& name : names_) {
      sexes.push_back(name[0] == 'm' ? Sex::kMale : name[0] == 'f' ? Sex::kFemale : Sex::kUnknown);
      SampleFacts facts{};
      facts.declared = sexes.back();
      facts_.push_back(facts);
    }
    cohort_ = Cohort::Build(SampleTable::Build(names_, names_, sexes, ""), Pedigree::Build({}, ""));
  }
  void Related(const std::string& a, const std::string& b, Relation relation) {
    const uint32_t x = cohort_->samples->Find(a), y = cohort_->samples->Find(b);
    JudgedPair pair;
    pair.pair.samples = {std::min(x, y), std::max(x, y)};
    pair.found = relation;
    links_.push_back({pairs_.size(), Link::State::kUnexpected, 0, true});
    pairs_.push_back(pair);
  }
  void Counted(const std::string& a, const std::string& b, Relation relation,
               const PairCounts& counts) {
    Related(a, b, relation);
    pairs_.back().pair.counts = counts;
  }
  /// As the Wald test alone finds them.
  void Perhaps(const std::string& a, const std::string& b, Relation relation, double p) {
    Related(a, b, relation);
    links_.back().alone = false;
    links_.back().p = p;
  }
  void Contaminated(const std::string& a) {
    Conflict conflict;
    conflict.kind = "contaminated";
    conflict.sample_1 = cohort_->samples->Find(a);
    conflicts_.push_back(conflict);
  }
  void Missing(const std::string& a, uint64_t n) {
    facts_[cohort_->samples->Find(a)].n_missing = n;
  }
  void Born(const std::string& a, int year) { years_.born[a] = year; }

  /// "father mother confidence" of a person.
  std::string Of(const std::string& name) const {
    return Get("FATHER", name) + " " + Get("MOTHER", name) + " " + Get("CONFIDENCE", name);
  }
  std::string Get(const std::string& column, const std::string& name) const {
    const Table table = FoundFamilies({*cohort_, pairs_, links_, conflicts_, facts_, years_});
    return table.StringsOf(column)[cohort_->samples->Find(name)];
  }

 private:
  std::vector<std::string> names_;
  CohortPtr cohort_;
  std::vector<JudgedPair> pairs_;
  std::vector<Link> links_;
  std::vector<Conflict> conflicts_;
  std::vector<SampleFacts> facts_;
  BirthYears years_;
};

TEST(FoundFamilies, TwoStrangersAreBothParents) {
  People people({"u1", "m2", "f3", "f4"});
  people.Related("u1", "m2", kParent);
  people.Related("u1", "f3", kParent);
  EXPECT_EQ(people.Of("u1"), "m2 f3 high");
  EXPECT_EQ(people.Of("m2"), "NA NA NA");
  EXPECT_EQ(people.Of("f4"), "NA NA NA");
  people.Born("u1", 2000);
  people.Born("f3", 2005);
  EXPECT_EQ(people.Of("u1"), "m2 f3 low");
}

TEST(FoundFamilies, OneSexTellsTheOther) {
  People people({"u1", "m2", "u3"});
  people.Related("u1", "m2", kParent);
  people.Related("u1", "u3", kParent);
  EXPECT_EQ(people.Of("u1"), "m2 u3 medium");
  People unknown({"u1", "u2", "u3"});
  unknown.Related("u1", "u2", kParent);
  unknown.Related("u1", "u3", kParent);
  EXPECT_EQ(unknown.Of("u1"), "NA NA medium");
  EXPECT_EQ(unknown.Get("FATHER_OR_MOTHER", "u1"), "u2,u3");
  EXPECT_EQ(unknown.Of("u2"), "NA NA NA");
  EXPECT_EQ(unknown.Get("FATHER_OR_MOTHER", "u2"), "NA");
}

TEST(FoundFamilies, WithoutSexesParentsAreFoundAndNotNamed) {
  // u1 and u2 with their child u3, whose child u4 follows from these.
  People people({"u1", "u2", "u3", "u4", "f5"});
  people.Related("u1", "u3", kParent);
  people.Related("u2", "u3", kParent);
  people.Related("u3", "u4", kParent);
  people.Related("u1", "u4", kSecond);
  people.Related("u2", "u4", kSecond);
  EXPECT_EQ(people.Get("FATHER_OR_MOTHER", "u3"), "u1,u2");
  EXPECT_EQ(people.Get("FATHER_OR_MOTHER", "u4"), "u3");
  EXPECT_EQ(people.Of("u4"), "NA NA medium");
  // A mother who is known leaves the father's place to the other one.
  people.Related("f5", "u4", kParent);
  EXPECT_EQ(people.Of("u4"), "u3 f5 medium");
  EXPECT_EQ(people.Get("FATHER_OR_MOTHER", "u4"), "NA");
}

TEST(FoundFamilies, ThreeGenerationsAreNoTrio) {
  // Grandmother, mother, child: the ends are second degree. Nothing tells which end is older.
  People people({"f1", "f2", "f3"});
  people.Related("f1", "f2", kParent);
  people.Related("f2", "f3", kParent);
  people.Related("f1", "f3", kSecond);
  for (const char* name : {"f1", "f2", "f3"}) EXPECT_EQ(people.Of(name), "NA NA low");
  // With her father the mother is known, and so is the direction of all.
  People more({"f1", "f2", "f3", "m4"});
  more.Related("f1", "f2", kParent);
  more.Related("f2", "m4", kParent);
  more.Related("f2", "f3", kParent);
  more.Related("f1", "f3", kSecond);
  more.Related("m4", "f3", kSecond);
  EXPECT_EQ(more.Of("f2"), "m4 f1 high");
  EXPECT_EQ(more.Of("f3"), "NA f2 medium");
  EXPECT_EQ(more.Of("f1"), "NA NA NA");
}

/// Grandmother f1, her daughter f2 with m3, their son m4; and m5.
People ThreeGenerations(std::optional<Relation> grandmother_and_child) {
  People people({"f1", "f2", "m3", "m4", "m5"});
  people.Related("f1", "f2", kParent);
  people.Related("f2", "m4", kParent);
  people.Related("m3", "m4", kParent);
  if (grandmother_and_child) people.Related("f1", "m4", *grandmother_and_child);
  return people;
}

TEST(FoundFamilies, AGrandmotherWhoSharesLittleIsNoMate) {
  // Kinship of a grandparent varies about 1/8: third degree is ordinary.
  for (const Relation found : {kSecond, kThird}) {
    const People people = ThreeGenerations(found);
    EXPECT_EQ(people.Of("m4"), "m3 f2 high");
    EXPECT_EQ(people.Of("f2"), "NA NA low");  // a half sister of her child is no less related
    EXPECT_EQ(people.Get("EVIDENCE", "f2"), "parent or child of f1");
  }
  // The grandfather tells that she is the grandmother.
  People people = ThreeGenerations(kThird);
  people.Related("m5", "f2", kParent);
  people.Related("m5", "m4", kSecond);
  EXPECT_EQ(people.Of("m4"), "m3 f2 high");
  EXPECT_EQ(people.Of("f2"), "m5 f1 high");
  EXPECT_EQ(people.Of("f1"), "NA NA NA");
}

TEST(FoundFamilies, NobodyIsHisOwnAncestor) {
  // Not found related: either couple of strangers contradicts the other, and nothing tells them
  // apart, as f2 would be the child of f1 and m4, and m4 that of f2 and m3.
  const People people = ThreeGenerations(std::nullopt);
  for (const char* name : {"f1", "f2", "m3", "m4"}) EXPECT_EQ(people.Of(name), "NA NA low");
}

TEST(FoundFamilies, HalfSibsWhoShareLittleAreNoParents) {
  // f1 with m2 and m3, a child of each: m4 and f5.
  for (const Relation found : {kSecond, kThird}) {
    People people({"f1", "m2", "m3", "m4", "f5"});
    people.Related("f1", "m4", kParent);
    people.Related("f1", "f5", kParent);
    people.Related("m2", "m4", kParent);
    people.Related("m3", "f5", kParent);
    people.Related("m4", "f5", found);
    EXPECT_EQ(people.Of("f1"), "NA NA NA");
    EXPECT_EQ(people.Of("m4"), "m2 f1 high");
    EXPECT_EQ(people.Of("f5"), "m3 f1 high");
  }
}

TEST(FoundFamilies, ThirdDegreeWithinItsErrorIsNoneForACouple) {
  // Kinship 0.0625, of 2,000 variants beyond two standard errors, of 200 within.
  for (const uint32_t n : {2000u, 200u}) {
    People people({"u1", "m2", "f3"});
    people.Related("u1", "m2", kParent);
    people.Related("u1", "f3", kParent);
    people.Counted("m2", "f3", kThird, {n / 5, n * 3 / 40, n * 2 / 5, n / 5, n / 5});
    EXPECT_EQ(people.Of("u1"), n == 200 ? "m2 f3 medium" : "NA NA low");
    people.Born("m2", 1970);
    people.Born("f3", 1970);
    people.Born("u1", 2000);
    EXPECT_EQ(people.Of("u1"), "m2 f3 medium");  // cousins
  }
}

TEST(FoundFamilies, SibsTellTheirParent) {
  People people({"m1", "u2", "u3"});
  people.Related("m1", "u2", kParent);
  people.Related("m1", "u3", kParent);
  people.Related("u2", "u3", kSib);
  EXPECT_EQ(people.Of("u2"), "m1 NA medium");
  EXPECT_EQ(people.Of("u3"), "m1 NA medium");
  EXPECT_EQ(people.Of("m1"), "NA NA NA");
}

TEST(FoundFamilies, SibsWithoutAParentShareTwoByName) {
  People people({"u1", "m2", "f3", "f4"});
  people.Related("u1", "m2", kSib);
  people.Related("u1", "f3", kSib);
  people.Related("m2", "f3", kSib);
  for (const char* name : {"u1", "m2", "f3"}) {
    EXPECT_EQ(people.Of(name), "father_of_u1 mother_of_u1 medium") << name;
  }
  EXPECT_EQ(people.Get("EVIDENCE", "u1"), "full sib of m2; the parents are not genotyped");
  EXPECT_EQ(people.Get("EVIDENCE", "f3"), "full sib of u1; the parents are not genotyped");
  EXPECT_EQ(people.Of("f4"), "NA NA NA");
  // Whoever is parent or child of one of them may be the parent.
  people.Related("m2", "f4", kParent);
  EXPECT_EQ(people.Of("u1"), "NA NA low");
  EXPECT_EQ(people.Get("EVIDENCE", "u1"), "full sib of m2; full sib of f3");
}

TEST(FoundFamilies, SibsNotAllOfOneAnotherHaveNoParentsByName) {
  People people({"u1", "m2", "f3"});
  people.Related("u1", "m2", kSib);
  people.Related("u1", "f3", kSib);
  EXPECT_EQ(people.Of("u1"), "NA NA low");
  EXPECT_EQ(people.Of("f3"), "NA NA low");
  EXPECT_EQ(people.Get("EVIDENCE", "f3"), "full sib of u1");
}

TEST(FoundFamilies, ParentsByNameHaveNobodysId) {
  People people({"u1", "u2", "mother_of_u1"});
  people.Related("u1", "u2", kSib);
  EXPECT_EQ(people.Of("u2"), "father_of_u1_ mother_of_u1_ medium");
}

TEST(FoundFamilies, ATwinByBirthYearsHasTheTwinsParents) {
  People people({"u1", "u2", "m3", "f4"});
  people.Related("u1", "m3", kParent);
  people.Related("u1", "f4", kParent);
  people.Related("u2", "m3", kParent);
  people.Related("u2", "f4", kParent);
  people.Related("u1", "u2", kSame);
  EXPECT_EQ(people.Of("u1"), "m3 f4 high");
  EXPECT_EQ(people.Of("u2"), "NA NA low");  // a twin, or the same person
  people.Born("u1", 2000);
  people.Born("u2", 2001);
  EXPECT_EQ(people.Of("u2"), "NA NA low");
  people.Born("u2", 2000);
  EXPECT_EQ(people.Of("u2"), "m3 f4 medium");
  EXPECT_EQ(people.Get("EVIDENCE", "u2"),
            "the same person as u1, or a twin, born in the same year");
}

TEST(FoundFamilies, BirthYearsTellTheParent) {
  People people({"f1", "m2"});
  people.Related("f1", "m2", kParent);
  EXPECT_EQ(people.Of("m2"), "NA NA low");
  people.Born("f1", 1980);
  people.Born("m2", 1985);
  EXPECT_EQ(people.Of("m2"), "NA NA low");
  people.Born("m2", 2005);
  EXPECT_EQ(people.Of("m2"), "NA f1 medium");
  EXPECT_EQ(people.Of("f1"), "NA NA NA");
}

TEST(FoundFamilies, ACopyHasNoFamily) {
  People people({"u1", "m2", "f3", "m4"});
  people.Related("u1", "m2", kParent);
  people.Related("u1", "f3", kParent);
  people.Related("u1", "m4", kParent);
  people.Related("m2", "m4", kSame);
  people.Missing("m2", 7);
  EXPECT_EQ(people.Of("u1"), "m4 f3 high");
  EXPECT_EQ(people.Of("m2"), "NA NA low");
}

TEST(FoundFamilies, WhatTheWaldTestAloneFindsIsNamedOnly) {
  // Known: f3 is the mother of u1 or its child. A stranger who looks like the father is none.
  People people({"u1", "m2", "f3"});
  people.Related("u1", "f3", kParent);
  people.Perhaps("u1", "m2", kParent, 0.031);
  EXPECT_EQ(people.Of("u1"), "NA NA low");
  EXPECT_EQ(people.Get("EVIDENCE", "u1"),
            "parent or child of f3; perhaps parent-child of m2 (P 0.031; no relative of both is "
            "found)");
  EXPECT_EQ(people.Get("EVIDENCE", "m2"),
            "perhaps parent-child of u1 (P 0.031; no relative of both is found)");
  EXPECT_EQ(people.Get("FID", "u1"), people.Get("FID", "f3"));
  EXPECT_NE(people.Get("FID", "u1"), people.Get("FID", "m2"));
}

TEST(FoundFamilies, ARelativeOfBothTellsThemFromStrangers) {
  // The father of two sibs, found by the Wald test alone; whose child the two are, all three tell.
  People people({"u1", "u2", "m3", "f4"});
  people.Related("u1", "u2", kSib);
  people.Perhaps("u1", "m3", kParent, 0.2);
  people.Perhaps("u2", "m3", kParent, 0.6);
  EXPECT_EQ(people.Of("u1"), "m3 NA medium");
  EXPECT_EQ(people.Of("u2"), "m3 NA medium");
  EXPECT_EQ(people.Get("FID", "u1"), people.Get("FID", "m3"));
  // With their mother there is a couple, yet not of high confidence.
  people.Related("u1", "f4", kParent);
  people.Related("u2", "f4", kParent);
  EXPECT_EQ(people.Of("u1"), "m3 f4 medium");
  EXPECT_EQ(people.Get("EVIDENCE", "u1"),
            "first-degree relative of two people who are not related to each other; kinship alone "
            "does not exclude chance, relatives of both do");
}

TEST(FoundFamilies, AContaminatedSampleHasNoFamily) {
  People people({"u1", "m2", "f3", "m4"});
  people.Related("u1", "m2", kParent);
  people.Related("u1", "f3", kParent);
  people.Related("u1", "m4", kParent);
  people.Related("m2", "m4", kSecond);
  people.Related("f3", "m4", kSecond);
  EXPECT_EQ(people.Of("u1"), "m2 f3 high");
  people.Contaminated("m2");
  EXPECT_EQ(people.Of("u1"), "NA NA low");
  EXPECT_EQ(people.Get("EVIDENCE", "m2"), "contaminated: its relatives are not looked for");
  EXPECT_EQ(people.Of("m2"), "NA NA low");
  EXPECT_NE(people.Get("FID", "u1"), people.Get("FID", "m2"));
}

}  // namespace
}  // namespace kinflow::kinship
