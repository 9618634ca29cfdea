// The whole plan of quality control: consistency of ledger and tables, keys, determinism, errors.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "tests/support/test_data.h"
#include "tests/unit/qc/support.h"

namespace kinflow {
namespace {

using test::QcRun;

std::string StatusOf(const std::vector<StageOutcome>& outcomes, const std::string& id) {
  for (const auto& o : outcomes) {
    if (o.id == id) return o.status;
  }
  return "absent";
}

class QcPlan : public ::testing::Test {
 protected:
  void SetUp() override {
    KINFLOW_REQUIRE_DATA(bed, "hapmap_trios/hapmap279.bed");
    bed_ = bed;
    fam_ = bed.substr(0, bed.size() - 3) + "fam";
    run_ = std::make_unique<QcRun>(std::vector<std::string>{bed_}, fam_);
  }
  Table Ledger() const { return LedgerTable(run_->store(), run_->Artifact("qc")); }
  std::string bed_, fam_;
  std::unique_ptr<QcRun> run_;
};

TEST_F(QcPlan, LedgerTablesAndPassListsAgree) {
  run_->Run(QcOptions::FromPreset("array"));
  const Manifest qc = run_->Artifact("qc");
  const Table ledger = Ledger();
  const auto& in = ledger.IntsOf("VARIANTS_IN");
  const auto& out = ledger.IntsOf("VARIANTS_OUT");
  const auto& people_in = ledger.IntsOf("SAMPLES_IN");
  const auto& people_out = ledger.IntsOf("SAMPLES_OUT");
  EXPECT_EQ(in.front(), 9088);
  EXPECT_EQ(people_in.front(), 279);
  EXPECT_EQ(ledger.IntsOf("TRIOS").front(), 59);
  for (size_t r = 1; r < ledger.rows(); ++r) {
    EXPECT_EQ(in[r], out[r - 1]);
    EXPECT_EQ(people_in[r], people_out[r - 1]);
  }
  EXPECT_LT(out.back(), 9088);

  const Table variants = run_->Variants();
  const auto& status = variants.StringsOf("STATUS");
  EXPECT_EQ(std::count(status.begin(), status.end(), "pass"), out.back());
  EXPECT_EQ(static_cast<int64_t>(PassingRows(run_->store(), qc).size()), out.back());
  for (size_t i = 0; i < variants.rows(); ++i) {
    const bool passed = status[i] == "pass";
    ASSERT_EQ(std::isnan(variants.DoublesOf("REASON_VALUE")[i]), passed);
    if (!passed) continue;
    ASSERT_GE(variants.DoublesOf("MAF")[i], 0.005);
    ASSERT_GE(variants.DoublesOf("CALL_RATE")[i], 0.98);
    ASSERT_FALSE(variants.DoublesOf("HWE_P")[i] < 1e-6);
  }
  const std::vector<uint8_t> kept = KeptSamples(run_->store(), qc);
  EXPECT_EQ(std::count(kept.begin(), kept.end(), 1), people_out.back());
  const Table samples = SamplesTable(run_->store(), qc);
  for (size_t s = 0; s < kept.size(); ++s) {
    ASSERT_EQ(samples.StringsOf("STATUS")[s], kept[s] != 0 ? "pass" : "removed");
  }
}

TEST_F(QcPlan, ColumnsAreThoseOfTheContract) {
  run_->Run(QcOptions::FromPreset("array"));
  const Manifest qc = run_->Artifact("qc");
  const auto first_names = [](const Table& t, size_t n) {
    std::string names;
    for (size_t c = 0; c < n && c < t.columns(); ++c) names += t.name(c) + " ";
    return names;
  };
  EXPECT_EQ(first_names(VariantsTable(run_->store(), qc, 0), 15),
            "CHROM POS ID REF ALT N N_MISSING CALL_RATE AF MAF HWE_P INFO MENDEL_ERRORS STATUS "
            "REASON ");
  EXPECT_EQ(first_names(SamplesTable(run_->store(), qc), 10),
            "FID IID ROLE SEX_DECLARED SEX_INFERRED CALL_RATE HET_F MENDEL_ERRORS STATUS REASON ");
  EXPECT_EQ(first_names(FamiliesTable(run_->store(), qc), 7),
            "FID CHILD FATHER MOTHER N_VARIANTS MENDEL_ERRORS STATUS ");
  EXPECT_EQ(first_names(Ledger(), 12),
            "STEP FILTER THRESHOLD VARIANTS_IN VARIANTS_OUT SAMPLES_IN SAMPLES_OUT MOTHERS FATHERS "
            "CHILDREN TRIOS DUOS ");
}

// plink2 with the same filters in the same order on the same founders.
TEST_F(QcPlan, VariantFiltersKeepWhatPlink2Keeps) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  QcOptions options = QcOptions::FromPreset("none");
  options.maf = 0.05;
  options.call_rate = 0.98;
  options.hwe_p = 1e-4;
  options.hwe_x = QcOptions::HweX::kAll;
  run_->Run(options);
  const std::string out = test::TempFolder() + "/p";
  std::string log;
  ASSERT_EQ(
      test::RunCommand(
          plink2 + " --bfile " + bed_.substr(0, bed_.size() - 4) +
              " --maf 0.05 --geno 0.02 --hwe 1e-4 midp --write-snplist allow-dups --out " + out,
          &log),
      0)
      << log;
  std::vector<std::string> expected, passed;
  std::ifstream list(out + ".snplist");
  for (std::string id; list >> id;) expected.push_back(id);
  const Table variants = run_->Variants();
  for (size_t i = 0; i < variants.rows(); ++i) {
    if (variants.StringsOf("STATUS")[i] == "pass") passed.push_back(variants.StringsOf("ID")[i]);
  }
  EXPECT_LT(passed.size(), 9000u);
  EXPECT_EQ(passed, expected);
}

TEST_F(QcPlan, AChangedThresholdReadsNoGenotypesAgainForTheFirstCounts) {
  QcOptions options = QcOptions::FromPreset("array");
  run_->Run(options);
  auto again = run_->Run(options);
  for (const auto& o : again) EXPECT_EQ(o.status, "cached") << o.id;
  options.maf = 0.02;
  const auto changed = run_->Run(options);
  EXPECT_EQ(StatusOf(changed, "counts"), "cached");
  EXPECT_EQ(StatusOf(changed, "qc_variants"), "done");
  EXPECT_EQ(StatusOf(changed, "qc"), "done");
}

TEST_F(QcPlan, ThreadsAndTilesDoNotChangeABit) {
  const QcOptions options = QcOptions::FromPreset("array");
  std::vector<Digest> expected;
  const std::vector<std::string> ids = {"counts",     "qc_variants", "sample_counts",
                                        "qc_samples", "recount",     "qc"};
  for (const auto& [threads, tile] : {std::pair{1u, 256u}, {2u, 16u}, {3u, 100u}, {8u, 4096u}}) {
    QcRun run({bed_}, fam_);
    QcRun::Settings settings;
    settings.threads = threads;
    settings.tile_variants = tile;
    settings.shard_genotypes = 279 * 1500;  // several shards
    run.Run(options, settings);
    std::vector<Digest> digests;
    for (const auto& id : ids) digests.push_back(run.Artifact(id).ContentDigest());
    EXPECT_GT(run.Artifact("counts").shards.size(), 3u);
    if (expected.empty()) expected = digests;
    EXPECT_EQ(digests, expected) << threads << " threads, tiles of " << tile;
  }
}

// Counts that are taken over or subtracted have the bits of a scan: nobody and nothing removed, few
// variants removed, most removed.
TEST_F(QcPlan, ReusedCountsAreThoseOfAScan) {
  for (const double maf : {-1.0, 0.01, 0.4}) {
    QcOptions options = QcOptions::FromPreset("none");
    options.maf = maf;
    options.sample_call_rate = maf == 0.01 ? 0.97 : 0;
    std::vector<Digest> digests[2];
    for (const bool reuse : {false, true}) {
      QcRun run({bed_}, fam_);
      QcRun::Settings settings;
      settings.shard_genotypes = 279 * 1500;
      settings.reuse_counts = reuse;
      run.Run(options, settings);
      for (const char* id : {"sample_counts", "recount", "qc_samples", "qc"}) {
        // The key differs, for the inputs do: the bytes must not.
        for (const ShardRecord& shard : run.Artifact(id).shards) {
          digests[reuse].push_back(shard.digest);
        }
      }
    }
    EXPECT_GT(digests[0].size(), 10u);
    EXPECT_EQ(digests[0], digests[1]) << maf;
  }
}

TEST_F(QcPlan, ShardsDoNotChangeTheTables) {
  const QcOptions options = QcOptions::FromPreset("array");
  run_->Run(options);
  const std::string folder = test::TempFolder();
  WriteVariantsTsv(run_->store(), run_->Artifact("qc"), folder + "/one.tsv");
  WriteTsv(SamplesTable(run_->store(), run_->Artifact("qc")), folder + "/one_samples.tsv");
  QcRun sharded({bed_}, fam_);
  QcRun::Settings settings;
  settings.shard_genotypes = 279 * 1000;
  sharded.Run(options, settings);
  ASSERT_GT(VariantParts(sharded.Artifact("qc")), 5u);
  WriteVariantsTsv(sharded.store(), sharded.Artifact("qc"), folder + "/many.tsv");
  WriteTsv(SamplesTable(sharded.store(), sharded.Artifact("qc")), folder + "/many_samples.tsv");
  EXPECT_EQ(ReadFile(folder + "/one.tsv"), ReadFile(folder + "/many.tsv"));
  EXPECT_EQ(ReadFile(folder + "/one_samples.tsv"), ReadFile(folder + "/many_samples.tsv"));
}

TEST_F(QcPlan, NothingLeftIsAnErrorBehindTheLedger) {
  QcOptions options = QcOptions::FromPreset("none");
  options.info = 0.5;  // bed states no quality: NaN removes nothing
  EXPECT_EQ(StatusOf(run_->Run(options), "qc"), "done");
  options = QcOptions::FromPreset("none");
  options.maf = 0.51;
  const auto outcomes = run_->Run(options);
  EXPECT_EQ(StatusOf(outcomes, "qc"), "failed");
  EXPECT_EQ(outcomes.back().exit_code, ExitCode::kInput);
  EXPECT_NE(outcomes.back().error.find(ErrorName(ErrorId::kNoVariantsLeft)), std::string::npos);
  EXPECT_NE(outcomes.back().error.find("maf"), std::string::npos);
  const Table ledger = Ledger();  // sealed all the same
  EXPECT_EQ(ledger.IntsOf("VARIANTS_OUT").back(), 0);
  EXPECT_THROW(RequireSurvivors(ledger), Error);
}

TEST_F(QcPlan, NobodyLeftIsAnError) {
  QcOptions options = QcOptions::FromPreset("none");
  options.sample_call_rate = 1;
  const auto outcomes = run_->Run(options);
  EXPECT_EQ(StatusOf(outcomes, "qc"), "failed");
  EXPECT_NE(outcomes.back().error.find(ErrorName(ErrorId::kNoSamplesLeft)), std::string::npos);
}

// --me of plink 1.9 with the same threshold removes the same people.
TEST_F(QcPlan, BadFamiliesAreThoseOfPlink19) {
  KINFLOW_REQUIRE_PROGRAM(plink, "plink1.9");
  QcOptions options = QcOptions::FromPreset("none");
  options.sample_mendel_rate = 0.002;
  run_->Run(options);
  const std::string out = test::TempFolder() + "/p";
  std::string log;
  ASSERT_EQ(test::RunCommand(plink + " --bfile " + bed_.substr(0, bed_.size() - 4) +
                                 " --me 0.002 1 --make-just-fam --out " + out,
                             &log),
            0)
      << log;
  std::vector<std::string> expected;
  std::ifstream fam(out + ".fam");
  for (std::string fid, iid, rest; fam >> fid >> iid && std::getline(fam, rest);) {
    expected.push_back(iid);
  }
  std::vector<std::string> kept;
  const auto flags = KeptSamples(run_->store(), run_->Artifact("qc"));
  for (uint32_t s = 0; s < flags.size(); ++s) {
    if (flags[s] != 0) kept.push_back(run_->cohort().samples->iid(s));
  }
  EXPECT_LT(kept.size(), 279u);
  EXPECT_EQ(kept, expected);
}

// Whom a decision removes has caused the errors of the trio, whose others stay.
TEST_F(QcPlan, ErrorsOfSomebodyRemovedAreNotHeldAgainstTheFamily) {
  QcOptions options = QcOptions::FromPreset("none");
  options.sample_mendel_rate = 0.002;
  run_->Run(options);
  const auto before = KeptSamples(run_->store(), run_->Artifact("qc"));
  const auto& trios = run_->cohort().trios;
  const auto bad = [&](const Trio& t) {
    return t.mother != SampleTable::kAbsent && t.father != SampleTable::kAbsent &&
           t.child != SampleTable::kAbsent && before[t.mother] == 0 && before[t.father] == 0 &&
           before[t.child] == 0;
  };
  const auto found = std::find_if(trios.begin(), trios.end(), bad);
  ASSERT_NE(found, trios.end());
  options.removed_by_person = {std::string(run_->cohort().samples->iid(found->mother))};
  run_->Run(options);
  const auto after = KeptSamples(run_->store(), run_->Artifact("qc"));
  EXPECT_EQ(after[found->mother], 0);
  EXPECT_EQ(after[found->father], 1);
  EXPECT_EQ(after[found->child], 1);
}

// Males of a VCF may be haploid on X ("1") or diploid homozygous ("1/1"): the same counts.
TEST(HaploidCalls, CountAsHomozygous) {
  const std::string folder = test::TempFolder();
  const auto write = [&](const std::string& name, const std::string& m0, const std::string& m1) {
    std::ofstream(folder + "/" + name)
        << "##fileformat=VCFv4.2\n##contig=<ID=X>\n##FORMAT=<ID=GT,Number=1,Type=String,"
           "Description=\"g\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tf\tm\ts\td\n"
        << "X\t5000000\ta\tA\tG\t.\t.\t.\tGT\t" << m1 << "\t0/1\t" << m0 << "\t1/1\n"
        << "X\t5000100\tb\tA\tG\t.\t.\t.\tGT\t" << m0 << "\t0/0\t" << m1 << "\t0/1\n";
    return folder + "/" + name;
  };
  const std::string haploid = write("h.vcf", "0", "1"), diploid = write("d.vcf", "0/0", "1/1");
  std::ofstream(folder + "/x.fam") << "1 f 0 0 1 -9\n1 m 0 0 2 -9\n1 s f m 1 -9\n1 d f m 2 -9\n";
  std::string tables[2];
  for (int i = 0; i < 2; ++i) {
    QcRun run({i == 0 ? haploid : diploid}, folder + "/x.fam", "GT");
    run.Run(QcOptions::FromPreset("none"));
    WriteVariantsTsv(run.store(), run.Artifact("qc"), folder + "/t.tsv");
    tables[i] = ReadFile(folder + "/t.tsv");
    const Table t = VariantsTable(run.store(), run.Artifact("qc"), 0);
    // Founders: father ALT, mother het -> 2 of 3 alleles; the second: none of 3.
    EXPECT_DOUBLE_EQ(t.DoublesOf("AF")[0], 2.0 / 3);
    EXPECT_DOUBLE_EQ(t.DoublesOf("AF")[1], 0);
    // The second: the son's ALT against his mother; the daughter's ALT against both.
    EXPECT_EQ(t.IntsOf("MENDEL_ERRORS")[0], 0);
    EXPECT_EQ(t.IntsOf("MENDEL_ERRORS")[1], 2);
  }
  EXPECT_EQ(tables[0], tables[1]);
}

}  // namespace
}  // namespace kinflow
