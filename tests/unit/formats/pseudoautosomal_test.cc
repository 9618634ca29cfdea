#include "stages/formats/pseudoautosomal.h"

#include <gtest/gtest.h>

#include "stages/formats/region_set.h"

namespace kinflow {
namespace {

// Inner borders: plink 1.9 --split-x b37 and b38; outer ones: the assemblies' region files.
TEST(Pseudoautosomal, BordersByBuild) {
  const auto b37 = Pseudoautosomal::Of("GRCh37"), b38 = Pseudoautosomal::Of("GRCh38");
  EXPECT_TRUE(b37.Contains(2699520));
  EXPECT_FALSE(b37.Contains(2699521));
  EXPECT_FALSE(b37.Contains(154931043));
  EXPECT_TRUE(b37.Contains(154931044));
  EXPECT_FALSE(b37.Contains(60000));
  EXPECT_TRUE(b37.Contains(60001));
  EXPECT_FALSE(b37.Contains(155260561));
  EXPECT_FALSE(b38.Contains(10000));
  EXPECT_TRUE(b38.Contains(2781479));
  EXPECT_FALSE(b38.Contains(2781480));
  EXPECT_FALSE(b38.Contains(155701382));
  EXPECT_TRUE(b38.Contains(155701383));
  EXPECT_FALSE(Pseudoautosomal::Of("").Contains(100000));
}

TEST(Pseudoautosomal, RegionsOfXHoldForXy) {
  const auto regions = RegionSet::Parse("X:100-200");
  EXPECT_TRUE(regions->Contains("XY", 150));
  EXPECT_FALSE(regions->Contains("XY", 201));
  EXPECT_FALSE(RegionSet::Parse("XY:100-200")->Contains("X", 150));
}

}  // namespace
}  // namespace kinflow
