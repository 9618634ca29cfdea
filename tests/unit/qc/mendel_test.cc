#include "stages/qc/mendel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>

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

/// Counters as the caller of CheckRows keeps them.
struct Tally {
  Tally(const MendelChecker& checker, size_t samples)
      : trio_errors(checker.trios().size()),
        trio_unchecked(checker.trios().size()),
        blamed(samples + 1),
        blamed_calls(samples + 1),
        exposures(checker.trios().size()) {}
  std::vector<uint32_t> trio_errors, trio_unchecked, blamed, blamed_calls;
  std::vector<MendelChecker::Exposure> exposures;
};

using Calls = std::vector<uint8_t>;  // by sample

std::vector<MendelChecker::RowResult> Check(const MendelChecker& checker,
                                            const std::vector<Calls>& variants, bool on_x,
                                            Tally& tally,
                                            std::vector<MendelDetection> detection = {}) {
  detection.resize(variants.size());
  std::vector<AlignedBuffer> buffers(variants.size());
  std::vector<const uint8_t*> rows;
  for (size_t r = 0; r < variants.size(); ++r) {
    AlignedBuffer& row = buffers[r];
    row.Resize((variants[r].size() + 255) / 256 * 64);
    std::fill_n(row.data(), row.size(), uint8_t{0xE4});  // noise behind the last sample
    for (size_t s = 0; s < variants[r].size(); ++s) {
      uint8_t& byte = row.data()[s / 4];
      byte =
          static_cast<uint8_t>((byte & ~(3u << (2 * (s % 4)))) | variants[r][s] << (2 * (s % 4)));
    }
    rows.push_back(row.data());
  }
  CallPlanes planes(static_cast<uint32_t>(variants.front().size()));
  std::vector<MendelChecker::RowResult> results(rows.size());
  checker.CheckRows(rows, on_x ? Inheritance::kX : Inheritance::kBothParents, detection,
                    {tally.trio_errors.data(), tally.trio_unchecked.data(), tally.blamed.data(),
                     tally.blamed_calls.data(), tally.exposures.data()},
                    planes, results);
  return results;
}

/// Who is blamed, or that nothing could be checked.
enum Flag { kChild = 1, kFather = 2, kMother = 4, kUnchecked = 8 };

/// The checker on one trio and one variant.
int CheckOne(uint8_t child, uint8_t father, uint8_t mother, bool on_x, bool son) {
  const std::vector<Sex> sexes = {son ? Sex::kMale : Sex::kFemale, Sex::kMale, Sex::kFemale};
  const auto samples = SampleTable::Build({}, {"c", "f", "m"}, sexes, "test");
  std::vector<Person> people(3);
  for (uint32_t i = 0; i < 3; ++i) {
    people[i].iid = samples->iid(i);
    people[i].sex = sexes[i];
  }
  people[0].father = "f";
  people[0].mother = "m";
  const CohortPtr cohort = Cohort::Build(samples, Pedigree::Build(std::move(people), "test"));
  const MendelChecker checker(*cohort, std::vector<uint8_t>(3, 1), true);
  Tally tally(checker, 3);
  const auto result = Check(checker, {{child, father, mother}}, on_x, tally).front();
  EXPECT_EQ(result.checked + tally.trio_unchecked[0], 1u);
  EXPECT_EQ(result.errors, tally.trio_errors[0]);
  EXPECT_EQ(result.errors, tally.blamed[0]);
  if (result.checked == 0) return kUnchecked;
  return static_cast<int>(tally.blamed[0] * kChild + tally.blamed[1] * kFather +
                          tally.blamed[2] * kMother);
}

TEST(Mendel, AutosomalErrorsAreExactlyTheImpossibleTransmissions) {
  for (uint8_t child = 0; child < 4; ++child) {
    for (uint8_t father = 0; father < 4; ++father) {
      for (uint8_t mother = 0; mother < 4; ++mother) {
        const int flags = CheckOne(child, father, mother, false, false);
        const bool checked = child != 3 && (father != 3 || mother != 3);
        EXPECT_EQ(flags == kUnchecked, !checked);
        if (!checked) continue;
        EXPECT_EQ(flags != 0, !Possible(child, father, mother))
            << int{child} << int{father} << int{mother};
        EXPECT_EQ(CheckOne(child, father, mother, false, true), flags);  // sex is irrelevant
      }
    }
  }
}

