#include "stages/formats/record_alleles.h"

#include <gtest/gtest.h>

namespace kinflow {
namespace {

std::string Normalised(std::string_view ref, std::string_view alt, bool multi) {
  AlleleNormaliser normalise;
  const auto pair = normalise(ref, alt, multi);
  return std::string(pair.ref) + ">" + std::string(pair.alt);
}

TEST(RecordAlleles, BasesInUpperCaseNamesAsTheyStand) {
  EXPECT_EQ(Normalised("a", "ct", false), "A>CT");
  EXPECT_EQ(Normalised("A", "<ins:me>", false), "A><ins:me>");
  EXPECT_EQ(Normalised("a", "g]17:198982]", false), "A>g]17:198982]");
  EXPECT_EQ(Normalised(".", "*", false), ".>*");
}

// bcftools norm -m- and then trimming at the right, which moves no position.
TEST(RecordAlleles, PartsOfMultiallelicRecordsLoseTheirCommonEnd) {
  EXPECT_EQ(Normalised("CAA", "CA", true), "CA>C");
  EXPECT_EQ(Normalised("CAA", "C", true), "CAA>C");
  EXPECT_EQ(Normalised("AT", "CT", true), "A>C");
  EXPECT_EQ(Normalised("AT", "AC", true), "AT>AC");  // the start stays: it holds the position
  EXPECT_EQ(Normalised("CAA", "CA", false), "CAA>CA");
  EXPECT_EQ(Normalised("CAA", "*", true), "CAA>*");
}

TEST(RecordAlleles, TheSameAlleleTwiceIsNoVariant) {
  AlleleNormaliser normalise;
  EXPECT_TRUE(normalise("a", "A", false).same());
  EXPECT_FALSE(normalise(".", ".", false).same());
  EXPECT_FALSE(normalise("A", "AA", true).same());
}

}  // namespace
}  // namespace kinflow
