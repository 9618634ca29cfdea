#include "stages/formats/record_alleles.h"

#include <gtest/gtest.h>

#include "stages/formats/chrom_names.h"

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

// Binary formats can hold what would break a table's row or column.
TEST(RecordAlleles, NamesHoldNoBlankOrControlCharacter) {
  for (const std::string_view bad :
       {std::string_view("1\t7"), std::string_view("2\n3\t9\tevil"), std::string_view("1\r"),
        std::string_view("1\0", 2), std::string_view("1 a"), std::string_view("\x01"),
        std::string_view("1\x7f")}) {
    ChromNames names;
    const auto fault = names.Take(bad);
    ASSERT_TRUE(fault.has_value()) << bad;
    EXPECT_EQ(fault->id(), ErrorId::kMalformed);
    EXPECT_TRUE(NameFault(bad, {"A", "C"}).has_value()) << bad;
  }
  ChromNames names;
  EXPECT_FALSE(names.Take("chr1").has_value());
  EXPECT_EQ(names.chrom(), "1");
  EXPECT_FALSE(names.Take("HLA-A*01:01").has_value());
  EXPECT_TRUE(names.Take("\t").has_value());
}

// Tables of HDF5 and text are UTF-8: h5py and R could not read other bytes.
TEST(RecordAlleles, NamesAreUtf8) {
  const auto id = NameFault("rs\xe9", {"A", "C"});
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->id(), ErrorId::kMalformed);
  EXPECT_EQ(id->message(), "a name holds what no table can: byte 3, e9, is not UTF-8");
  EXPECT_EQ(id->field(), "ID");
  EXPECT_EQ(id->value(), "rs\\xe9");
  EXPECT_EQ(NameFault("v", {"<\xff>", "C"})->field(), "REF");
  EXPECT_EQ(NameFault("v", {"A", "<\xc3"})->field(), "ALT");
  EXPECT_TRUE(NameFault("\xc0\xaf", {"A", "C"}).has_value());  // overlong
  EXPECT_FALSE(NameFault("v\xc3\xa6~!", {"A", "<\xe2\x82\xac>"}).has_value());
  ChromNames names;
  EXPECT_TRUE(names.Take("1\xe9").has_value());
  EXPECT_FALSE(names.Take("sc\xc3\xa6").has_value());
}

}  // namespace
}  // namespace kinflow
