// HapMap array genotypes of 279 people (59 trios) against plink2 and plink 1.9.

#include <gtest/gtest.h>

#include "tests/support/test_data.h"
#include "tests/unit/qc/support.h"

namespace kinflow {
namespace {

using test::PlinkTable;
using test::QcRun;
using test::SameDigits;

std::string BedPrefix(const std::string& bed) { return bed.substr(0, bed.size() - 4); }

/// The data counted once; plink reports are made for each test.
class Hapmap : public ::testing::Test {
 protected:
  void SetUp() override {
    KINFLOW_REQUIRE_DATA(bed, "hapmap_trios/hapmap279.bed");
    prefix_ = BedPrefix(bed);
    if (!run_) {
      run_ = std::make_unique<QcRun>(std::vector<std::string>{bed}, prefix_ + ".fam");
      run_->Count(QcOptions::FromPreset("none"));
    }
    counts_ = run_->Counts(variants_);
  }
  static void TearDownTestSuite() { run_.reset(); }

  /// Runs plink; the report files are PREFIX.something.
  static std::string Report(const std::string& program, const std::string& command) {
    const std::string out = test::TempFolder() + "/p";
    std::string log;
    const int status =
        test::RunCommand(program + " --bfile " + prefix_ + " " + command + " --out " + out, &log);
    EXPECT_EQ(status, 0) << log;
    return out;
  }
  VariantFacts Facts(size_t i, QcOptions::HweX x = QcOptions::HweX::kFemales) const {
    QcOptions options;
    options.hwe_x = x;
    return FactsOf(counts_, i, variants_.chrom_class(i), variants_.info(i), options);
  }
  /// Rows of X in file order (ids repeat in this file).
  std::vector<size_t> OnX() const {
    std::vector<size_t> rows;
    for (size_t i = 0; i < variants_.size(); ++i) {
      if (variants_.chrom_class(i) == ChromClass::kX) rows.push_back(i);
    }
    return rows;
  }

  static inline std::unique_ptr<QcRun> run_;
  static inline std::string prefix_;
  VariantTable variants_;
  VariantCounts counts_;
};

TEST_F(Hapmap, VariantMissingnessAndFrequenciesEqualPlink2OnAllVariants) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string out = Report(plink2, "--missing --freq");
  const PlinkTable missing = PlinkTable::Read(out + ".vmiss");
  const PlinkTable freq = PlinkTable::Read(out + ".afreq");
  ASSERT_EQ(missing.rows.size(), variants_.size());
  ASSERT_EQ(freq.rows.size(), variants_.size());
  for (size_t i = 0; i < variants_.size(); ++i) {
    const VariantFacts f = Facts(i);
    ASSERT_EQ(std::to_string(f.n_missing), missing.At(i, "MISSING_CT")) << variants_.id(i);
    ASSERT_EQ(std::to_string(f.n), missing.At(i, "OBS_CT"));
    ASSERT_TRUE(SameDigits(1 - f.call_rate, missing.At(i, "F_MISS")));
    ASSERT_EQ(std::string(variants_.alt(i)), freq.At(i, "ALT"));
    ASSERT_TRUE(SameDigits(f.alt_freq, freq.At(i, "ALT_FREQS")))
        << variants_.id(i) << " " << f.alt_freq << " " << freq.At(i, "ALT_FREQS");
  }
}

TEST_F(Hapmap, SampleMissingnessEqualsPlink2) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const PlinkTable smiss = PlinkTable::Read(Report(plink2, "--missing") + ".smiss");
  const SampleCounts people = run_->People();
  ASSERT_EQ(smiss.rows.size(), run_->cohort().samples->size());
  for (uint32_t s = 0; s < smiss.rows.size(); ++s) {
    const SampleFacts f = FactsOf(people, s, run_->cohort().sexes[s]);
    ASSERT_EQ(std::to_string(f.n_missing), smiss.At(s, "MISSING_CT"));
    ASSERT_EQ(std::to_string(f.n), smiss.At(s, "OBS_CT"));
  }
}

