#include "stages/pca/nearest_group.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "pipeline/base/philox.h"

namespace kinflow::pca {
namespace {

constexpr size_t kComponents = 5, kOfGroup = 20;

/// Somebody of group "a" around 0 or "b", which lies `away` on the first component; SD 1.
void AddPerson(Philox& random, bool b, double away, std::vector<std::vector<double>>& pcs) {
  pcs.resize(kComponents);
  for (size_t k = 0; k < kComponents; ++k) {
    pcs[k].push_back(random.Normal() + (b && k == 0 ? away : 0));
  }
}

struct Calls {
  double n = 0, probability = 0, right = 0;

  void Add(double p, bool is_right) {
    ++n;
    probability += p;
    right += is_right ? 1 : 0;
  }
};

/// Calls of strangers, eight beside each of many small references: all, and those from 0.9 on.
struct Trial {
  Calls all, sure;

  explicit Trial(double away) {
    Philox random(17, static_cast<uint64_t>(away * 10));
    for (int replicate = 0; replicate < 400; ++replicate) {
      ReferencePeople reference;
      for (size_t i = 0; i < 2 * kOfGroup; ++i) {
        AddPerson(random, i % 2 == 1, away, reference.pcs);
        reference.group.emplace_back(i % 2 == 1 ? "b" : "a");
      }
      std::vector<std::vector<double>> strangers;
      for (size_t i = 0; i < 8; ++i) AddPerson(random, i % 2 == 1, away, strangers);
      const NearestGroups found = FindNearestGroups(reference, strangers);
      for (size_t i = 0; i < 8; ++i) {
        const double p = found.probability[found.nearest[i]][i];
        const bool is_right = found.nearest[i] == i % 2;
        all.Add(p, is_right);
        if (p >= 0.9) sure.Add(p, is_right);
      }
    }
  }
};

// A normal density with the mean and covariance of 20 people in five components says 88 % on
// average where 77 % are right, and is sure of a third of the calls where nothing tells the groups.
TEST(NearestGroups, ProbabilitiesOfCloseSmallGroupsAreThoseOfBeingRight) {
  for (const double away : {1.0, 2.0, 3.0}) {
    const Trial trial(away);
    EXPECT_NEAR(trial.all.probability / trial.all.n, trial.all.right / trial.all.n, 0.045) << away;
  }
  const Trial close(2);
  EXPECT_GT(close.sure.n, 200);
  EXPECT_NEAR(close.sure.probability / close.sure.n, close.sure.right / close.sure.n, 0.08);
  const Trial one_and_the_same(0);
  EXPECT_LT(one_and_the_same.sure.n, 0.02 * one_and_the_same.all.n);
}

/// The places of `n` people of "a" around 0 and `m` of "b" around `away`.
ReferencePeople TwoGroups(Philox& random, size_t n, size_t m, double away) {
  ReferencePeople reference;
  for (size_t i = 0; i < n + m; ++i) {
    AddPerson(random, i >= n, away, reference.pcs);
    reference.group.emplace_back(i >= n ? "b" : "a");
  }
  return reference;
}

// A chi-square of the distance by their own covariance would put a tenth of them beyond 1e-8.
TEST(NearestGroups, PeopleOfSmallGroupsLieAsFarOutAsTold) {
  Philox random(5, 1);
  double beyond = 0, n = 0;
  for (int replicate = 0; replicate < 300; ++replicate) {
    const ReferencePeople reference = TwoGroups(random, 8, 8, 40);
    std::vector<std::vector<double>> strangers;
    for (size_t i = 0; i < 8; ++i) AddPerson(random, i % 2 == 1, 40, strangers);
    const NearestGroups found = FindNearestGroups(reference, strangers);
    for (const double p : found.distance_p) {
      beyond += p < 0.05 ? 1 : 0;
      ++n;
    }
  }
  EXPECT_NEAR(beyond / n, 0.05, 0.025);
}

// The wide tails of few people are no reason to belong to them.
TEST(NearestGroups, ASmallGroupDoesNotTakePeopleNearerALargeOne) {
  Philox random(5, 2);
  std::vector<std::vector<double>> between(kComponents, std::vector<double>{0});
  between[0][0] = 5.4;
  int taken = 0, surely = 0;
  for (int replicate = 0; replicate < 100; ++replicate) {
    const NearestGroups found = FindNearestGroups(TwoGroups(random, 500, 12, 12), between);
    taken += found.nearest[0] == 1;
    surely += found.probability[1][0] >= 0.9;
  }
  EXPECT_LT(taken, 20);
  EXPECT_LT(surely, 5);
}

// Somebody far out draws mean and covariance of a small group after it; judged by the others, it
// lies as far out as a stranger of a group without it.
TEST(NearestGroups, PeopleOfTheReferenceAreJudgedByTheOthers) {
  Philox random(7, 4);
  ReferencePeople reference = TwoGroups(random, 12, 12, 40);
  reference.pcs[1][3] = 9;
  std::vector<std::vector<double>> at(kComponents);
  for (size_t k = 0; k < kComponents; ++k) at[k] = {reference.pcs[k][3], reference.pcs[k][3]};
  const NearestGroups found = FindNearestGroups(reference, at, {3, UINT32_MAX});
  EXPECT_EQ(found.nearest[0], 0u);
  EXPECT_LT(found.distance_p[0], found.distance_p[1] / 100);
  EXPECT_LT(found.probability[0][0], found.probability[0][1]);

  ReferencePeople others = reference;
  for (auto& component : others.pcs) component.erase(component.begin() + 3);
  others.group.erase(others.group.begin() + 3);
  const NearestGroups stranger = FindNearestGroups(others, at);
  EXPECT_GT(found.distance_p[0], stranger.distance_p[0] / 10);  // the covariance lent differs
  EXPECT_LT(found.distance_p[0], stranger.distance_p[0] * 10);
}

// A distribution fitted to that person too would find it where it is.
TEST(NearestGroups, NobodyIsJudgedByTheDirectionOfItsOwn) {
  Philox random(7, 5);
  ReferencePeople reference;
  for (size_t i = 0; i < 20; ++i) {
    AddPerson(random, false, 0, reference.pcs);
    reference.group.emplace_back("a");
    reference.pcs[4][i] = i == 3 ? 1 : 0;
  }
  std::vector<std::vector<double>> at(kComponents);
  for (size_t k = 0; k < kComponents; ++k) at[k] = {reference.pcs[k][3], reference.pcs[k][8]};
  const NearestGroups found = FindNearestGroups(reference, at, {3, 8});
  EXPECT_EQ(found.nearest[0], UINT32_MAX);
  EXPECT_TRUE(std::isnan(found.probability[0][0]));
  EXPECT_TRUE(std::isnan(found.distance_p[0]));
  EXPECT_EQ(found.nearest[1], 0u);
  EXPECT_GT(found.distance_p[1], 1e-4);
}

TEST(NearestGroups, AWrongLabelDoesNotMakeGroupsSeemClose) {
  Philox random(3, 0);
  ReferencePeople reference;
  for (size_t i = 0; i < 100; ++i) {
    AddPerson(random, i % 2 == 1, 20, reference.pcs);
    reference.group.emplace_back(i % 2 == 1 ? "b" : "a");
  }
  reference.group[1] = "a";
  std::vector<std::vector<double>> at(kComponents, std::vector<double>{0, 0, std::nan("")});
  at[0] = {0, 20, 0};
  const NearestGroups found = FindNearestGroups(reference, at);
  EXPECT_EQ(found.groups, (std::vector<std::string>{"a", "b"}));
  EXPECT_GT(found.probability[0][0], 0.99);
  EXPECT_GT(found.probability[1][1], 0.9);
  EXPECT_EQ(found.nearest[2], UINT32_MAX);
  EXPECT_TRUE(std::isnan(found.probability[0][2]));
}

}  // namespace
}  // namespace kinflow::pca
