#include <gtest/gtest.h>

#include <map>

#include "stages/kinship/relation.h"

namespace kinflow::kinship {
namespace {

Person Of(std::string iid, std::string father, std::string mother) {
  Person p;
  p.iid = std::move(iid);
  p.father = std::move(father);
  p.mother = std::move(mother);
  return p;
}

std::map<std::string, DeclaredPair> Pairs(std::vector<Person> people,
                                          const std::vector<std::string>& genotyped) {
  const auto samples = SampleTable::Build(genotyped, genotyped,
                                          std::vector<Sex>(genotyped.size(), Sex::kUnknown), "");
  const auto cohort = Cohort::Build(samples, Pedigree::Build(std::move(people), ""));
  std::map<std::string, DeclaredPair> pairs;
  for (const DeclaredPair& pair : DeclaredPairs(*cohort)) {
    EXPECT_LT(pair.samples.first, pair.samples.second);
    pairs[genotyped[pair.samples.first] + " " + genotyped[pair.samples.second]] = pair;
  }
  return pairs;
}

TEST(DeclaredPairs, FindsRelationsThroughPeopleWithoutGenotypes) {
  // Grandparents G and H with children F and A; F and M have C and D, F and N have E; A and B have
  // K. M, B and N have no parents; N and H have no genotypes.
  const auto pairs =
      Pairs({Of("F", "G", "H"), Of("A", "G", "H"), Of("C", "F", "M"), Of("D", "F", "M"),
             Of("E", "F", "N"), Of("K", "B", "A"), Of("L", "", ""), Of("P", "", "C")},
            {"G", "F", "A", "M", "B", "C", "D", "E", "K", "L", "P"});
  const std::map<std::string, std::pair<Relation, double>> expected = {
      {"G F", {Relation::kParentChild, 0.25}},   {"G A", {Relation::kParentChild, 0.25}},
      {"F A", {Relation::kFullSib, 0.25}},       {"F C", {Relation::kParentChild, 0.25}},
      {"F D", {Relation::kParentChild, 0.25}},   {"F E", {Relation::kParentChild, 0.25}},
      {"M C", {Relation::kParentChild, 0.25}},   {"M D", {Relation::kParentChild, 0.25}},
      {"A K", {Relation::kParentChild, 0.25}},   {"B K", {Relation::kParentChild, 0.25}},
      {"C P", {Relation::kParentChild, 0.25}},   {"C D", {Relation::kFullSib, 0.25}},
      {"C E", {Relation::kSecondDegree, 0.125}}, {"D E", {Relation::kSecondDegree, 0.125}},
      {"G C", {Relation::kSecondDegree, 0.125}}, {"G D", {Relation::kSecondDegree, 0.125}},
      {"G E", {Relation::kSecondDegree, 0.125}}, {"G K", {Relation::kSecondDegree, 0.125}},
      {"A C", {Relation::kSecondDegree, 0.125}}, {"A D", {Relation::kSecondDegree, 0.125}},
      {"A E", {Relation::kSecondDegree, 0.125}}, {"F K", {Relation::kSecondDegree, 0.125}},
      {"F P", {Relation::kSecondDegree, 0.125}}, {"M P", {Relation::kSecondDegree, 0.125}},
      {"D P", {Relation::kSecondDegree, 0.125}}, {"C K", {Relation::kThirdDegree, 0.0625}},
      {"D K", {Relation::kThirdDegree, 0.0625}}, {"E K", {Relation::kThirdDegree, 0.0625}},
      {"G P", {Relation::kThirdDegree, 0.0625}}, {"A P", {Relation::kThirdDegree, 0.0625}},
      {"E P", {Relation::kThirdDegree, 0.0625}},
  };
  EXPECT_EQ(pairs.size(), expected.size());
  for (const auto& [name, relation] : expected) {
    ASSERT_TRUE(pairs.contains(name)) << name;
    EXPECT_EQ(pairs.at(name).relation, relation.first) << name;
    EXPECT_DOUBLE_EQ(pairs.at(name).kinship, relation.second) << name;
    EXPECT_FALSE(pairs.at(name).maybe_full_sibs) << name;
  }
}

TEST(DeclaredPairs, ControlsAreNobodysRelatives) {
  const std::vector<std::string> genotyped = {"F", "M", "C", "K"};
  const auto samples =
      SampleTable::Build(genotyped, genotyped, std::vector<Sex>(4, Sex::kUnknown), "");
  const auto pedigree = [] {
    return Pedigree::Build({Of("F", "", ""), Of("M", "", ""), Of("C", "F", "M"), Of("K", "F", "M")},
                           "");
  };
  EXPECT_FALSE(Cohort::Build(samples, pedigree())->has_controls());
  const auto cohort = Cohort::Build(samples, pedigree(), {1, 0, 0, 1});
  EXPECT_EQ(cohort->founders, (std::vector<uint8_t>{0, 1, 0, 0}));
  ASSERT_EQ(cohort->trios.size(), 1u);
  EXPECT_EQ(cohort->trios[0].child, 2u);
  EXPECT_EQ(cohort->trios[0].father, SampleTable::kAbsent);
  EXPECT_EQ(cohort->trios[0].mother, 1u);
  ASSERT_EQ(DeclaredPairs(*cohort).size(), 1u);
  EXPECT_NE(cohort->digest(), Cohort::Build(samples, pedigree())->digest());
  EXPECT_NE(cohort->digest(), Cohort::Build(samples, pedigree(), {1, 0, 0, 0})->digest());
}

TEST(Cohort, WhereNobodyIsAFounderAllStandForThem) {
  const auto cohort = [](const std::vector<std::string>& genotyped,
                         std::vector<uint8_t> controls = {}) {
    return Cohort::Build(
        SampleTable::Build(genotyped, genotyped, std::vector<Sex>(genotyped.size(), Sex::kUnknown),
                           ""),
        Pedigree::Build({Of("F", "", ""), Of("C", "F", "M"), Of("D", "", "M")}, ""), controls);
  };
  using Flags = std::vector<uint8_t>;
  const auto children = cohort({"C", "D"});
  EXPECT_TRUE(children->all_as_founders);
  EXPECT_EQ(children->founders, (Flags{1, 1}));
  EXPECT_EQ(children->FoundersAmong({0, 1}), (Flags{0, 1}));
  const auto family = cohort({"C", "F", "D"});
  EXPECT_FALSE(family->all_as_founders);
  EXPECT_EQ(family->founders, (Flags{0, 1, 0}));
  EXPECT_EQ(family->FoundersAmong({1, 1, 1}), (Flags{0, 1, 0}));
  EXPECT_EQ(family->FoundersAmong({1, 0, 1}), (Flags{1, 0, 1}));
  // A control is no founder, and nobody's frequencies are of it.
  const auto controlled = cohort({"C", "F", "D"}, {0, 1, 0});
  EXPECT_TRUE(controlled->all_as_founders);
  EXPECT_EQ(controlled->founders, (Flags{1, 0, 1}));
}

TEST(DeclaredPairs, ChildrenOfAKnownAndAnUnknownParentMayBeFullSibs) {
  const auto pairs =
      Pairs({Of("C", "", "M"), Of("D", "", "M"), Of("E", "F", "M")}, {"C", "D", "E"});
  EXPECT_EQ(pairs.at("C D").relation, Relation::kSecondDegree);
  EXPECT_TRUE(pairs.at("C D").maybe_full_sibs);
  EXPECT_FALSE(pairs.at("C E").maybe_full_sibs);
}

TEST(DeclaredPairs, DoubleCousinsAreSecondDegree) {
  const auto pairs = Pairs({Of("A", "G", "H"), Of("B", "G", "H"), Of("X", "I", "J"),
                            Of("Y", "I", "J"), Of("C", "A", "X"), Of("D", "B", "Y")},
                           {"C", "D"});
  EXPECT_EQ(pairs.at("C D").relation, Relation::kSecondDegree);
  EXPECT_DOUBLE_EQ(pairs.at("C D").kinship, 0.125);
}

}  // namespace
}  // namespace kinflow::kinship
