// Families by genotypes alone: who is parent and who is child.

#include "stages/kinship/found_families.h"

#include <gtest/gtest.h>

#include <map>

namespace kinflow::kinship {
namespace {

constexpr Relation kParent = Relation::kParentChild, kSib = Relation::kFullSib,
                   kSecond = Relation::kSecondDegree, kSame = Relation::kDuplicate;

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
    pairs_.push_back(pair);
  }
  void Missing(const std::string& a, uint64_t n) {
    facts_[cohort_->samples->Find(a)].n_missing = n;
  }
  void Born(const std::string& a, int year) { years_.born[a] = year; }

  /// "father mother confidence" of a person.
  std::string Of(const std::string& name) const {
    std::vector<Link> links;
    for (size_t p = 0; p < pairs_.size(); ++p) links.push_back({p, Link::State::kUnexpected});
    const Table table = FoundFamilies({*cohort_, pairs_, links, facts_, years_});
    const uint32_t s = cohort_->samples->Find(name);
    return table.StringsOf("FATHER")[s] + " " + table.StringsOf("MOTHER")[s] + " " +
           table.StringsOf("CONFIDENCE")[s];
  }

 private:
  std::vector<std::string> names_;
  CohortPtr cohort_;
  std::vector<JudgedPair> pairs_;
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
  EXPECT_EQ(unknown.Of("u1"), "NA NA low");
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

TEST(FoundFamilies, SibsTellTheirParent) {
  People people({"m1", "u2", "u3"});
  people.Related("m1", "u2", kParent);
  people.Related("m1", "u3", kParent);
  people.Related("u2", "u3", kSib);
  EXPECT_EQ(people.Of("u2"), "m1 NA medium");
  EXPECT_EQ(people.Of("u3"), "m1 NA medium");
  EXPECT_EQ(people.Of("m1"), "NA NA NA");
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

}  // namespace
}  // namespace kinflow::kinship
