// The files as other programs read them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "tests/support/test_data.h"
#include "tests/unit/simulate/simulate_support.h"

namespace kinflow::test {
namespace {

SimulateOptions Options(SimulateFormat format) {
  SimulateOptions o;
  o.trios = 150;
  o.variants = 900;
  o.chromosomes = 3;
  o.seed = 3;
  o.format = format;
  o.fields = {SimulateField::kGt, SimulateField::kDs};
  o.out = TempFolder() + "/s";
  return o;
}

void Shell(const std::string& command) {
  std::string output;
  ASSERT_EQ(RunCommand(command, &output), 0) << command << "\n" << output;
}

TEST(SimulateFiles, PlinkReadsTheBedAndItsScoreIsTheTrueScore) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const SimulateOptions o = Options(SimulateFormat::kBed);
  const SimulateReport report = RunSimulate(o);
  for (const char* score : {"PGS900001", "PGS900002"}) {
    Shell(
        fmt::format("zcat {0}.{1}.txt.gz | grep -v '^#' | grep -v '^\\.' > {0}.w && "
                    "{2} --bfile {0} --score {0}.w 1 4 6 header cols=+scoresums,-scoreavgs "
                    "no-mean-imputation --out {0}.{1} --threads 1",
                    o.out, score, plink2));
    const TextTable ours = ReadTable(o.out + ".pgs_true.tsv");
    const TextTable theirs = ReadTable(fmt::format("{}.{}.sscore", o.out, score));
    ASSERT_EQ(theirs.rows.size(), report.samples);
    double largest = 0;
    for (size_t i = 0; i < theirs.rows.size(); ++i) {
      ASSERT_EQ(ours.At(i, "IID"), theirs.At(i, "IID"));
      largest = std::max(largest, std::abs(ours.Number(i, score) - theirs.Number(i, "SCORE1_SUM")));
    }
    EXPECT_LT(largest, 2e-5);  // plink2 prints six digits
  }
}

TEST(SimulateFiles, TheTruthHasNoMendelErrors) {
  KINFLOW_REQUIRE_PROGRAM(plink, "plink1.9");
  SimulateOptions o = Options(SimulateFormat::kBed);
  o.twins = 0.1;
  o.second_pregnancies = 0.3;
  RunSimulate(o);
  const auto count = [&] {
    LineReader reader(o.out + ".mendel");
    std::string_view line;
    int n = -1;
    while (reader.Next(line)) ++n;
    return n;
  };
  Shell(fmt::format("{0} --bfile {1} --mendel --out {1} --threads 1", plink, o.out));
  EXPECT_EQ(count(), 0);
  // The same families with errors: the check above can fail.
  o.error_rate = 0.01;
  RunSimulate(o);
  Shell(fmt::format("{0} --bfile {1} --mendel --out {1} --threads 1", plink, o.out));
  EXPECT_GT(count(), 100);
}

TEST(SimulateFiles, BcftoolsReadsVcfAndBcfAlikeAndTheIndexesWork) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  SimulateOptions vcf = Options(SimulateFormat::kVcf), bcf = Options(SimulateFormat::kBcf);
  vcf.fields = bcf.fields = {SimulateField::kGt, SimulateField::kGp, SimulateField::kDs,
                             SimulateField::kHds};
  RunSimulate(vcf);
  RunSimulate(bcf);
  std::string from_vcf, from_bcf;
  // GP stands apart: text is rounded to three decimals.
  const std::string format = "'%CHROM %POS %ID %REF %ALT %FILTER %AF %R2 %TYPED[ %GT %DS %HDS]\\n'";
  ASSERT_EQ(
      RunCommand(fmt::format("{} query -f {} {}.vcf.gz", bcftools, format, vcf.out), &from_vcf), 0);
  ASSERT_EQ(RunCommand(fmt::format("{} query -f {} {}.bcf", bcftools, format, bcf.out), &from_bcf),
            0);
  EXPECT_GT(from_vcf.size(), 900u * 150 * 3 * 8);
  const auto a = Split(from_vcf, '\n'), b = Split(from_bcf, '\n');
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    const auto x = Split(a[i], ' '), y = Split(b[i], ' ');
    ASSERT_EQ(x.size(), y.size());
    for (size_t k = 0; k < x.size(); ++k) {
      if (k == 6 || k == 7) {  // AF and R2: six digits of text against float
        EXPECT_NEAR(ParseDouble(x[k]).value(), ParseDouble(y[k]).value(), 2e-6);
      } else {
        ASSERT_EQ(x[k], y[k]) << "record " << i << " item " << k;
      }
    }
  }
  for (const std::string& path : {vcf.out + ".vcf.gz", bcf.out + ".bcf"}) {
    std::string count;
    ASSERT_EQ(RunCommand(fmt::format("{0} view -H -r 2 {1} | wc -l", bcftools, path), &count), 0);
    EXPECT_EQ(count, "300\n") << path;
    count.clear();
    ASSERT_EQ(RunCommand(fmt::format("{0} index -n {1}", bcftools, path), &count), 0);
    EXPECT_TRUE(count.ends_with("900\n")) << path << ": " << count;
  }
}