TEST_F(Hapmap, HardyWeinbergEqualsPlink2OnAllAutosomalVariants) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  for (const bool midp : {true, false}) {
    const PlinkTable hardy =
        PlinkTable::Read(Report(plink2, midp ? "--hardy midp" : "--hardy") + ".hardy");
    size_t row = 0;
    for (size_t i = 0; i < variants_.size(); ++i) {
      if (variants_.chrom_class(i) != ChromClass::kAutosome) continue;
      ASSERT_EQ(std::string(variants_.id(i)), hardy.At(row, "ID"));
      QcOptions options;
      options.hwe_midp = midp;
      const VariantFacts f = FactsOf(counts_, i, ChromClass::kAutosome, 0, options);
      ASSERT_TRUE(SameDigits(f.hwe_p, hardy.At(row, midp ? "MIDP" : "P")))
          << variants_.id(i) << " " << f.hwe_p << " " << hardy.At(row, midp ? "MIDP" : "P");
      ++row;
    }
    EXPECT_EQ(row, hardy.rows.size());
    EXPECT_EQ(row, 8723u);
  }
}

TEST_F(Hapmap, HardyWeinbergOnXEqualsPlink2WhenMalesAreAskedFor) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const PlinkTable hardy = PlinkTable::Read(Report(plink2, "--hardy midp") + ".hardy.x");
  ASSERT_EQ(hardy.rows.size(), 365u);
  const std::vector<size_t> on_x = OnX();
  ASSERT_EQ(on_x.size(), hardy.rows.size());
  size_t differ = 0;
  for (size_t row = 0; row < hardy.rows.size(); ++row) {
    const size_t i = on_x[row];
    ASSERT_EQ(variants_.id(i), hardy.At(row, "ID"));
    ASSERT_TRUE(SameDigits(Facts(i, QcOptions::HweX::kAll).hwe_p, hardy.At(row, "MIDP")))
        << hardy.At(row, "ID") << " " << Facts(i, QcOptions::HweX::kAll).hwe_p << " "
        << hardy.At(row, "MIDP");
    // The default leaves the males out: another test, another p-value.
    const VariantFacts females = Facts(i);
    differ += !SameDigits(females.hwe_p, hardy.At(row, "MIDP"));
    EXPECT_TRUE(std::isnan(Facts(i, QcOptions::HweX::kOff).hwe_p));
  }
  EXPECT_GT(differ, 300u);
}

TEST_F(Hapmap, DefaultHardyWeinbergOnXIsThatOfFemalesAlone) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const PlinkTable hardy =
      PlinkTable::Read(Report(plink2, "--keep-females --hardy midp") + ".hardy.x");
  const std::vector<size_t> on_x = OnX();
  ASSERT_EQ(hardy.rows.size(), 365u);
  ASSERT_EQ(on_x.size(), hardy.rows.size());
  for (size_t row = 0; row < hardy.rows.size(); ++row) {
    const size_t i = on_x[row];
    ASSERT_TRUE(SameDigits(Facts(i).hwe_p, hardy.At(row, "MIDP"))) << hardy.At(row, "ID");
  }
}

TEST_F(Hapmap, InbreedingEqualsPlink2Het) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const PlinkTable het = PlinkTable::Read(Report(plink2, "--het") + ".het");
  const SampleCounts people = run_->People();
  const auto& autosome = people.groups[SampleCounts::kAutosome];
  for (uint32_t s = 0; s < het.rows.size(); ++s) {
    const SampleFacts f = FactsOf(people, s, run_->cohort().sexes[s]);
    ASSERT_EQ(std::to_string(autosome.variants - autosome.missing[s]), het.At(s, "OBS_CT"));
    ASSERT_EQ(std::to_string(autosome.variants - autosome.missing[s] - autosome.het[s]),
              het.At(s, "O(HOM)"));
    ASSERT_TRUE(SameDigits(f.het_f, het.At(s, "F"))) << f.het_f << " " << het.At(s, "F");
  }
}

