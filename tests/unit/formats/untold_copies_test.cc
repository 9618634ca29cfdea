#include "stages/formats/file_source.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

GenotypeOptions WithField(const std::string& path, const std::string& field) {
  GenotypeOptions options = Files({path});
  options.field = field;
  options.keep_calls = true;
  return options;
}

TEST(UntoldCopies, DosagesBesideALoneMissingAlleleOnXAreCounted) {
  const std::string columns = " 10 . A C . . . GT:DS .:0.168 0:0.5 ./.:0.3";
  for (const auto& [chrom, n] : {std::pair{"X", 1u}, std::pair{"1", 0u}}) {
    auto source = OpenGenotypes(WithField(WriteVcf({chrom + columns}), "DS"));
    const auto g = ReadAllTiles(*source);
    EXPECT_NEAR(g.Dosage(0, 0), 0.168, 1e-9);
    EXPECT_EQ(g.calls[0], (std::vector<uint8_t>{0, kCallHaploid, 0}));
    EXPECT_EQ(dynamic_cast<FileSource&>(*source).counts().untold_copies, n);
    const auto told = source->Warnings();
    ASSERT_EQ(told.size(), n);
    if (n > 0) {
      EXPECT_EQ(told[0].find("1 dosages on X stand beside the call '.'"), 0u);
    }
  }
}

TEST(UntoldCopies, DosagesBesideALoneMissingAlleleAreCountedInBcfToo) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const auto vcf =
      WriteVcf({"X 10 . A C . . . GT:DS .:0.168 0:0.5 ./.:0.3"}, "A B C", "##contig=<ID=X>\n");
  ASSERT_EQ(RunCommand(bcftools + " view -Ob -o " + vcf + ".bcf " + vcf + " > /dev/null 2>&1"), 0);
  auto source = OpenGenotypes(WithField(vcf + ".bcf", "DS"));
  const auto g = ReadAllTiles(*source);
  EXPECT_NEAR(g.Dosage(0, 0), 0.168, 1e-4);
  EXPECT_EQ(g.calls[0], (std::vector<uint8_t>{0, kCallHaploid, 0}));
  EXPECT_EQ(dynamic_cast<FileSource&>(*source).counts().untold_copies, 1u);
}

/// Records counted of a file in `field`, those with a dosage above 1, and whether that is told.
void ExpectUntold(const std::string& path, const std::string& field, uint64_t records,
                  uint64_t above) {
  auto source = OpenGenotypes(WithField(path, field));
  ReadAllTiles(*source);
  const DecodeCounts counts = dynamic_cast<FileSource&>(*source).counts();
  EXPECT_EQ(counts.untold_records, records) << path;
  EXPECT_EQ(counts.untold_above_one, above) << path;
  const auto told = source->Warnings();
  ASSERT_EQ(told.size(), records > 0 ? 1u : 0u) << path;
  if (records == 0) return;
  EXPECT_EQ(told[0].find(std::to_string(records) + " records on X, Y or MT have DS but no GT"), 0u);
  EXPECT_EQ(told[0].find("which speaks for one copy") != std::string::npos, above == 0);
}

TEST(UntoldCopies, RecordsWithoutGtAreCounted) {
  for (const std::string chrom : {"X", "Y", "MT", "chrM"}) {
    ExpectUntold(
        WriteVcf({chrom + " 10 . A C . . . DS 0.168 1 .", chrom + " 11 . A C . . . DS 0 1 0.5"}),
        "DS", 2, 0);
    ExpectUntold(WriteVcf({chrom + " 10 . A C . . . DS 0.168 1.001 .",
                           chrom + " 11 . A C,G . . . DS 0,1 1,0 0,1.5",
                           chrom + " 12 . A C . . . GT:DS 0:0 1:1 0:0.5"}),
                 "DS", 2, 2);
  }
  // On an autosome there are two; of other fields the number of values tells.
  ExpectUntold(WriteVcf({"1 10 . A C . . . DS 0.168 1 ."}), "DS", 0, 0);
  ExpectUntold(WriteVcf({"X 10 . A C . . . HDS 0.168 1,0.5 0,0"}), "HDS", 0, 0);
}

TEST(UntoldCopies, RecordsWithoutGtAreCountedInBcfToo) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const auto vcf = WriteVcf({"X 10 . A C . . . DS 0.168 1 .", "X 11 . A C . . . DS 0 1.5 0.5"},
                            "A B C", "##contig=<ID=X>\n");
  ASSERT_EQ(RunCommand(bcftools + " view -Ob -o " + vcf + ".bcf " + vcf + " > /dev/null 2>&1"), 0);
  ExpectUntold(vcf + ".bcf", "DS", 2, 1);
}

}  // namespace
}  // namespace kinflow
