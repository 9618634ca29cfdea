#include "stages/scores/build_detector.h"

#include <gtest/gtest.h>

#include "stages/scores/score_file.h"
#include "tests/support/test_data.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

BuildDetector OfFile(const std::string& path) {
  ScoreFileReader reader(path);
  BuildDetector found;
  ScoreLine row;
  while (reader.Next(row)) found.Add(row.chrom, row.pos, row.effect_allele, row.other_allele);
  return found;
}

// The table was made from PGS000001; PGS000002 is of another study of the same loci.
TEST(BuildDetector, ScoreFilesOfBothBuilds) {
  for (const char* build : {"GRCh37", "GRCh38"}) {
    for (const char* score : {"PGS000001", "PGS000002"}) {
      KINFLOW_REQUIRE_DATA(path,
                           std::string("pygscatalog/") + score + "_hmPOS_" + build + ".txt.gz");
      EXPECT_EQ(OfFile(path).Build(), build) << score;
    }
  }
}

TEST(BuildDetector, NeedsThreeSnpsAndTheirAlleles) {
  BuildDetector found;
  found.Add("1", 10566215, "A", "G");
  found.Add("3", 4742276, "T", "C");  // on the other strand
  EXPECT_EQ(found.Build(), "");
  found.Add("2", 19320803, "A", "T");  // not the alleles of the SNP
  found.Add("2", 10566215, "A", "G");  // not its chromosome
  EXPECT_EQ(found.Build(), "");
  found.Add("22", 40876234, "C", "");
  EXPECT_EQ(found.Build(), "GRCh37");
  found.Add("22", 40480230, "C", "T");  // both builds: nothing can be said
  EXPECT_EQ(found.Build(), "");
}

TEST(BuildDetector, Faults) {
  BuildDetector found;
  found.Add("1", 10506158, "A", "G");
  found.Add("1", 113905767, "C", "T");
  found.Add("1", 202218048, "A", "G");
  EXPECT_NO_THROW(CheckGenotypeBuild(found, ""));
  EXPECT_NO_THROW(CheckGenotypeBuild(found, "hg38"));
  const Error error = test::Thrown([&] { CheckGenotypeBuild(found, "GRCh37"); });
  EXPECT_EQ(error.id(), ErrorId::kBuildMismatch);
  EXPECT_EQ(error.field(), "input.build");
  EXPECT_FALSE(FaultOfBuild(found, "", "", "f").has_value());
  EXPECT_FALSE(FaultOfBuild(found, "GRCh38", "GRCh38", "f").has_value());
  EXPECT_EQ(FaultOfBuild(found, "GRCh37", "", "f")->field(), "genome_build");
  EXPECT_EQ(FaultOfBuild(found, "", "GRCh37", "f")->id(), ErrorId::kBuildMismatch);
}

}  // namespace
}  // namespace kinflow
