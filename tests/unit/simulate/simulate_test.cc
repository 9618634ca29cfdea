#include "stages/simulate/simulate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/hash.h"
#include "tests/support/test_data.h"
#include "tests/unit/simulate/simulate_support.h"

namespace kinflow::test {

namespace {

SimulateOptions Small(SimulateFormat format) {
  SimulateOptions o;
  o.trios = 67;
  o.variants = 1300;  // several blocks of 256 on each chromosome, the last one short
  o.chromosomes = 2;
  o.seed = 11;
  o.format = format;
  o.twins = 0.1;
  o.second_pregnancies = 0.2;
  o.missing_rate = 0.01;
  o.fields = {SimulateField::kGt, SimulateField::kDs, SimulateField::kHds, SimulateField::kGp};
  return o;
}

std::map<std::string, std::string> DigestsByName(const SimulateReport& report) {
  std::map<std::string, std::string> digests;
  for (const auto& path : report.files) digests[BaseName(path)] = HashFile(path).Hex();
  return digests;
}

class EachFormat : public ::testing::TestWithParam<SimulateFormat> {};

TEST_P(EachFormat, SameSeedGivesTheSameBytesForAnyNumberOfThreads) {
  SimulateOptions o = Small(GetParam());
  o.out = TempFolder() + "/a";
  const auto one = DigestsByName(RunSimulate(o));
  EXPECT_GE(one.size(), 10u);
  for (const unsigned threads : {2u, 3u}) {
    o.threads = threads;
    o.out = TempFolder() + "/a";
    EXPECT_EQ(DigestsByName(RunSimulate(o)), one) << threads << " threads";
  }
  o.seed = 12;
  o.out = TempFolder() + "/a";
  const auto other = DigestsByName(RunSimulate(o));
  for (const auto& [name, digest] : one) {
    if (name == "a.vcf.gz" || name == "a.bcf" || name == "a.bed" || name == "a.pheno.tsv") {
      EXPECT_NE(other.at(name), digest) << name;
    }
  }
}

TEST_P(EachFormat, FilesArePrivateAndNoPartialFileStays) {
  SimulateOptions o = Small(GetParam());
  const std::string folder = TempFolder() + "/new/deep";
  o.out = folder + "/a";
  o.per_chromosome = true;
  const SimulateReport report = RunSimulate(o);
  EXPECT_EQ(ListFolder(folder).size(), report.files.size());
  for (const auto& path : report.files) {
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0) << path;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << path;
  }
}

std::string FormatName(const ::testing::TestParamInfo<SimulateFormat>& tested) {
  static constexpr const char* kNames[] = {"vcf", "bcf", "bed"};
  return kNames[static_cast<int>(tested.param)];
}

INSTANTIATE_TEST_SUITE_P(Formats, EachFormat,
                         ::testing::Values(SimulateFormat::kVcf, SimulateFormat::kBcf,
                                           SimulateFormat::kBed),
                         FormatName);

TEST(Simulate, EveryFormatTellsTheSameTruth) {
  std::map<std::string, std::string> first;
  for (const auto format : {SimulateFormat::kBed, SimulateFormat::kVcf, SimulateFormat::kBcf}) {
    SimulateOptions o = Small(format);
    o.out = TempFolder() + "/a";
    auto digests = DigestsByName(RunSimulate(o));
    for (const char* own : {"a.bed", "a.bim", "a.vcf.gz", "a.vcf.gz.tbi", "a.bcf", "a.bcf.csi"}) {
      digests.erase(own);
    }
    if (first.empty()) first = digests;
    EXPECT_EQ(digests, first);
  }
}

TEST(Simulate, StopRequestLeavesNothingBehind) {
  SimulateOptions o = Small(SimulateFormat::kVcf);
  const std::string folder = TempFolder();
  o.out = folder + "/a";
  Log log("", LogLevel::kError);
  StopSignal stop;
  stop.Request(15);
  try {
    Simulate(o, log, stop);
    FAIL() << "not stopped";
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kStopped);
  }
  EXPECT_TRUE(ListFolder(folder).empty());
}

TEST(Simulate, BadOptionsAreNamed) {
  const auto field_of = [](auto change) {
    SimulateOptions o = Small(SimulateFormat::kVcf);
    o.out = "/nonexistent-folder-of-nobody/a";
    change(o);
    try {
      CheckOptions(o);
    } catch (const Error& e) {
      EXPECT_EQ(e.id(), ErrorId::kBadArgument);
      EXPECT_EQ(e.exit_code(), ExitCode::kUsage);
      return e.field();
    }
    return std::string("accepted");
  };
  using O = SimulateOptions;
  EXPECT_EQ(field_of([](O&) {}), "accepted");
  EXPECT_EQ(field_of([](O& o) { o.out = ""; }), "--out");
  EXPECT_EQ(field_of([](O& o) { o.out = "folder/"; }), "--out");
  EXPECT_EQ(field_of([](O& o) { o.trios = 0; }), "--trios");
  EXPECT_EQ(field_of([](O& o) { o.trios = 1000000; }), "--trios");
  EXPECT_EQ(field_of([](O& o) { o.variants = 0; }), "--variants");
  EXPECT_EQ(field_of([](O& o) { o.variants = 4000001; }), "--variants");
  EXPECT_EQ(field_of([](O& o) { o.chromosomes = 23; }), "--chromosomes");
  EXPECT_EQ(field_of([](O& o) { o.r2 = 0; }), "--r2");
  EXPECT_EQ(field_of([](O& o) { o.r2 = std::nan(""); }), "--r2");
  EXPECT_EQ(field_of([](O& o) { o.missing_rate = 1; }), "--missing-rate");
  EXPECT_EQ(field_of([](O& o) { o.fields = {}; }), "--fields");
  EXPECT_EQ(field_of([](O& o) {
              o.fields = {SimulateField::kDs, SimulateField::kDs};
            }),
            "--fields");
  EXPECT_EQ(field_of([](O& o) {
              o.fields = {SimulateField::kDs, SimulateField::kGt};
            }),
            "--fields");
  EXPECT_EQ(field_of([](O& o) { o.missing_fathers = -0.1; }), "--missing-fathers");
}

TEST(Simulate, AFolderThatCannotBeWrittenIsAnError) {
  SimulateOptions o = Small(SimulateFormat::kBed);
  o.out = "/proc/nothing-here/a";
  EXPECT_THROW(RunSimulate(o), Error);
}

TEST(Simulate, TheSmallestCohortWorks) {
  for (const auto format : {SimulateFormat::kBed, SimulateFormat::kVcf, SimulateFormat::kBcf}) {
    SimulateOptions o;
    o.trios = 1;
    o.variants = 1;
    o.format = format;
    o.out = TempFolder() + "/a";
    EXPECT_EQ(RunSimulate(o).variants, 1u);
  }
}

}  // namespace
}  // namespace kinflow::test
