#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "stages/qc/filters/filter.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow {
namespace {

QcOptions AllOn() {
  QcOptions o = QcOptions::FromPreset("mobapsychgen");
  o.info_computed = 0.5;
  o.plate_p = 0.001;
  o.batch_info_p = 1e-5;
  return o;
}

TEST(Filters, NamesAreUniqueAndEveryEntryHasHelp) {
  std::set<std::string_view> names;
  for (const auto& entry : VariantFilters()) {
    EXPECT_TRUE(names.insert(entry.name).second);
    EXPECT_FALSE(entry.help.empty());
  }
  names.clear();
  for (const auto& entry : SampleFilters()) EXPECT_TRUE(names.insert(entry.name).second);
}

TEST(Filters, OptionsTurnThemOnAndOff) {
  QcOptions all = AllOn();
  all.sample_call_rate_first = 0.9;
  all.removed_as_proposed = {"p1"};
  all.removed_by_person = {"p2"};
  all.remove_controls = true;
  for (size_t s = 0; s < kReferenceStatuses; ++s) {
    all.reference.remove.emplace_back(ReferenceStatusName(static_cast<ReferenceStatus>(s)));
  }
  EXPECT_EQ(MakeVariantFilters(all).size(), VariantFilters().size());
  EXPECT_EQ(MakeSampleFilters(all).size(), SampleFilters().size());
  EXPECT_TRUE(MakeVariantFilters(QcOptions::FromPreset("none")).empty());
  EXPECT_TRUE(MakeSampleFilters(QcOptions::FromPreset("none")).empty());
}

TEST(Filters, AValueAtTheThresholdStaysAndUndefinedValuesRemoveNothing) {
  VariantFacts at;  // every value at its threshold
  at.info = 0.8f;
  at.info_computed = 0.5;
  at.maf = 0.01;
  at.call_rate = 0.95;
  at.hwe_p = 1e-6;
  at.mendel_rate = 0.01;
  at.plate_p = 0.001;
  at.batch_p = 5e-8;
  at.batch_info_p = 1e-5;
  const VariantFacts undefined;
  QcOptions options = AllOn();
  options.info = 0.8f;
  for (const auto& f : MakeVariantFilters(options)) {
    EXPECT_FALSE(f.filter->Removes(f.filter->Value(at))) << f.name;
    EXPECT_FALSE(f.filter->Removes(f.filter->Value(undefined))) << f.name;
    const double worse =
        f.name == "mendel" ? f.filter->threshold() * 1.01 : f.filter->threshold() * 0.99;
    EXPECT_TRUE(f.filter->Removes(worse)) << f.name;
  }
}

TEST(Filters, TheFirstRemovesAVariantAndAllItIsBeyondAreTold) {
  VariantFacts facts;
  facts.call_rate = 0.99;
  facts.hwe_p = 1e-9;
  facts.mendel_rate = 0.2;
  const auto filters = MakeVariantFilters(AllOn());
  uint32_t expected = 0;
  for (size_t f = 0; f < filters.size(); ++f) {
    if (filters[f].name == "hwe" || filters[f].name == "mendel") expected |= uint32_t{1} << f;
  }
  EXPECT_EQ(FiltersBeyond(filters, facts), expected);
  EXPECT_EQ(FiltersBeyond(filters, VariantFacts()), 0u);
  Verdicts verdicts = Verdicts::For(filters);
  JudgeVariant(filters, facts, false, verdicts);
  EXPECT_EQ(verdicts.filters.at(verdicts.code.at(0) - 1u), "hwe");
}

/// Ten people without relations; het rates are set by the test.
class SampleFiltersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::string> ids;
    for (int i = 0; i < 10; ++i) ids.push_back("p" + std::to_string(i));
    cohort_ = Cohort::Build(SampleTable::Build({}, ids, {}, "test"), Pedigree::Build({}, "test"));
    facts_.assign(10, SampleFacts{});
    kept_.assign(10, 1);
    groups_ = PeopleGroups::One(10);
    for (size_t s = 0; s < 10; ++s) {
      facts_[s].call_rate = 1;
      facts_[s].het_rate = 0.3 + (s % 2 == 0 ? 0.001 : -0.001);
      facts_[s].x_f = std::nan("");
    }
  }
  SampleVerdict Judge(const std::string& name) {
    const MendelChecker mendel(*cohort_, kept_, true);
    for (const auto& f : MakeSampleFilters(AllOn())) {
      if (f.name == name)
        return f.filter->Judge({*cohort_, facts_, counts_, mendel, kept_, groups_});
    }
    return {};
  }
  CohortPtr cohort_;
  std::vector<SampleFacts> facts_;
  std::vector<uint8_t> kept_;
  SampleCounts counts_;
  PeopleGroups groups_;
};

TEST_F(SampleFiltersTest, HeterozygosityIsJudgedAmongThePeopleStillKept) {
  facts_[3].het_rate = 0.31;
  const SampleVerdict alone = Judge("heterozygosity");
  EXPECT_EQ(alone.removed[3], 0);
  EXPECT_GT(alone.value[3], 2.5);
  EXPECT_LT(alone.value[3], 9 / std::sqrt(10.0));  // nobody of 10 people can be farther off
  kept_[3] = 0;
  const SampleVerdict among_rest = Judge("heterozygosity");
  EXPECT_EQ(among_rest.removed[3], 1);
  EXPECT_EQ(among_rest.removed[4], 0);
}

TEST_F(SampleFiltersTest, HeterozygosityIsJudgedBesideThePersonsOwnGroup) {
  // Two groups whose rates are far apart, one person of nowhere, one on the border of the second.
  groups_.names = {"a", "b"};
  groups_.of = {0, 0, 0, 0, 0, 1, 1, 1, 1, PeopleGroups::kNone};
  groups_.typical[8] = 0;
  const double rates[] = {0.29, 0.30, 0.31, 0.30, 0.30, 0.19, 0.20, 0.21, 0.30, 0.9};
  for (size_t s = 0; s < 10; ++s) facts_[s].het_rate = rates[s];
  const SampleVerdict v = Judge("heterozygosity");
  EXPECT_NEAR(v.value[0], -0.01 / std::sqrt(0.0002 / 4), 1e-9);
  EXPECT_NEAR(v.value[5], -1, 1e-9);
  EXPECT_NEAR(v.value[8], 10, 1e-9);  // does not count for the spread that it is judged by
  EXPECT_TRUE(std::isnan(v.value[9]));
  EXPECT_EQ(v.removed, (std::vector<uint8_t>{0, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
}

TEST_F(SampleFiltersTest, SexRemovesContradictionsOnly) {
  facts_[0].declared = Sex::kMale;
  facts_[0].inferred = Sex::kFemale;
  facts_[1].declared = Sex::kMale;
  facts_[1].inferred = Sex::kUnknown;
  facts_[2].declared = Sex::kUnknown;
  facts_[2].inferred = Sex::kFemale;
  facts_[3].declared = facts_[3].inferred = Sex::kMale;
  const SampleVerdict v = Judge("sex");
  EXPECT_EQ(v.removed, (std::vector<uint8_t>{1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_F(SampleFiltersTest, CallRate) {
  facts_[5].call_rate = 0.979;
  facts_[6].call_rate = std::nan("");
  const SampleVerdict v = Judge("call_rate");
  EXPECT_EQ(v.removed, (std::vector<uint8_t>{0, 0, 0, 0, 0, 1, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace kinflow
