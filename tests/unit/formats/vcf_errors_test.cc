#include <algorithm>

#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

struct BadRecord {
  const char* name;
  const char* field;
  const char* record;
  ErrorId id;
  const char* error_field;
  const char* value;
  const char* says;  // part of the message
};

class VcfBadRecord : public testing::TestWithParam<BadRecord> {};

// Every case comes as the second record, after a good one; record number, position and the sample's
// row number must be right, and no sample id may appear.
TEST_P(VcfBadRecord, IsRefusedWithItsPlace) {
  const BadRecord& bad = GetParam();
  const auto path =
      WriteVcf({"1 5 . A C . . . GT:DS:HDS:GP 0/0:0:0,0:1,0,0 0/1:0.5:0,0.5:0.5,0.5,0 "
                "1/1:2:1,1:0,0,1",
                bad.record},
               "CANARY_ONE CANARY_TWO CANARY_THREE");
  GenotypeOptions options = Files({path});
  options.keep_calls = true;
  options.field = bad.field;
  if (std::string(bad.field) != "GT") options.units = "1000";
  // The probe reads all of so small a file: open without it.
  const Error error = ErrorOf([&] {
    GenotypePlan plan;
    plan.files.push_back(SniffGenotypes(path).probe(WriteVcf({}), options));
    plan.files[0].path = path;
    plan.dosage.keep_calls = true;
    plan.dosage.units = std::string(bad.field) == "GT" ? 1 : 1000;
    for (const auto f : {DosageField::kGt, DosageField::kDs, DosageField::kGp, DosageField::kHds}) {
      if (FieldName(f) == bad.field) plan.dosage.field = f;
    }
    ReadAllTiles(*OpenGenotypes(options, plan));
  });
  EXPECT_EQ(error.id(), bad.id) << error.Format();
  EXPECT_EQ(error.exit_code(), ExitCode::kInput);
  EXPECT_EQ(error.record(), 2u) << error.Format();
  EXPECT_EQ(error.file(), path);
  EXPECT_EQ(error.field(), bad.error_field) << error.Format();
  EXPECT_EQ(error.value(), bad.value) << error.Format();
  EXPECT_NE(error.Format().find(bad.says), std::string::npos) << error.Format();
  EXPECT_EQ(error.Format().find("CANARY"), std::string::npos) << error.Format();
}

constexpr auto kInvalid = ErrorId::kDosageInvalid;

