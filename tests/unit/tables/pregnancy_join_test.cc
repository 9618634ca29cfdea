#include "stages/formats/pregnancy_join.h"

#include <gtest/gtest.h>

namespace kinflow {
namespace {

PhenotypeTable TableOf(std::vector<std::string> ids, std::vector<std::string> pregnancies) {
  PhenotypeTable table;
  table.ids = std::move(ids);
  table.pregnancies = std::move(pregnancies);
  return table;
}

const auto kMale = Sex::kMale, kFemale = Sex::kFemale;

Pedigree Families(const std::string& first, const std::string& second, const std::string& third) {
  return Pedigree::Build({{"F", "P", "", "", kMale, ""},
                          {"F", "M", "", "", kFemale, ""},
                          {"G", "N", "", "", kFemale, ""},
                          {"F", "A", "P", "M", kMale, first},
                          {"F", "B", "P", "M", kFemale, second},
                          {"G", "C", "P", "N", kMale, third}},
                         "p.tsv");
}

TEST(PregnancyJoin, CountsRowsOfThePedigreesPregnancies) {
  PhenotypeTable table = TableOf({"M", "M", "N", "X", "P"}, {"p1", "p9", "p3", "p9", "p2"});
  const PregnancyJoin join = JoinPregnancies(Families("p1", "p2", "p3"), false, table);
  EXPECT_EQ(join.rows, 4u);  // X is nobody of the pedigree
  EXPECT_EQ(join.found, 3u);
  EXPECT_EQ(table.pregnancies, (std::vector<std::string>{"p1", "p9", "p3", "p9", "p2"}));
}

// M's row of another pregnancy is a further one; B and C stand with others alone; X is nobody.
TEST(PregnancyJoin, CountsPeopleWithoutAnyOfTheirPregnancies) {
  PhenotypeTable table =
      TableOf({"M", "M", "N", "B", "C", "X", "C"}, {"p9", "p1", "p3", "q2", "q3", "q1", "q4"});
  const PregnancyJoin join = JoinPregnancies(Families("p1", "p2", "p3"), false, table);
  EXPECT_EQ(join.rows, 6u);
  EXPECT_EQ(join.found, 2u);
  EXPECT_EQ(join.people, 4u);
  EXPECT_EQ(join.unknown_only, 2u);
}

// M with N's pregnancy, N with one of M's, the father with his own, a child with another's.
TEST(PregnancyJoin, CountsRowsOfPregnanciesOfOthers) {
  PhenotypeTable table =
      TableOf({"M", "M", "N", "P", "A", "B", "X"}, {"p1", "p3", "p2", "p3", "p1", "p1", "p1"});
  const PregnancyJoin join = JoinPregnancies(Families("p1", "p2", "p3"), false, table);
  EXPECT_EQ(join.rows, 6u);
  EXPECT_EQ(join.found, 6u);
  EXPECT_EQ(join.of_others, 3u);
  EXPECT_EQ(join.first_of_others, 2u);
}

// Whoever may be the parent that the pedigree does not know contradicts nothing.
TEST(PregnancyJoin, UnknownParentsMayBeAnybody) {
  const Pedigree pedigree = Pedigree::Build({{"F", "P", "", "", kMale, ""},
                                             {"F", "M", "", "", kFemale, ""},
                                             {"F", "A", "P", "M", kMale, "p1"},
                                             {"G", "N", "", "", kFemale, ""},
                                             {"G", "S", "", "", kMale, ""},
                                             {"G", "B", "", "N", kMale, "p2"}},
                                            "p.tsv");
  PhenotypeTable table = TableOf({"P", "S", "M", "S"}, {"p2", "p2", "p2", "p1"});
  const PregnancyJoin join = JoinPregnancies(pedigree, false, table);
  EXPECT_EQ(join.of_others, 2u);  // M is a mother, and N's child has one; S is no parent of A
  EXPECT_EQ(join.first_of_others, 3u);
}

// As in a pedigree that gives them in the rows of mothers.
TEST(PregnancyJoin, PregnanciesOfPeopleWithoutParentsAreNone) {
  const Pedigree pedigree =
      Pedigree::Build({{"F", "M", "", "", kFemale, "p1"}, {"F", "A", "", "M", kMale, ""}}, "p.tsv");
  PhenotypeTable table = TableOf({"M"}, {"p1"});
  EXPECT_EQ(JoinPregnancies(pedigree, false, table).found, 0u);
}

// A father's second pregnancy is M's; his first one is M's and N's, and so of neither.
TEST(PregnancyJoin, NumbersBecomeIdsOfTheMother) {
  PhenotypeTable table =
      TableOf({"M", "M", "N", "B", "C", "P", "P", "M"}, {"1", "2", "1", "2", "1", "2", "1", "3"});
  const PregnancyJoin join = JoinPregnancies(Families("M:1", "M:2", "N:1"), true, table);
  EXPECT_EQ(table.pregnancies,
            (std::vector<std::string>{"M:1", "M:2", "N:1", "M:2", "N:1", "M:2", "1", "3"}));
  EXPECT_EQ(join.rows, 8u);
  EXPECT_EQ(join.found, 6u);
}

// Whose mother was changed by a decision.
TEST(PregnancyJoin, APregnancyOfAnotherMotherIsLeft) {
  PhenotypeTable table = TableOf({"N", "C"}, {"1", "1"});
  const PregnancyJoin join = JoinPregnancies(Families("M:1", "M:2", "M:3"), true, table);
  EXPECT_EQ(join.found, 0u);
}

}  // namespace
}  // namespace kinflow
