// Dosages of a real imputation against plink2.

#include <gtest/gtest.h>

#include "tests/support/test_data.h"
#include "tests/unit/qc/support.h"

namespace kinflow {
namespace {

using test::PlinkTable;
using test::QcRun;

class ImputedTrios : public ::testing::Test {
 protected:
  void SetUp() override {
    KINFLOW_REQUIRE_DATA(vcf, "minimac_trios/imputed.vcf.gz");
    KINFLOW_REQUIRE_DATA(fam, "minimac_trios/r.fam");
    KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
    run_ = std::make_unique<QcRun>(std::vector<std::string>{vcf}, fam, "DS");
    run_->Count(QcOptions::FromPreset("none"));
    counts_ = run_->Counts(variants_);
    const std::string folder = test::TempFolder();
    const auto plink = [&](const std::string& arguments) {
      std::string log;
      EXPECT_EQ(test::RunCommand(plink2 + arguments, &log), 0) << log;
    };
    plink(" --vcf " + vcf + " dosage=DS --hard-call-threshold 0.1 --make-pgen --out " + folder +
          "/d");
    // The imported samples have no parents: those of the .fam, which is in the same order.
    ASSERT_EQ(test::RunCommand("awk 'BEGIN{print \"#IID\\tPAT\\tMAT\\tSEX\"}"
                               "{print $2\"\\t\"$3\"\\t\"$4\"\\t\"$5}' " +
                               fam + " > " + folder + "/d.psam"),
              0);
    report_ = folder + "/r";
    plink(" --pfile " + folder + "/d --freq cols=+machr2 --hardy midp --out " + report_);
    // On its own: beside it plink2 2.00a3.5 takes MACH_R2 from all people instead of founders.
    plink(" --pfile " + folder + "/d --geno-counts --out " + report_);
  }
  std::unique_ptr<QcRun> run_;
  VariantTable variants_;
  VariantCounts counts_;
  std::string report_;
};

TEST_F(ImputedTrios, FrequencyQualityAndHardyWeinbergEqualPlink2) {
  const PlinkTable freq = PlinkTable::Read(report_ + ".afreq");
  const PlinkTable hardy = PlinkTable::Read(report_ + ".hardy");
  const PlinkTable calls = PlinkTable::Read(report_ + ".gcount");
  ASSERT_EQ(freq.rows.size(), variants_.size());
  ASSERT_EQ(variants_.size(), 11450u);
  size_t same_calls = 0;
  for (size_t i = 0; i < variants_.size(); ++i) {
    const VariantFacts f =
        FactsOf(counts_, i, ChromClass::kAutosome, variants_.info(i), QcOptions());
    // plink2 keeps dosages in steps of 1/16384.
    ASSERT_NEAR(f.alt_freq, std::stod(freq.At(i, "ALT_FREQS")), 2e-5) << i;
    const std::string& r2 = freq.At(i, "MACH_R2");
    if (f.maf > 0.005) {
      ASSERT_NEAR(f.info_computed, std::stod(r2), 2e-3) << i;
    }
    CallCounts c = counts_.founders.calls[i];
    c += counts_.others.calls[i];
    const bool same = std::to_string(c.hom_ref) == calls.At(i, "HOM_REF_CT") &&
                      std::to_string(c.het) == calls.At(i, "HET_REF_ALT_CTS") &&
                      std::to_string(c.hom_alt) == calls.At(i, "TWO_ALT_GENO_CTS");
    same_calls += same;
    if (same) {
      ASSERT_TRUE(test::SameDigits(f.hwe_p, hardy.At(i, "MIDP"))) << i;
    }
  }
  // A dosage just at the threshold may round across it on plink2's grid.
  EXPECT_GT(same_calls, variants_.size() * 99 / 100);
}

TEST_F(ImputedTrios, NoDosageIsMissingThoughHardCallsAre) {
  const SampleCounts people = run_->People();
  uint64_t uncalled = 0;
  for (uint32_t s = 0; s < 150; ++s) {
    EXPECT_EQ(FactsOf(people, s, Sex::kUnknown).n_missing, 0u);
    uncalled += people.groups[SampleCounts::kAutosome].missing[s];
  }
  EXPECT_GT(uncalled, 0u);
  for (size_t i = 0; i < counts_.size(); ++i) {
    EXPECT_EQ(FactsOf(counts_, i, ChromClass::kAutosome, 0, QcOptions()).call_rate, 1);
  }
}

}  // namespace
}  // namespace kinflow