INSTANTIATE_TEST_SUITE_P(
    Cases, VcfBadRecord,
    testing::Values(
        BadRecord{"comma", "DS", "1 9 . A C . . . DS 0 0,5 0", kInvalid, "DS", "0,5", "sample 2"},
        BadRecord{"commaRemedy", "DS", "1 9 . A C . . . DS 0 0 0,5", kInvalid, "DS", "0,5",
                  "point"},
        BadRecord{"nan", "DS", "1 9 . A C . . . DS 0 0 nan", kInvalid, "DS", "nan", "sample 3"},
        BadRecord{"inf", "DS", "1 9 . A C . . . DS inf 0 0", kInvalid, "DS", "inf", "sample 1"},
        BadRecord{"tooLarge", "DS", "1 9 . A C . . . DS 0 2.7 0", kInvalid, "DS", "2.7", "[0, 2]"},
        BadRecord{"negative", "DS", "1 9 . A C . . . DS 0 -0.5 0", kInvalid, "DS", "-0.5",
                  "[0, 2]"},
        BadRecord{"text", "DS", "1 9 . A C . . . DS 0 x 0", kInvalid, "DS", "x", "decimal"},
        BadRecord{"empty", "DS", "1 9 . A C . . . GT:DS 0/0: 0/0:0 0/0:0", kInvalid, "DS", "",
                  "sample 1"},
        BadRecord{"hex", "DS", "1 9 . A C . . . DS 0x1 0 0", kInvalid, "DS", "0x1", "sample 1"},
        BadRecord{"dots", "DS", "1 9 . A C . . . DS .. 0 0", kInvalid, "DS", "..", "sample 1"},
        BadRecord{"haploidTwo", "DS", "X 9 . A C . . . GT:DS 1:2 0|0:0 0|0:0", kInvalid, "DS", "2",
                  "haploid"},
        BadRecord{"offGrid", "DS", "1 9 . A C . . . DS 0 0.12345 0", ErrorId::kOffGrid, "DS",
                  "0.12345", "dosage.units"},
        BadRecord{"hdsTooLarge", "HDS", "1 9 . A C . . . HDS 0,0 1.5,0 0,0", kInvalid, "HDS",
                  "1.5,0", "sample 2"},
        BadRecord{"hdsThree", "HDS", "1 9 . A C . . . HDS 0,0 0,0,0 0,0", kInvalid, "HDS", "0,0,0",
                  "3 values"},
        BadRecord{"gpSum", "GP", "1 9 . A C . . . GP 1,0,0 0.5,0.5,0.5 1,0,0", kInvalid, "GP",
                  "0.5,0.5,0.5", "sum to 1"},
        BadRecord{"gpNan", "GP", "1 9 . A C . . . GP 1,0,0 nan,0,0 1,0,0", kInvalid, "GP",
                  "nan,0,0", "finite"},
        BadRecord{"dsOfTwoAlleles", "DS", "1 9 . A C,G . . . DS 0,0 0.5 0,0", kInvalid, "DS", "0.5",
                  "1 values do not fit 2"},
        BadRecord{"dsAboveTwo", "DS", "1 9 . A C,G . . . DS 0,0 1.5,1.5 0,0", kInvalid, "DS",
                  "1.5,1.5", "more copies"},
        BadRecord{"dsAboveOne", "DS", "X 9 . A C,G . . . GT:DS 0:0,0 1:0.9,0.9 0:0,0", kInvalid,
                  "DS", "0.9,0.9", "more copies"},
        BadRecord{"hdsAboveOne", "HDS", "1 9 . A C,G . . . HDS 0,0,0,0 0.9,0,0.9,0 0,0,0,0",
                  kInvalid, "HDS", "0.9,0,0.9,0", "more copies"},
        BadRecord{"gtAllele", "GT", "1 9 . A C . . . GT 0/0 0/2 0/0", kInvalid, "GT", "0/2",
                  "sample 2"},
        BadRecord{"gtTriploid", "GT", "1 9 . A C . . . GT 0/0/1 0/0 0/0", kInvalid, "GT", "0/0/1",
                  "diploid"},
        BadRecord{"gtTriploidWithPrefix", "GT", "1 9 . A C . . . GT /0/0/1 0/0 0/0", kInvalid, "GT",
                  "/0/0/1", "diploid"},
        BadRecord{"gtPrefixTwice", "GT", "1 9 . A C . . . GT 0/0 |/0/1 0/0", kInvalid, "GT",
                  "|/0/1", "sample 2"},
        BadRecord{"gtPrefixAlone", "GT", "1 9 . A C . . . GT 0/0 0/1 /", kInvalid, "GT", "/",
                  "sample 3"},
        BadRecord{"gtText", "GT", "1 9 . A C . . . GT 0/0 A/C 0/0", kInvalid, "GT", "A/C",
                  "sample 2"},
        BadRecord{"noField", "DS", "1 9 . A C . . . GP 1,0,0 1,0,0 1,0,0", ErrorId::kFieldAbsent,
                  "FORMAT", "GP", "input.field"},
        BadRecord{"formatTwice", "DS", "1 9 . A C . . . DS:X:DS 0:1:0 0:1:0 0:1:0",
                  ErrorId::kMalformed, "FORMAT", "DS", "twice"},
        BadRecord{"missingColumn", "GT", "1 9 . A C . . . GT 0/0 0/1", ErrorId::kMalformed, "", "",
                  "2 sample columns, the header 3"},
        BadRecord{"extraColumn", "GT", "1 9 . A C . . . GT 0/0 0/1 0/0 0/0", ErrorId::kMalformed,
                  "", "", "more sample columns"},
        BadRecord{"noSamples", "GT", "1 9 . A C . .", ErrorId::kMalformed, "", "", "columns"},
        BadRecord{"fewColumns", "GT", "1 9 . A", ErrorId::kMalformed, "", "", "columns"},
        BadRecord{"posText", "GT", "1 9x . A C . . . GT 0/0 0/1 0/0", ErrorId::kMalformed, "POS",
                  "9x", "position"},
        BadRecord{"posNegative", "GT", "1 -5 . A C . . . GT 0/0 0/1 0/0", ErrorId::kMalformed,
                  "POS", "-5", "outside"},
        BadRecord{"posHuge", "GT", "1 99999999999999 . A C . . . GT 0/0 0/1 0/0",
                  ErrorId::kMalformed, "POS", "99999999999999", "outside"},
        BadRecord{"posBack", "GT", "1 4 . A C . . . GT 0/0 0/1 0/0", ErrorId::kVariantOrder, "", "",
                  "before"},
        BadRecord{"emptyAlleleOfSeveral", "GT", "1 9 . A C,,G . . . GT 0/0 0/1 0/0",
                  ErrorId::kMalformed, "", "", "allele"},
        BadRecord{"alleleTwice", "GT", "1 9 . A G,g . . . GT 0/0 0/1 0/2", ErrorId::kMalformed,
                  "ALT", "G", "twice"},
        BadRecord{"emptyAllele", "GT", "1 9 .  C . . . GT 0/0 0/1 0/0", ErrorId::kMalformed, "", "",
                  "allele"}),
    [](const auto& test_case) { return std::string(test_case.param.name); });