TEST_F(Hapmap, SexCheckEqualsPlink19) {
  KINFLOW_REQUIRE_PROGRAM(plink, "plink1.9");
  for (const auto& [female, male, problems] : {std::tuple{0.2, 0.8, 72}, std::tuple{0.5, 0.8, 0}}) {
    const PlinkTable sex = PlinkTable::Read(
        Report(plink, "--check-sex " + std::to_string(female) + " " + std::to_string(male)) +
        ".sexcheck");
    QcOptions options = QcOptions::FromPreset("none");
    options.sex_female_max = female;
    options.sex_male_min = male;
    run_->Run(options);
    const Table samples = SamplesTable(run_->store(), run_->Artifact("qc"));
    int found = 0;
    for (size_t s = 0; s < sex.rows.size(); ++s) {
      const double f = samples.DoublesOf("X_F")[s];
      const double theirs = std::stod(sex.At(s, "F"));
      ASSERT_NEAR(f, theirs, 5.1e-5 * std::max(1.0, std::abs(theirs))) << s;  // 4 digits printed
      const std::string& inferred = samples.StringsOf("SEX_INFERRED")[s];
      const std::string& snp_sex = sex.At(s, "SNPSEX");
      ASSERT_EQ(inferred, snp_sex == "1" ? "male" : snp_sex == "2" ? "female" : "unknown");
      found += inferred != samples.StringsOf("SEX_DECLARED")[s];
    }
    EXPECT_EQ(found, problems);
  }
}

TEST_F(Hapmap, MendelErrorsEqualPlink19PerVariantPersonAndFamily) {
  KINFLOW_REQUIRE_PROGRAM(plink, "plink1.9");
  const std::string out = Report(plink, "--mendel");
  const PlinkTable by_variant = PlinkTable::Read(out + ".lmendel");
  uint64_t total = 0;
  ASSERT_EQ(by_variant.rows.size(), variants_.size());
  for (size_t i = 0; i < variants_.size(); ++i) {
    ASSERT_EQ(std::to_string(counts_.mendel_errors[i]), by_variant.At(i, "N"));
    total += counts_.mendel_errors[i];
  }
  EXPECT_EQ(total, 670u);

  const PlinkTable by_person = PlinkTable::Read(out + ".imendel");
  const SampleCounts people = run_->People();
  for (size_t r = 0; r < by_person.rows.size(); ++r) {
    const uint32_t s = run_->cohort().samples->Find(by_person.At(r, "IID"));
    ASSERT_EQ(std::to_string(people.mendel_errors[s]), by_person.At(r, "N")) << r;
  }
}

TEST_F(Hapmap, MendelErrorsPerFamilyEqualTheShippedReport) {
  KINFLOW_REQUIRE_DATA(shipped, "hapmap_trios/hapmap279.plink19.fmendel");
  const PlinkTable expected = PlinkTable::Read(shipped);
  run_->Run(QcOptions::FromPreset("none"));
  const Table families = FamiliesTable(run_->store(), run_->Artifact("qc"));
  uint64_t total = 0;
  for (size_t r = 0; r < expected.rows.size(); ++r) {
    int64_t errors = 0;
    int children = 0;
    for (size_t t = 0; t < families.rows(); ++t) {
      if (families.StringsOf("FATHER")[t] != expected.At(r, "PAT") ||
          families.StringsOf("MOTHER")[t] != expected.At(r, "MAT")) {
        continue;
      }
      errors += families.IntsOf("MENDEL_ERRORS")[t];
      ++children;
    }
    EXPECT_EQ(std::to_string(errors), expected.At(r, "N")) << r;
    EXPECT_EQ(std::to_string(children), expected.At(r, "CHLD")) << r;
    total += static_cast<uint64_t>(errors);
  }
  EXPECT_EQ(total, 670u);
}

}  // namespace
}  // namespace kinflow
