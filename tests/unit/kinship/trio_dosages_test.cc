#include "stages/kinship/trio_dosages.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kinflow::kinship {
namespace {

TEST(DosageViolation, OfHardCallsIsAMendelError) {
  // Of all 27 trios those with an error, as copies of ALT that are too many or too few.
  for (uint32_t father = 0; father <= 2; ++father) {
    for (uint32_t mother = 0; mother <= 2; ++mother) {
      for (uint32_t child = 0; child <= 2; ++child) {
        uint32_t nearest = 2;
        for (const uint32_t f : {father / 2, (father + 1) / 2}) {
          for (const uint32_t m : {mother / 2, (mother + 1) / 2}) {
            nearest = std::min(nearest, child > f + m ? child - (f + m) : f + m - child);
          }
        }
        // Between two genotypes that are possible lies no other one.
        EXPECT_EQ(DosageViolation(child, father, mother, 1), nearest);
      }
    }
  }
}

TEST(DosageViolation, OfDosages) {
  EXPECT_EQ(DosageViolation(1000, 500, 500, 1000), 0u);  // up to a half from each
  EXPECT_EQ(DosageViolation(1100, 500, 500, 1000), 100u);
  EXPECT_EQ(DosageViolation(400, 1500, 0, 1000), 100u);  // a half at least of the father
  EXPECT_EQ(DosageViolation(1500, 2000, 400, 1000), 100u);
}

TEST(DosageViolation, OfDosagesBesideOneParent) {
  EXPECT_EQ(DosageViolation(1500, 500, 1000), 0u);  // up to a half from the one, one from the other
  EXPECT_EQ(DosageViolation(1600, 500, 1000), 100u);
  EXPECT_EQ(DosageViolation(400, 1500, 1000), 100u);
  EXPECT_EQ(DosageViolation(0, 1000, 1000), 0u);
  for (uint32_t parent = 0; parent <= 2; ++parent) {
    for (uint32_t child = 0; child <= 2; ++child) {
      EXPECT_EQ(DosageViolation(child, parent, 1),
                (child + parent == 2 && child != parent) ? 1u : 0u);
    }
  }
}

CohortPtr Families(int n) {
  std::vector<Person> people;
  std::vector<std::string> iids;
  for (int k = 0; k < n; ++k) {
    const std::string number = std::to_string(k);
    for (const char* role : {"F", "M", "C", "D"}) {
      Person p;
      p.iid = role + number;
      if (*role == 'C' || *role == 'D') {
        p.father = "F" + number;
        p.mother = "M" + number;
      }
      iids.push_back(p.iid);
      people.push_back(std::move(p));
    }
  }
  return Cohort::Build(SampleTable::Build({}, iids, {}, ""),
                       Pedigree::Build(std::move(people), ""));
}

TEST(ControlledTrios, ControlsAreParentsOfAnotherFamily) {
  const CohortPtr cohort = Families(2);
  std::vector<uint8_t> kept(cohort->samples->size(), 1);
  const auto trios = ControlledTrios(*cohort, kept);
  ASSERT_EQ(trios.size(), 4u);
  for (const ControlledTrio& t : trios) {
    EXPECT_EQ(t.control.child, t.trio.child);
    EXPECT_NE(t.control.father, t.trio.father);
    EXPECT_NE(t.control.mother, t.trio.mother);
  }
  kept[cohort->samples->Find("M1")] = 0;
  // No other mother: the trios have no control, the children of F1 are duos beside F0's.
  const auto duos = ControlledTrios(*cohort, kept);
  ASSERT_EQ(duos.size(), 4u);
  for (const ControlledTrio& t : duos) {
    EXPECT_EQ(t.trio.mother, SampleTable::kAbsent);
    EXPECT_EQ(t.control.mother, SampleTable::kAbsent);
    EXPECT_NE(t.control.father, t.trio.father);
    EXPECT_EQ(t.listed, t.trio.father == cohort->samples->Find("F1"));
  }
  kept[cohort->samples->Find("F1")] = 0;
  EXPECT_TRUE(ControlledTrios(*cohort, kept).empty());  // one family is left
  EXPECT_TRUE(ControlledTrios(*Families(1), std::vector<uint8_t>(4, 1)).empty());
}

TEST(TrioDosagesTable, FlagsWhatLooksLikeStrangers) {
  const CohortPtr cohort = Families(5);
  const auto trios = ControlledTrios(*cohort, std::vector<uint8_t>(20, 1));
  TrioSums sums(trios.size());
  for (size_t t = 0; t < trios.size(); ++t) {
    sums.variants[t] = sums.control_variants[t] = 1000;
    sums.violation[t] = 20 + t;
    sums.control_violation[t] = 200 + 7 * t;
  }
  sums.violation[3] = 190;
  sums.violation[7] = 60;  // badly imputed, far from strangers
  sums.variants[8] = 0;
  const Table table = TrioDosagesTable(trios, sums, 2, *cohort->samples);
  for (size_t t = 0; t < trios.size(); ++t) {
    EXPECT_EQ(table.StringsOf("STATUS")[t], t == 3 ? "flagged" : t == 8 ? "NA" : "pass") << t;
  }
  EXPECT_EQ(table.DoublesOf("VIOLATION")[0], 0.01);
}

}  // namespace
}  // namespace kinflow::kinship
