#include "stages/kinship/identical_samples.h"

#include <gtest/gtest.h>

namespace kinflow::kinship {
namespace {

JudgedPair PairOf(uint32_t first, uint32_t second, Relation found) {
  JudgedPair pair;
  pair.pair.samples = {first, second};
  pair.found = found;
  return pair;
}

TEST(IdenticalSamples, AreJoinedByDuplicatesAlone) {
  constexpr Relation kSame = Relation::kDuplicate;
  const std::vector<JudgedPair> pairs = {PairOf(0, 2, kSame), PairOf(2, 6, kSame),
                                         PairOf(3, 4, Relation::kParentChild), PairOf(4, 5, kSame),
                                         PairOf(6, 7, kSame)};
  const auto identical = IdenticalSamples(pairs, 8);
  EXPECT_EQ(identical, (std::vector<uint32_t>{4, 1, 4, 1, 2, 2, 4, 4}));

  std::vector<Conflict> conflicts(3);
  conflicts[0].kind = conflicts[1].kind = "duplicate";
  conflicts[0].sample_1 = 7;
  conflicts[1].sample_1 = 4;
  conflicts[2].kind = "sex";
  conflicts[2].sample_1 = 0;
  TellLikelyControls(identical, conflicts);
  EXPECT_NE(conflicts[0].evidence.find("one of 4 identical samples"), std::string::npos);
  EXPECT_EQ(conflicts[1].evidence + conflicts[2].evidence, "");
  EXPECT_NE(LikelyControls(identical).find("4 samples"), std::string::npos);
  EXPECT_EQ(LikelyControls({3, 3, 3, 1}), "");
}

}  // namespace
}  // namespace kinflow::kinship
