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

// As plink2 writes uncertain dosages of one copy; a dosage above 1 is of two.
constexpr const char* kBesideDot = " 10 . A C . . . GT:DS .:0.168 0:0.5 ./.:0.3 .:1.2";

void ExpectBesideDot(const std::string& path, bool one_copy, uint64_t told) {
  auto source = OpenGenotypes(WithField(path, "DS"));
  const auto g = ReadAllTiles(*source);
  const uint8_t lone = one_copy ? kCallHaploid : 0;
  EXPECT_EQ(g.calls[0], (std::vector<uint8_t>{lone, kCallHaploid, 0, 0})) << path;
  EXPECT_NEAR(g.Dosage(0, 0), 0.168, 1e-4);
  EXPECT_NEAR(g.Dosage(0, 3), 1.2, 1e-4);
  EXPECT_EQ(dynamic_cast<FileSource&>(*source).counts().dosages_beside_dot, told);
  const auto warnings = source->Warnings();
  ASSERT_EQ(warnings.size(), told);
  for (const auto& warning : warnings) {
    EXPECT_EQ(warning.find("1 dosages on X stand beside the call '.'"), 0u);
  }
}

TEST(UntoldCopies, DosagesBesideALoneMissingAlleleAreOfOneCopyWhereThereMayBeOne) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const auto& [chrom, one_copy] :
       {std::pair{"X", true}, std::pair{"Y", true}, std::pair{"MT", true}, std::pair{"1", false}}) {
    const std::string contig = std::string("##contig=<ID=") + chrom + ">\n";
    const auto vcf = WriteVcf({chrom + std::string(kBesideDot)}, "A B C D", contig);
    const uint64_t told = chrom == std::string("X") ? 1 : 0;
    ExpectBesideDot(vcf, one_copy, told);
    ASSERT_EQ(RunCommand(bcftools + " view -Ob -o " + vcf + ".bcf " + vcf + " > /dev/null 2>&1"),
              0);
    ExpectBesideDot(vcf + ".bcf", one_copy, told);
  }
}

TEST(UntoldCopies, DosagesOfSeveralAllelesBesideALoneMissingAllele) {
  auto source = OpenGenotypes(
      WithField(WriteVcf({"MT 10 . A C,G . . . GT:DS .:0.2,0.7 .:0.6,0.5 ./.:0.2,0.7"}), "DS"));
  const auto g = ReadAllTiles(*source);
  for (size_t row : {0u, 1u}) {
    EXPECT_EQ(g.calls[row], (std::vector<uint8_t>{kCallHaploid, 0, 0})) << row;
  }
  EXPECT_NEAR(g.Dosage(1, 0), 0.7, 1e-9);
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
