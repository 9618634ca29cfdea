#include "stages/qc/mendel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "pipeline/base/philox.h"
#include "pipeline/data/dosage_tile.h"

namespace kinflow {
namespace {

// Alleles a parent can pass on, as a set: bit 0 = REF, bit 1 = ALT.
int Gametes(int call) { return call == 0 ? 1 : call == 2 ? 2 : 3; }

bool Possible(int child, int father, int mother) {
  for (int f = 0; f < 2; ++f) {
    for (int m = 0; m < 2; ++m) {
      const bool can = (Gametes(father) >> f & 1) != 0 && (Gametes(mother) >> m & 1) != 0;
      if (can && f + m == child) return true;
    }
  }
  return false;
}

TEST(Mendel, AutosomalErrorsAreExactlyTheImpossibleTransmissions) {
  for (uint8_t child = 0; child < 4; ++child) {
    for (uint8_t father = 0; father < 4; ++father) {
      for (uint8_t mother = 0; mother < 4; ++mother) {
        const uint8_t flags = MendelCheck(child, father, mother, false, false);
        const bool checked = child != 3 && (father != 3 || mother != 3);
        EXPECT_EQ(flags == kMendelUnchecked, !checked);
        if (!checked) continue;
        EXPECT_EQ(flags != 0, !Possible(child, father, mother))
            << int{child} << int{father} << int{mother};
        EXPECT_EQ(MendelCheck(child, father, mother, false, true), flags);  // sex is irrelevant
      }
    }
  }
}

TEST(Mendel, OnXSonsTakeTheirOnlyAlleleFromTheMother) {
  for (uint8_t child = 0; child < 4; ++child) {
    for (uint8_t father = 0; father < 4; ++father) {
      for (uint8_t mother = 0; mother < 4; ++mother) {
        const uint8_t flags = MendelCheck(child, father, mother, true, true);
        const bool checked = child != 3 && child != 1 && mother != 3;
        ASSERT_EQ(flags == kMendelUnchecked, !checked);
        if (!checked) continue;
        const bool possible = (Gametes(mother) >> (child / 2) & 1) != 0;
        EXPECT_EQ(flags, possible ? 0 : kMendelChild | kMendelMother);
      }
    }
  }
}

TEST(Mendel, OnXDaughtersTakeTheFathersOnlyAllele) {
  EXPECT_EQ(MendelCheck(0, 2, 1, true, false), kMendelChild | kMendelFather);
  EXPECT_EQ(MendelCheck(2, 2, 1, true, false), 0);
  EXPECT_EQ(MendelCheck(1, 0, 0, true, false), kMendelChild | kMendelFather | kMendelMother);
  EXPECT_EQ(MendelCheck(1, 2, 0, true, false), 0);
  EXPECT_EQ(MendelCheck(0, 1, 0, true, false), 0);  // a het father is missing
  EXPECT_EQ(MendelCheck(0, 1, 3, true, false), kMendelUnchecked);
}

class MendelCheckerTest : public ::testing::Test {
 protected:
  static CohortPtr Family() {
    const auto samples = SampleTable::Build(
        {}, {"c1", "f", "m", "c2", "c3"},
        {Sex::kMale, Sex::kMale, Sex::kFemale, Sex::kFemale, Sex::kMale}, "test");
    std::vector<Person> people(5);
    for (uint32_t i = 0; i < 5; ++i) people[i].iid = samples->iid(i);
    people[0].father = people[3].father = "f";
    people[0].mother = people[3].mother = "m";
    people[4].mother = "m";
    people[4].father = "absent";
    return Cohort::Build(samples, Pedigree::Build(std::move(people), "test"));
  }
  /// Counters as the caller of CheckRow keeps them.
  struct Tally {
    Tally(const MendelChecker& checker, size_t samples)
        : trio_errors(checker.trios().size()),
          trio_unchecked(checker.trios().size()),
          blamed(samples + 1) {}
    std::vector<uint32_t> trio_errors, trio_unchecked, blamed;
  };
  static MendelChecker::RowResult Check(const MendelChecker& checker,
                                        const std::vector<uint8_t>& calls, bool on_x,
                                        Tally& tally) {
    AlignedBuffer row;
    row.Resize((calls.size() + 255) / 256 * 64);
    std::fill_n(row.data(), row.size(), uint8_t{0xE4});  // noise behind the last sample
    for (size_t s = 0; s < calls.size(); ++s) {
      uint8_t& byte = row.data()[s / 4];
      byte = static_cast<uint8_t>((byte & ~(3u << (2 * (s % 4)))) | calls[s] << (2 * (s % 4)));
    }
    std::vector<uint8_t> scratch(checker.ScratchSize());
    const SampleMask all(std::vector<uint8_t>(calls.size(), 1));
    return checker.CheckRow(
        row.data(), on_x, CountCalls(row.data(), all),
        {tally.trio_errors.data(), tally.trio_unchecked.data(), tally.blamed.data()},
        scratch.data());
  }
};

TEST_F(MendelCheckerTest, CountsByTrioPersonAndRow) {
  const CohortPtr cohort = Family();
  const std::vector<uint8_t> all(5, 1);
  const MendelChecker checker(*cohort, all, true);
  ASSERT_EQ(checker.trios().size(), 3u);
  // c1 het of two REF homozygotes, c2 missing, c3 (mother only) opposite to the mother.
  Tally tally(checker, 5);
  const auto result = Check(checker, {1, 0, 0, 3, 2}, false, tally);
  EXPECT_EQ(result.errors, 2u);
  EXPECT_EQ(result.checked, 2u);
  EXPECT_EQ(tally.trio_errors, (std::vector<uint32_t>{1, 0, 1}));
  EXPECT_EQ(tally.trio_unchecked, (std::vector<uint32_t>{0, 1, 0}));
  EXPECT_EQ(tally.blamed, (std::vector<uint32_t>{1, 1, 2, 0, 1, 0}));
}

TEST_F(MendelCheckerTest, DuosAndRemovedPeople) {
  const CohortPtr cohort = Family();
  const std::vector<uint8_t> all(5, 1);
  EXPECT_EQ(MendelChecker(*cohort, all, false).trios().size(), 2u);
  const std::vector<uint8_t> without_mother = {1, 1, 0, 1, 1};
  EXPECT_EQ(MendelChecker(*cohort, without_mother, false).trios().size(), 0u);
  const MendelChecker duos(*cohort, without_mother, true);
  ASSERT_EQ(duos.trios().size(), 2u);     // c3 has nobody left
  EXPECT_GE(duos.trios()[0].mother, 5u);  // no sample
}

// Rows from nearly monomorphic to common take different roads; all must agree with the definition.
TEST_F(MendelCheckerTest, EveryFrequencyGivesTheErrorsOfTheDefinition) {
  constexpr uint32_t kFamilies = 97, kSamples = 4 * kFamilies;  // two children a family
  std::vector<std::string> ids;
  for (uint32_t i = 0; i < kSamples; ++i) ids.push_back("p" + std::to_string(i));
  std::vector<Person> people(kSamples);
  Philox random(1, 2);
  std::vector<Sex> sexes(kSamples);
  for (uint32_t i = 0; i < kSamples; ++i) people[i].iid = ids[i];
  for (uint32_t f = 0; f < kFamilies; ++f) {
    // Members lie apart, children before and behind their parents.
    const uint32_t c1 = f, father = kFamilies + f, mother = 2 * kFamilies + f,
                   c2 = 3 * kFamilies + f;
    sexes[father] = Sex::kMale;
    sexes[mother] = Sex::kFemale;
    for (const uint32_t c : {c1, c2}) {
      people[c].mother = ids[mother];
      if (f % 5 != 0) people[c].father = ids[father];
      sexes[c] = random.Below(2) == 0 ? Sex::kMale : Sex::kFemale;
    }
  }
  for (uint32_t i = 0; i < kSamples; ++i) people[i].sex = sexes[i];
  const CohortPtr cohort = Cohort::Build(SampleTable::Build({}, ids, sexes, "test"),
                                         Pedigree::Build(std::move(people), "test"));
  const MendelChecker checker(*cohort, std::vector<uint8_t>(kSamples, 1), true);
  ASSERT_EQ(checker.trios().size(), 2 * kFamilies);
  uint64_t errors = 0;
  for (const double freq : {0.0, 0.002, 0.01, 0.05, 0.3, 0.9, 0.99, 1.0}) {
    for (int repeat = 0; repeat < 40; ++repeat) {
      std::vector<uint8_t> calls(kSamples);
      for (uint8_t& c : calls) {
        c = static_cast<uint8_t>((random.Uniform() < freq) + (random.Uniform() < freq));
        if (random.Below(500) == 0) c = 3;
      }
      const bool on_x = repeat % 2 == 1;
      Tally got(checker, kSamples), expected(checker, kSamples);
      const auto result = Check(checker, calls, on_x, got);
      uint32_t expected_errors = 0, checked = 0;
      for (size_t t = 0; t < checker.trios().size(); ++t) {
        const MendelTrio& trio = checker.trios()[t];
        const auto call = [&](uint32_t s) { return s < kSamples ? calls[s] : uint8_t{3}; };
        const uint8_t flags =
            MendelCheck(call(trio.child), call(trio.father), call(trio.mother), on_x, trio.male);
        expected.trio_unchecked[t] += flags == kMendelUnchecked;
        checked += flags != kMendelUnchecked;
        if ((flags & kMendelChild) == 0) continue;
        ++expected_errors;
        ++expected.trio_errors[t];
        ++expected.blamed[trio.child];
        if ((flags & kMendelFather) != 0) ++expected.blamed[std::min(trio.father, kSamples)];
        if ((flags & kMendelMother) != 0) ++expected.blamed[std::min(trio.mother, kSamples)];
      }
      ASSERT_EQ(result.errors, expected_errors) << freq;
      ASSERT_EQ(result.checked, checked) << freq;
      ASSERT_EQ(got.trio_errors, expected.trio_errors) << freq;
      ASSERT_EQ(got.trio_unchecked, expected.trio_unchecked) << freq;
      ASSERT_EQ(got.blamed, expected.blamed) << freq;
      errors += expected_errors;
    }
  }
  EXPECT_GT(errors, 1000u);
}

}  // namespace
}  // namespace kinflow