TEST(VcfErrors, ChromosomeComingBack) {
  const auto error = ErrorOfFiles(
      Files({WriteVcf({"1 5 . A C . . . GT 0/0 0/1 0/0", "2 5 . A C . . . GT 0/0 0/1 0/0",
                       "1 6 . A C . . . GT 0/0 0/1 0/0"})}));
  EXPECT_EQ(error.id(), ErrorId::kVariantOrder);
  EXPECT_EQ(error.record(), 3u);
}

TEST(VcfErrors, TwoNamesOfOneChromosome) {
  const auto records = [](const std::string& first, const std::string& second) {
    return Files({WriteVcf(
        {first + " 5 . A C . . . GT 0/0 0/1 0/0", second + " 6 . A C . . . GT 0/0 0/1 0/0"})});
  };
  using Pair = std::pair<const char*, const char*>;
  for (const auto& [first, second] : {Pair{"X", "23"}, Pair{"1", "CHR1"}, Pair{"01", "1"},
                                      Pair{"chrM", "MT"}, Pair{"0X", "X"}, Pair{"Y", "chrY"}}) {
    const auto error = ErrorOfFiles(records(first, second));
    EXPECT_EQ(error.id(), ErrorId::kMalformed);
    EXPECT_EQ(error.record(), 2u);
    EXPECT_EQ(error.field(), "CHROM");
    EXPECT_NE(error.message().find(std::string(second) + " here and " + first), std::string::npos);
  }
  EXPECT_EQ(ReadFiles(records("PAR1", "PAR2")).variants.chrom(1), "XY");
  EXPECT_EQ(ReadFiles(records("01", "01")).variants.chrom(1), "1");
}

TEST(VcfErrors, PositionBeyondTheContig) {
  const auto error = ErrorOfFiles(Files(
      {WriteVcf({"1 101 . A C . . . GT 0/0 0/1 0/0"}, "A B C", "##contig=<ID=1,length=100>\n")}));
  EXPECT_EQ(error.id(), ErrorId::kMalformed);
  EXPECT_EQ(error.field(), "POS");
}

TEST(VcfErrors, EmptyLineIsToldWithItsNumber) {
  const std::string text = VcfText({"1 5 . A C . . . GT 0/0 0/1 0/0"});
  const auto lines = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  for (const char* end : {"\n", "\r\n", "\n\n"}) {
    const auto error = ErrorOfFiles(Files({WriteText("x.vcf", text + end)}));
    EXPECT_EQ(error.id(), ErrorId::kMalformed);
    EXPECT_EQ(error.message(), "empty line");
    EXPECT_EQ(error.line(), lines + 1);
  }
}

TEST(VcfErrors, DuplicateSampleNames) {
  const auto error =
      ErrorOfFiles(Files({WriteVcf({"1 5 . A C . . . GT 0/0 0/1 0/0"}, "CANARY B CANARY")}));
  EXPECT_EQ(error.id(), ErrorId::kDuplicateSamples);
  EXPECT_NE(error.message().find("samples 1 and 3"), std::string::npos);
  EXPECT_EQ(error.Format().find("CANARY"), std::string::npos);
}

