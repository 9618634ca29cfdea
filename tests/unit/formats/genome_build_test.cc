#include "stages/formats/genome_build.h"

#include <gtest/gtest.h>

namespace kinflow {
namespace {

TEST(GenomeBuild, LengthsTellTheBuild) {
  std::string evidence;
  EXPECT_EQ(BuildOfContigs({{"MT", 16569}, {"chr20", 63025520}}, evidence), "GRCh37");
  EXPECT_EQ(evidence, "contig chr20 length 63025520");
  EXPECT_EQ(BuildOfContigs({{"23", 156040895}}, evidence), "GRCh38");
  EXPECT_EQ(BuildOfContigs({{"1", 0}, {"MT", 16569}, {"GL000192", 547496}}, evidence), "");
}

TEST(GenomeBuild, LengthsOfChromosomes) {
  EXPECT_EQ(ChromLength("GRCh37", "22"), 51304566u);
  EXPECT_EQ(ChromLength("GRCh38", "22"), 50818468u);
  EXPECT_EQ(ChromLength("GRCh38", "MT"), 16569u);
  EXPECT_EQ(ChromLength("GRCh38", "XY"), 0u);
  EXPECT_EQ(ChromLength("", "1"), 0u);
}

}  // namespace
}  // namespace kinflow
