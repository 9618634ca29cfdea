#include "stages/kinship/links.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "stages/kinship/relatives_tables.h"

namespace kinflow::kinship {
namespace {

JudgedPair Undeclared(uint32_t other, PairCounts counts, Relation found) {
  JudgedPair pair;
  pair.pair = {{0, other}, counts};
  pair.found = found;
  return pair;
}

/// Of a cohort simulated with 559 variants: two strangers who share much by chance, and a father
/// and child whose samples were exchanged with another family's. Chances by the formulas in Python.
struct SmallArray {
  std::vector<JudgedPair> pairs = {Undeclared(1, {51, 2, 363, 67, 67}, Relation::kFullSib),
                                   Undeclared(2, {61, 0, 392, 50, 50}, Relation::kParentChild),
                                   Undeclared(3, {0, 0, 559, 0, 0}, Relation::kUnrelated)};
  PairTotals totals;
  std::vector<double> chances;

  SmallArray() {
    totals.pairs = 1'206'681;
    chances = ChancesOf(pairs, totals, {});
  }
  std::vector<std::string> States(const std::vector<Link>& links) const {
    const std::vector<std::string> ids = {"a", "b", "c", "d"};
    const auto samples = SampleTable::Build(ids, ids, std::vector<Sex>(4, Sex::kUnknown), "");
    return PairsTable(pairs, links, chances, *samples, 0.03).StringsOf("STATE");
  }
};

TEST(ChancesOf, AreOfTheLargestOfAllPairsCompared) {
  const SmallArray data;
  EXPECT_NEAR(data.chances[0], 0.618, 5e-4);
  EXPECT_NEAR(data.chances[1], 2.88e-5, 5e-8);
  EXPECT_TRUE(std::isnan(data.chances[2]));  // nobody is heterozygous
}

TEST(FindLinks, StrangersOfFewVariantsAreUncertainHoweverManyErrorsTheyAreFromZero) {
  const SmallArray data;
  std::vector<Link> links = FindLinks(data.pairs, data.chances, data.totals);
  ASSERT_EQ(links.size(), 2u);  // the Wald test finds both: kinship is 7 and 12 errors from 0
  EXPECT_TRUE(links[0].by_wald_only());
  EXPECT_TRUE(links[1].alone);
  using Texts = std::vector<std::string>;
  EXPECT_EQ(data.States(links), (Texts{"uncertain", "unexpected", "by chance"}));
  links[0].explained = true;  // by a conflict that has evidence of its own
  EXPECT_EQ(data.States(links), (Texts{"unexpected", "unexpected", "by chance"}));
}

TEST(DoubtDistant, WhatIsFirstDegreeByGenotypesOrPedigreeStays) {
  using State = Link::State;
  const struct {
    Relation declared, found;
    State state, after;
    bool alone_after;
  } cases[] = {
      {Relation::kUnrelated, Relation::kSecondDegree, State::kUnexpected, State::kUnexpected,
       false},
      {Relation::kUnrelated, Relation::kFullSib, State::kUnexpected, State::kUnexpected, true},
      {Relation::kUnrelated, Relation::kDuplicate, State::kUnexpected, State::kUnexpected, true},
      {Relation::kSecondDegree, Relation::kThirdDegree, State::kRejected, State::kUncertain, false},
      {Relation::kSecondDegree, Relation::kFullSib, State::kRejected, State::kRejected, true},
      {Relation::kParentChild, Relation::kSecondDegree, State::kRejected, State::kRejected, true},
  };
  std::vector<JudgedPair> pairs;
  std::vector<Link> links;
  for (const auto& c : cases) {
    pairs.push_back(Undeclared(1, {}, c.found));
    pairs.back().declared = c.declared;
    links.push_back({.pair = links.size(), .state = c.state, .alone = true});
  }
  DoubtDistant(pairs, links);
  for (size_t i = 0; i < links.size(); ++i) {
    EXPECT_EQ(links[i].state, cases[i].after) << i;
    EXPECT_EQ(links[i].alone, cases[i].alone_after) << i;
  }
  EXPECT_EQ(links[0].told(), State::kUncertain);
}

TEST(PairsTable, AClassThatIsNotTheDeclaredOneConfirmsNothing) {
  JudgedPair pair = Undeclared(1, {51, 2, 363, 67, 67}, Relation::kFullSib);
  const std::vector<std::string> ids = {"a", "b"};
  const auto samples = SampleTable::Build(ids, ids, std::vector<Sex>(2, Sex::kUnknown), "");
  Link link;
  link.state = Link::State::kConfirmed;  // first degree, as declared
  const auto state = [&](Relation declared) {
    pair.declared = declared;
    const Table table = PairsTable({pair}, {link}, {1}, *samples, 0.03);
    return table.StringsOf("STATE").front();
  };
  EXPECT_EQ(state(Relation::kFullSib), "confirmed");
  EXPECT_EQ(state(Relation::kParentChild), "uncertain");
}

}  // namespace
}  // namespace kinflow::kinship