TEST(VcfErrors, AlleleBeyondTheLimit) {
  const std::string longest(10'001, 'A');
  const auto error =
      ErrorOfFiles(Files({WriteVcf({"1 5 . A C," + longest + " . . . GT 0/0 0/1 0/0"})}));
  EXPECT_EQ(error.id(), ErrorId::kLimitExceeded);
  EXPECT_EQ(error.field(), "ALT");
  const std::string fits(10'000, 'A'), other(9'999, 'A');
  EXPECT_EQ(
      ReadFiles(Files({WriteVcf({"1 5 . A " + fits + "," + other + " . . . GT 0/0 0/1 0/0"})}))
          .values.size(),
      2u);
}

// One record would take a tile row for each of them.
TEST(VcfErrors, MoreAllelesThanAnyCallerWrites) {
  std::string alt = "C";
  for (int i = 0; i < 1024; ++i) alt += ",<" + std::to_string(i) + ">";
  const auto error = ErrorOfFiles(Files({WriteVcf({"1 5 . A " + alt + " . . . GT 0/0 0/1 0/0"})}));
  EXPECT_EQ(error.id(), ErrorId::kLimitExceeded);
  EXPECT_EQ(error.field(), "ALT");
  const auto fits =
      ReadFiles(Files({WriteVcf({"1 5 . A " + alt.substr(2) + " . . . GT 0/0 0/1 0/1024"})}));
  EXPECT_EQ(fits.values.size(), 1024u);
  EXPECT_EQ(fits.values.back()[2], 1u);
}

TEST(VcfErrors, ColumnsBeyondTheirBounds) {
  const std::string format(65ull << 20, 'X'), sample(17ull << 20, '0'), fits(15ull << 20, '0');
  const auto bounded = [](const std::string& path, const char* says) {
    const auto error = ErrorOfFiles(Files({path}));
    EXPECT_EQ(error.id(), ErrorId::kLimitExceeded) << error.Format();
    EXPECT_NE(error.message().find(says), std::string::npos) << error.Format();
  };
  bounded(WriteVcf({"1 5 . A C . . . GT:" + format + " 0/0 0/1 0/0"}), "before the samples");
  bounded(WriteVcf({"1 5 . A C . . . GT:X 0/0 0/1:" + sample + " 0/0"}), "a sample's column");
  bounded(WriteVcf({"1 5 . A C . . . GT:X 0/0 0/1 0/0:" + sample}), "a sample's column");
  const auto read = ReadFiles(Files({WriteVcf({"1 5 . A C . . . GT:X 0/0 0/1:" + fits + " 0/0"})}));
  EXPECT_EQ(read.values[0], (std::vector<uint32_t>{0, 1, 0}));
}

TEST(VcfErrors, HeaderFaults) {
  const auto id = [](const std::string& text) {
    return ErrorOfFiles(Files({WriteText("x.vcf", text)})).id();
  };
  EXPECT_EQ(id(""), ErrorId::kFormatUnknown);
  EXPECT_EQ(id("hello\n"), ErrorId::kFormatUnknown);
  EXPECT_EQ(id("{\"htsget\": {\"urls\": [{\"url\": \"file:///etc/passwd\"}]}}"),
            ErrorId::kFormatUnknown);
  EXPECT_EQ(id("@HD\tVN:1.6\n"), ErrorId::kFormatUnknown);
  EXPECT_EQ(id("##fileformat=VCFv4.2\n"), ErrorId::kMalformed);
  EXPECT_EQ(id("##fileformat=VCFv4.2\n1\t5\t.\tA\tC\t.\t.\t.\n"), ErrorId::kMalformed);
  EXPECT_EQ(id("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"),
            ErrorId::kMalformed);
  EXPECT_EQ(id("##fileformat=VCFv4.2\n#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT A\n"),
            ErrorId::kMalformed);
  EXPECT_EQ(ErrorOfFiles(Files({"/nonexistent/x.vcf"})).id(), ErrorId::kMissingFile);
  EXPECT_EQ(ErrorOfFiles(Files({TempFolder()})).id(), ErrorId::kUnreadableFile);
}

TEST(VcfErrors, OffGridValueBehindTheProbeNamesTheKey) {
  std::vector<std::string> records;
  for (int i = 1; i <= 2500; ++i) {
    records.push_back("1 " + std::to_string(i) + " . A C . . . DS 0 0.5 " +
                      (i == 2400 ? "0.00005" : "1.25"));
  }
  auto options = Files({WriteVcf(records)});
  const auto error = ErrorOfFiles(options);
  EXPECT_EQ(error.id(), ErrorId::kOffGrid);
  EXPECT_EQ(error.record(), 2400u);
  EXPECT_EQ(error.value(), "0.00005");
  EXPECT_NE(error.remedy().find("dosage.units"), std::string::npos);
  options.units = "16384";
  const auto rounded = ReadFiles(options);
  EXPECT_NEAR(rounded.Dosage(2399, 2), 0.00005, 1.0 / 32768);
  EXPECT_DOUBLE_EQ(rounded.encoding.error_bound, 1.0 / 32768);
}

}  // namespace
}  // namespace kinflow
