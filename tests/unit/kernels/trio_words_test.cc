#include "pipeline/kernels/trio_words.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

constexpr int kMissing = 3;

/// Copies of the ALT allele that a child of these parents may have, as a set of bits.
unsigned Possible(int father, int mother) {
  unsigned possible = 0;
  for (int f : {0, 1}) {
    for (int m : {0, 1}) {
      const bool from_father = father == kMissing || (father == 1) || father / 2 == f;
      const bool from_mother = mother == kMissing || (mother == 1) || mother / 2 == m;
      if (from_father && from_mother) possible |= 1u << (f + m);
    }
  }
  return possible;
}

int CallOf(const CallWords& calls, int64_t place, unsigned bit) {
  const auto low = static_cast<int>(calls.low[place] >> bit & 1);
  return low + 2 * static_cast<int>(calls.high[place] >> bit & 1);
}

class CheckTriosTest : public testing::TestWithParam<size_t> {
 protected:
  CheckTriosTest() : n_(GetParam()) {
    Philox random(n_, 11);
    constexpr size_t kPeople = 100;
    for (size_t i = 0; i <= kPeople; ++i) {
      low_.push_back(i == kPeople ? ~uint64_t{0} : Word(random));
      high_.push_back(i == kPeople ? ~uint64_t{0} : Word(random));
    }
    for (auto* member : {&child_, &father_, &mother_}) {
      for (size_t i = 0; i < n_; ++i) {
        member->push_back(static_cast<int64_t>(random.Below(kPeople + 1)));
      }
      member->resize(n_ + TrioPlaces::kAtOnce, kPeople);
    }
    told_ = Word(random);
  }
  static uint64_t Word(Philox& random) {
    return random.Below(1ull << 32) << 32 | random.Below(1ull << 32);
  }
  void ExpectByAlleles(const TrioWords& words, const char* target) const {
    for (size_t i = 0; i < n_; ++i) {
      uint64_t checked = 0, errors = 0;
      for (unsigned bit = 0; bit < 64; ++bit) {
        const int child = CallOf(calls(), child_[i], bit),
                  father = CallOf(calls(), father_[i], bit),
                  mother = CallOf(calls(), mother_[i], bit);
        const bool unchecked = child == kMissing || (father == kMissing && mother == kMissing);
        const auto impossible = [child](unsigned possible) {
          return child != kMissing && (possible >> child & 1) == 0;
        };
        const bool error = impossible(Possible(father, mother));
        const bool against_father = impossible(Possible(father, kMissing));
        const bool against_mother = impossible(Possible(kMissing, mother));
        const auto is = [&](const TrioWords::Words& w) { return (w[i] >> bit & 1) != 0; };
        ASSERT_EQ(is(words.unchecked), unchecked) << target;
        ASSERT_EQ(is(words.partial), child == kMissing || father == kMissing || mother == kMissing)
            << target;
        ASSERT_EQ(is(words.error), error) << target << child << father << mother;
        // Against both parents the child alone is blamed, against neither by itself all three.
        ASSERT_EQ(is(words.father), error && !against_mother)
            << target << child << father << mother;
        ASSERT_EQ(is(words.mother), error && !against_father)
            << target << child << father << mother;
        if ((told_ >> bit & 1) == 0) continue;
        checked += !unchecked;
        errors += error;
      }
      ASSERT_EQ(words.told_checked[i], checked) << target;
      ASSERT_EQ(words.told_error[i], errors) << target;
    }
  }
  CallWords calls() const { return {low_.data(), high_.data()}; }
  TrioPlaces places() const { return {child_.data(), father_.data(), mother_.data()}; }

  size_t n_;
  std::vector<uint64_t> low_, high_;
  std::vector<int64_t> child_, father_, mother_;
  uint64_t told_ = 0;
};

TEST_P(CheckTriosTest, IsTheRuleOfAllelesOnEachTarget) {
  TrioWords words;
  scalar::CheckTrios(calls(), places(), n_, told_, words);
  ExpectByAlleles(words, "twin");
  test::OnEachTarget([&](const char* target) {
    TrioWords found;
    CheckTrios(calls(), places(), n_, told_, found);
    ExpectByAlleles(found, target);
  });
}

INSTANTIATE_TEST_SUITE_P(Numbers, CheckTriosTest,
                         testing::Values(size_t{1}, size_t{7}, size_t{8}, size_t{9},
                                         TrioWords::kMost));

}  // namespace
}  // namespace kinflow
