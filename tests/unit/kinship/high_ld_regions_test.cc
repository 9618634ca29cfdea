#include "stages/kinship/high_ld_regions.h"

#include <gtest/gtest.h>

namespace kinflow::kinship {
namespace {

TEST(HighLdRegions, HoldsTheKnownOnesInEachBuild) {
  // Lactase, the major histocompatibility complex, the inversion of 8p23, PCDH15's neighbour on 11.
  const struct {
    const char* chrom;
    uint32_t pos_37, pos_38;
  } inside[] = {{"2", 136608646, 135851076},
                {"6", 31324000, 31356000},
                {"8", 10000000, 10142000},
                {"11", 50000000, 49978000}};
  const auto old = HighLdRegions("GRCh37"), now = HighLdRegions("GRCh38");
  for (const auto& place : inside) {
    EXPECT_TRUE(old->Contains(place.chrom, place.pos_37)) << place.chrom;
    EXPECT_TRUE(now->Contains(place.chrom, place.pos_38)) << place.chrom;
  }
  for (const auto& regions : {old, now}) {
    size_t n = 0;
    for (const auto& [chrom, intervals] : regions->chromosomes()) n += intervals.size();
    EXPECT_EQ(n, 24u);
    EXPECT_FALSE(regions->Contains("4", 50000000));
    EXPECT_FALSE(regions->Contains("22", 20000000));
  }
  EXPECT_EQ(HighLdRegions(""), nullptr);
}

}  // namespace
}  // namespace kinflow::kinship