TEST(SimulateFiles, GpAgreesWithHds) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const auto kind : {SimulateFormat::kVcf, SimulateFormat::kBcf}) {
    SimulateOptions o = Options(kind);
    o.trios = 20;
    o.variants = 200;
    o.r2 = 0.6;
    o.fields = {SimulateField::kHds, SimulateField::kGp};
    const SimulateReport report = RunSimulate(o);
    const std::string& path = report.files[0];
    std::string text;
    ASSERT_EQ(RunCommand(fmt::format("{} query -f '[%HDS,%GP\\n]' {}", bcftools, path), &text), 0);
    size_t n = 0;
    for (const auto line : Lines(text)) {
      const auto f = Split(line, ',');
      ASSERT_EQ(f.size(), 5u);
      const double h0 = *ParseDouble(f[0]), h1 = *ParseDouble(f[1]);
      EXPECT_NEAR(*ParseDouble(f[2]), (1 - h0) * (1 - h1), 6e-4);
      EXPECT_NEAR(*ParseDouble(f[3]), h0 + h1 - 2 * h0 * h1, 1.1e-3);
      EXPECT_NEAR(*ParseDouble(f[4]), h0 * h1, 6e-4);
      ++n;
    }
    EXPECT_EQ(n, 200 * report.samples);
  }
}

TEST(SimulateFiles, Plink2ReadsDosagesFromVcfAndBcf) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const auto format : {SimulateFormat::kVcf, SimulateFormat::kBcf}) {
    const SimulateOptions o = Options(format);
    const SimulateReport report = RunSimulate(o);
    const std::string& path = report.files[0];
    Shell(fmt::format("{0} --{1} {2} dosage=DS --freq --out {3} --threads 1", plink2,
                      format == SimulateFormat::kVcf ? "vcf" : "bcf", path, o.out));
    const TextTable freq = ReadTable(o.out + ".afreq");
    ASSERT_EQ(freq.rows.size(), 900u);
    std::string text;
    ASSERT_EQ(RunCommand(fmt::format("{} query -f '%AF\\n' {}", bcftools, path), &text), 0);
    const auto af = Lines(text);
    ASSERT_EQ(af.size(), 900u);
    for (size_t v = 0; v < freq.rows.size(); ++v) {
      // The same dosages, up to half of 1/16384 of plink2's storage.
      EXPECT_NEAR(freq.Number(v, "ALT_FREQS"), ParseDouble(af[v]).value(), 2e-5);
      EXPECT_EQ(freq.Number(v, "OBS_CT"), 2.0 * static_cast<double>(report.samples));
    }
  }
}

TEST(SimulateFiles, OneFileAChromosome) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  SimulateOptions o = Options(SimulateFormat::kVcf);
  o.variants = 902;
  const std::string whole = RunSimulate(o).files[0];
  o.per_chromosome = true;
  o.out = TempFolder() + "/s";
  RunSimulate(o);
  std::string joined, parts;
  ASSERT_EQ(RunCommand(fmt::format("{} view -H {}", bcftools, whole), &joined), 0);
  for (int c = 1; c <= 3; ++c) {
    ASSERT_EQ(RunCommand(fmt::format("{} view -H {}.chr{}.vcf.gz", bcftools, o.out, c), &parts), 0);
  }
  EXPECT_EQ(joined.size(), parts.size());
  EXPECT_TRUE(joined == parts);
}

TEST(SimulateFiles, MissingRateIsMet) {
  SimulateOptions o = Options(SimulateFormat::kBed);
  o.missing_rate = 0.03;
  RunSimulate(o);
  double missing = 0, n = 0;
  for (const auto& row : ReadBed(o.out)) {
    for (const int g : row) missing += g < 0, n += 1;
  }
  EXPECT_NEAR(missing / n, 0.03, 4 * std::sqrt(0.03 / n));
}

TEST(SimulateFiles, PedigreeTablesFit) {
  SimulateOptions o = Options(SimulateFormat::kBed);
  o.missing_fathers = 0.2;
  o.second_pregnancies = 0.3;
  o.twins = 0.1;
  const SimulateReport report = RunSimulate(o);
  const TextTable pedigree = ReadTable(o.out + ".pedigree.tsv");
  const TextTable pheno = ReadTable(o.out + ".pheno.tsv");
  EXPECT_EQ(pheno.rows.size(), 150u);
  size_t genotyped = 0, absent_fathers = 0, children = 0;
  std::map<std::string, size_t> by_pregnancy;
  for (size_t i = 0; i < pedigree.rows.size(); ++i) {
    genotyped += pedigree.At(i, "GENOTYPED") == "1";
    absent_fathers += pedigree.At(i, "ROLE") == "father" && pedigree.At(i, "GENOTYPED") == "0";
    children += pedigree.At(i, "ROLE") == "child";
    if (pedigree.At(i, "PREGNANCY") != "NA") ++by_pregnancy[pedigree.At(i, "PREGNANCY")];
  }
  EXPECT_EQ(genotyped, report.samples);
  EXPECT_EQ(children, report.children);
  EXPECT_GT(absent_fathers, 5u);
  EXPECT_GT(children, 150u);  // twins
  EXPECT_EQ(by_pregnancy.size(), 150u);
  EXPECT_LT(report.families, 150u);  // second pregnancies
}

}  // namespace
}  // namespace kinflow::test