TEST(Mendel, OnXSonsTakeTheirOnlyAlleleFromTheMother) {
  for (uint8_t child = 0; child < 4; ++child) {
    for (uint8_t father = 0; father < 4; ++father) {
      for (uint8_t mother = 0; mother < 4; ++mother) {
        const int flags = CheckOne(child, father, mother, true, true);
        const bool checked = child != 3 && child != 1 && mother != 3;
        ASSERT_EQ(flags == kUnchecked, !checked);
        if (!checked) continue;
        const bool possible = (Gametes(mother) >> (child / 2) & 1) != 0;
        EXPECT_EQ(flags, possible ? 0 : kChild | kMother);
      }
    }
  }
}

TEST(Mendel, OnXDaughtersTakeTheFathersOnlyAllele) {
  EXPECT_EQ(CheckOne(0, 2, 1, true, false), kChild | kFather);
  EXPECT_EQ(CheckOne(2, 2, 1, true, false), 0);
  EXPECT_EQ(CheckOne(1, 0, 0, true, false), kChild | kFather | kMother);
  EXPECT_EQ(CheckOne(1, 2, 0, true, false), 0);
  EXPECT_EQ(CheckOne(0, 1, 0, true, false), 0);  // a het father is missing
  EXPECT_EQ(CheckOne(0, 1, 3, true, false), kUnchecked);
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
};

TEST_F(MendelCheckerTest, CountsByTrioPersonAndRow) {
  const CohortPtr cohort = Family();
  const std::vector<uint8_t> all(5, 1);
  const MendelChecker checker(*cohort, all, true);
  ASSERT_EQ(checker.trios().size(), 3u);
  // c1 het of two REF homozygotes, c2 missing, c3 (mother only) opposite to the mother.
  Tally tally(checker, 5);
  const auto result = Check(checker, {{1, 0, 0, 3, 2}}, false, tally).front();
  EXPECT_EQ(result.errors, 2u);
  EXPECT_EQ(result.checked, 2u);
  EXPECT_EQ(tally.trio_errors, (std::vector<uint32_t>{1, 0, 1}));
  EXPECT_EQ(tally.trio_unchecked, (std::vector<uint32_t>{0, 1, 0}));
  EXPECT_EQ(tally.blamed, (std::vector<uint32_t>{1, 1, 2, 0, 1, 0}));
  EXPECT_EQ(tally.blamed_calls, (std::vector<uint32_t>{1, 1, 1, 0, 1, 0}));
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

// Rows without detection count for nothing; a trio with one parent's call is a duo.
TEST_F(MendelCheckerTest, ExposuresFollowTheCallsThatAreThere) {
  const CohortPtr cohort = Family();
  const MendelChecker checker(*cohort, std::vector<uint8_t>(5, 1), true);
  Tally tally(checker, 5);
  // The first row as above; then the father without a call; then without a frequency.
  Check(checker, {{1, 0, 0, 3, 2}, {0, 3, 2, 0, 0}, {1, 0, 0, 0, 0}}, false, tally,
        {{1000, 10}, {2000, 20}, {0, 0}});
  ASSERT_EQ(tally.exposures.size(), 3u);
  const auto& [both, second, duo] =
      std::tie(tally.exposures[0], tally.exposures[1], tally.exposures[2]);
  EXPECT_EQ(both.errors, 2u);
  EXPECT_EQ(both.checked, 2u);
  EXPECT_EQ(both.detection, 1000u + 20u);
  EXPECT_EQ(second.errors, 1u);
  EXPECT_EQ(second.checked, 1u);
  EXPECT_EQ(second.detection, 20u);
  EXPECT_EQ(duo.errors, 2u);
  EXPECT_EQ(duo.checked, 2u);
  EXPECT_EQ(duo.detection, 10u + 20u);
}

// Every family of random mating with every allele of every member misread once.
TEST(MendelDetection, IsTheShareOfMisreadAllelesThatShow) {
  for (const double p : {0.0, 0.1, 0.37, 0.5, 0.9, 1.0}) {
    double trio = 0, duo = 0;
    for (int i = 0; i < 64; ++i) {
      const auto bit = [&](int k) { return i >> k & 1; };
      // Father's two alleles, mother's two, which of them the child has.
      double weight = 0.25;
      for (int k = 0; k < 4; ++k) weight *= bit(k) != 0 ? p : 1 - p;
      const int alleles[6] = {bit(0), bit(1), bit(2), bit(3), bit(bit(4)), bit(2 + bit(5))};
      for (int misread = 0; misread < 6; ++misread) {
        int read[6];
        std::copy(alleles, alleles + 6, read);
        read[misread] = 1 - read[misread];
        const int father = read[0] + read[1], mother = read[2] + read[3], child = read[4] + read[5];
        if (!Possible(child, father, mother)) trio += weight / 2;
        const bool in_duo = misread < 2 || misread > 3;
        if (in_duo && !Possible(child, father, 1)) duo += weight / 2;
      }
    }
    const MendelDetection told = MendelDetection::At(p);
    EXPECT_NEAR(static_cast<double>(told.trio) * MendelDetection::kUnit, trio, 1e-8) << p;
    EXPECT_NEAR(static_cast<double>(told.duo) * MendelDetection::kUnit, duo, 1e-8) << p;
  }
  // Per genotype: Gordon, Heath & Ott 1999, 25 % at equal frequencies and 30 % at 10 %.
  const auto of_a_genotype = [](double p) {
    return static_cast<double>(MendelDetection::At(p).trio) * MendelDetection::kUnit / 3;
  };
  EXPECT_NEAR(of_a_genotype(0.5), 0.25, 1e-8);
  EXPECT_NEAR(of_a_genotype(0.1), 0.30, 0.005);
}

// Batches of 1 to 64 rows give what each trio gives alone.
TEST_F(MendelCheckerTest, ManyRowsGiveTheErrorsOfEachTrio) {
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
  int flags_of[2][2][64];  // on X, son, calls
  for (int i = 0; i < 256; ++i) {
    const auto call = [&](int shift) { return static_cast<uint8_t>(i >> shift & 3); };
    flags_of[i >> 7][i >> 6 & 1][i & 63] =
        CheckOne(call(0), call(2), call(4), i >> 7 != 0, (i >> 6 & 1) != 0);
  }
  uint64_t errors = 0;
  for (const uint32_t rows : {1u, 2u, 31u, 63u, 64u}) {
    for (const bool on_x : {false, true}) {
      std::vector<Calls> variants(rows, Calls(kSamples));
      for (Calls& calls : variants) {
        const double freq = random.Uniform();
        for (uint8_t& c : calls) {
          c = static_cast<uint8_t>((random.Uniform() < freq) + (random.Uniform() < freq));
          if (random.Below(50) == 0) c = 3;
        }
      }
      Tally got(checker, kSamples), expected(checker, kSamples);
      const auto results = Check(checker, variants, on_x, got);
      for (uint32_t r = 0; r < rows; ++r) {
        MendelChecker::RowResult row;
        std::set<uint32_t> blamed;
        for (size_t t = 0; t < checker.trios().size(); ++t) {
          const MendelTrio& trio = checker.trios()[t];
          const auto call = [&](uint32_t s) { return s < kSamples ? variants[r][s] : 3; };
          const int flags = flags_of[on_x][trio.male][call(trio.child) | call(trio.father) << 2 |
                                                      call(trio.mother) << 4];
          expected.trio_unchecked[t] += flags == kUnchecked;
          row.checked += flags != kUnchecked;
          if ((flags & kChild) == 0) continue;
          ++row.errors;
          ++expected.trio_errors[t];
          for (const auto& [flag, who] :
               {std::pair(kChild, trio.child), std::pair(kFather, trio.father),
                std::pair(kMother, trio.mother)}) {
            if ((flags & flag) == 0) continue;
            ++expected.blamed[who];
            blamed.insert(who);
          }
        }
        for (const uint32_t who : blamed) ++expected.blamed_calls[who];
        ASSERT_EQ(results[r].blamed, blamed.size()) << rows << " " << r;  // each call once
        ASSERT_EQ(results[r].errors, row.errors) << rows << " " << r;
        ASSERT_EQ(results[r].checked, row.checked) << rows << " " << r;
        errors += row.errors;
      }
      EXPECT_EQ(got.trio_errors, expected.trio_errors) << rows;
      EXPECT_EQ(got.trio_unchecked, expected.trio_unchecked) << rows;
      EXPECT_EQ(got.blamed, expected.blamed) << rows;
      EXPECT_EQ(got.blamed_calls, expected.blamed_calls) << rows;
    }
  }
  EXPECT_GT(errors, 1000u);
}

}  // namespace
}  // namespace kinflow
