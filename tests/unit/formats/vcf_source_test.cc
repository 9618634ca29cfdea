#include "stages/formats/vcf_source.h"

#include <cmath>

#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

using Row = std::vector<uint32_t>;

GenotypeOptions WithField(const std::string& path, const std::string& field) {
  GenotypeOptions options = Files({path});
  options.field = field;
  options.keep_calls = true;
  return options;
}

TEST(VcfSource, EveryFieldOrderGivesTheSameDosages) {
  const Row expected = {0, 503, 2000};
  for (const char* record : {
           "1 10 . A C . . . DS 0 0.503 2",
           "1 10 . A C . . . GT:DS 0|0:0 0|1:0.503 1|1:2",
           "1 10 . A C . . . DS:GT 0:0|0 0.503:0|1 2:1|1",
           "1 10 . A C . . . GT:GP:DS:HDS 0|0:1,0,0:0.000:0,0 "
           "0|1:0.497502,0.501996,0.000502:0.503:0.001,0.502 1|1:0,0,1:2.000:1,1",
           "1 10 . A C . . . XX:YYYYYYYYYYYY:GT:DS:Z a:bbbbbbbbbbbbbbbbbbb:0|0:0:c a:b:0|1:0.503:c "
           "a:b:1|1:2:cccccccccccccccc",
       }) {
    const auto g = ReadFiles(WithField(WriteVcf({record}), "DS"));
    ASSERT_EQ(g.values.size(), 1u) << record;
    EXPECT_EQ(g.values[0], expected) << record;
    EXPECT_EQ(g.encoding.units_per_copy, 1000u);
    EXPECT_EQ(g.encoding.error_bound, 0);
  }
}

TEST(VcfSource, HdsGpAndGtGiveDosages) {
  const auto path = WriteVcf(
      {"1 10 . A C . . . GT:HDS:GP 0|0:0,0:1,0,0 0|1:0.001,0.502:0.497502,0.501996,0.000502 "
       "1|1:1,1:0,0,1"});
  EXPECT_EQ(ReadFiles(WithField(path, "HDS")).values[0], (Row{0, 503, 2000}));
  EXPECT_EQ(ReadFiles(WithField(path, "GP")).values[0], (Row{0, 503, 2000}));
  const auto gt = ReadFiles(WithField(path, "GT"));
  EXPECT_EQ(gt.values[0], (Row{0, 1, 2}));
  EXPECT_EQ(gt.encoding.layout, DosageEncoding::Layout::kU8);
  EXPECT_EQ(gt.encoding.units_per_copy, 1u);
}

TEST(VcfSource, MissingIsWithoutDosageAndCall) {
  auto source = OpenGenotypes(
      WithField(WriteVcf({"1 10 . A C . . . GT:DS ./.:. ./. 0/1:1", "1 11 . A C . . . DS . 0.5 1",
                          "1 12 . A C . . . GT:DS ./1:. .:. 0|."}),
                "DS"));
  const auto g = ReadAllTiles(*source);
  EXPECT_EQ(g.values[0], (Row{kNone, kNone, 1000}));
  EXPECT_EQ(g.values[1], (Row{kNone, 500, 1000}));
  EXPECT_EQ(g.values[2], (Row{kNone, kNone, kNone}));
  const DecodeCounts counts = dynamic_cast<FileSource&>(*source).counts();
  EXPECT_EQ(counts.from_calls, 0u);
  EXPECT_EQ(counts.half_calls, 2u);
}

// What plink2 takes where a field is left out: the call; of HDS, DS first.
TEST(VcfSource, CallsStandForDosagesThatAreLeftOut) {
  const uint8_t p = kCallPhased, first = kCallPhased | kCallAltFirst;
  for (const std::string form :
       {"GT:DS 1|0:. 1|1 0/1:.", "DS:GT .:1|0 .:1|1 .:0/1", "GT:GP 1|0:. 1|1:.,.,. 0/1",
        "GT:HDS 1|0:. 1|1:.,. 0/1", "GT:DS:HDS 1|0 1|1:.:. 0/1:1:."}) {
    const std::string format = form.substr(0, form.find(' '));
    const std::string field = format == "DS:GT" ? "DS" : format.substr(format.rfind(':') + 1);
    auto source = OpenGenotypes(WithField(WriteVcf({"X 10 . A C . . . " + form}), field));
    const auto g = ReadAllTiles(*source);
    EXPECT_EQ(g.Dosage(0, 0), 1) << form;
    EXPECT_EQ(g.Dosage(0, 1), 2) << form;
    EXPECT_EQ(g.Dosage(0, 2), 1) << form;
    EXPECT_EQ(g.calls[0], (std::vector<uint8_t>{first, p, 0})) << form;
    EXPECT_EQ(dynamic_cast<FileSource&>(*source).counts().from_calls,
              format == "GT:DS:HDS" ? 2u : 3u)
        << form;
    EXPECT_EQ(dynamic_cast<FileSource&>(*source).counts().from_ds, format == "GT:DS:HDS" ? 1u : 0u)
        << form;
  }
  const auto hds =
      ReadFiles(WithField(WriteVcf({"X 10 . A C . . . GT:DS:HDS 0/0:0.08:. ./.:0.3 1:."}), "HDS"));
  EXPECT_NEAR(hds.Dosage(0, 0), 0.08, 1e-9);
  EXPECT_NEAR(hds.Dosage(0, 1), 0.3, 1e-9);
  EXPECT_EQ(hds.Dosage(0, 2), 1);
  EXPECT_EQ(hds.calls[0], (std::vector<uint8_t>{0, 0, kCallHaploid}));
  const auto parts =
      ReadFiles(WithField(WriteVcf({"1 10 . A C,G . . . GT:DS 1|2:. 2/2 0|1:0.5,0"}), "DS"));
  EXPECT_EQ(parts.Dosage(0, 0), 1);
  EXPECT_EQ(parts.Dosage(1, 0), 1);
  EXPECT_EQ(parts.Dosage(0, 1), 0);
  EXPECT_EQ(parts.Dosage(1, 1), 2);
  EXPECT_EQ(parts.Dosage(0, 2), 0.5);
  EXPECT_EQ(parts.calls[0][0], first);
}

TEST(VcfSource, HalfCallsAreMissingAndCounted) {
  auto source = OpenGenotypes(WithField(
      WriteVcf({"1 10 . A C . . . GT ./1 0|. .", "1 11 . A C . . . GT 0/1 1/0 1/1"}), "GT"));
  const auto g = ReadAllTiles(*source);
  EXPECT_EQ(g.values[0], (Row{kNone, kNone, kNone}));
  EXPECT_EQ(g.values[1], (Row{1, 1, 2}));
  EXPECT_EQ(dynamic_cast<FileSource&>(*source).counts().half_calls, 2u);
}

TEST(VcfSource, KeepsPhaseAndHaploidCalls) {
  const auto path = WriteVcf(
      {"X 10 . A C . . . GT:DS 1:0.9 1|0:1 0|1:1", "X 11 . A C . . . GT:DS 0/1:1 0/0:0 .:0.5"});
  auto options = WithField(path, "DS");
  const auto g = ReadFiles(options);
  EXPECT_EQ(g.values[0], (Row{900, 1000, 1000}));
  EXPECT_EQ(g.calls[0],
            (std::vector<uint8_t>{kCallHaploid, kCallPhased | kCallAltFirst, kCallPhased}));
  EXPECT_EQ(g.calls[1], (std::vector<uint8_t>{0, 0, kCallHaploid}));
  options.keep_calls = false;
  // Haploid calls are kept where people can be haploid; a row without any has no flags.
  const auto haploid = ReadFiles(options);
  EXPECT_EQ(haploid.calls[0], (std::vector<uint8_t>{kCallHaploid, 0, 0}));
  const auto autosome = WriteVcf({"1 10 . A C . . . GT:DS 0|0:0.9 1|0:1 0|1:1"});
  options.files = {autosome};
  EXPECT_TRUE(ReadFiles(options).calls[0].empty());
}

TEST(VcfSource, MissingGenotypesOfOneAlleleAreHaploidOnX) {
  for (const char* record : {"X 10 . A C . . . GT . ./. 1", "X 10 . A C . . . GT:DS .:. ./. 1:1",
                             "X 10 . A C . . . DS:GT .:. .:./. 1:1"}) {
    const std::string field = std::string(record).find("DS") == std::string::npos ? "GT" : "DS";
    const auto g = ReadFiles(WithField(WriteVcf({record}), field));
    EXPECT_EQ(g.values[0][0], kNone) << record;
    EXPECT_EQ(g.calls[0], (std::vector<uint8_t>{kCallHaploid, 0, kCallHaploid})) << record;
  }
  const auto autosome = ReadFiles(WithField(WriteVcf({"1 10 . A C . . . GT . ./. 0/1"}), "GT"));
  EXPECT_TRUE(autosome.calls[0].empty());
}

TEST(VcfSource, TileWithoutFlagsHasNoCalls) {
  const auto g = ReadFiles(WithField(WriteVcf({"1 10 . A C . . . GT:DS 0/1:1 0/0:0 1/1:2"}), "DS"));
  EXPECT_TRUE(g.calls[0].empty());
}

// Flags of haploid people are there even if nobody looks at them.
TEST(VcfSource, TilesAreAsLargeAsPlanned) {
  const auto path = WriteVcf({"X 10 . A C,G . . . GT:DS 1:0.9,0 1|0:1,0 0|1:1,0"});
  for (const char* field : {"GT", "DS"}) {
    for (const uint8_t used : {uint8_t{0}, uint8_t{kCallHaploid}, uint8_t{0xff}}) {
      ExpectPlannedTiles(*OpenGenotypes(WithField(path, field)), used);
    }
  }
}

// Columns that break the common form stand between ones that have it, in every place.
TEST(VcfSource, OddColumnsAmongCommonOnesChangeNothing) {
  struct Odd {
    const char* column;
    uint32_t value;
    uint8_t flag;
  };
  const std::vector<Odd> odd = {{".:.", kNone, 0},
                                {"./.", kNone, 0},
                                {"1:0.75", 750, kCallHaploid},
                                {"0/1:1e-3", 1, 0},
                                {"0|1:1.2500", 1250, kCallPhased},
                                {"10/1:0.5", 500, 0}};
  for (const auto& one : odd) {
    const bool many = std::string(one.column).substr(0, 2) == "10";
    for (size_t at = 0; at < 5; ++at) {
      std::string record =
          std::string("1 10 . A C") + (many ? ",CA,CC,CG,CT,G,GA,GC,GG,T" : "") + " . . . GT:DS";
      Row expected;
      std::vector<uint8_t> flags;
      for (size_t s = 0; s < 5; ++s) {
        record += s == at ? std::string(" ") + one.column : " 1|0:0.503";
        if (many) record += s == at ? ",0,0,0,0,0,0,0,0,0" : ",0,0,0,0,0,0,0,0,0";
        expected.push_back(s == at ? one.value : 503);
        flags.push_back(s == at ? one.flag : kCallPhased | kCallAltFirst);
      }
      const auto g = ReadFiles(WithField(WriteVcf({record}, "A B C D E"), "DS"));
      EXPECT_EQ(g.values[0], expected) << record;
      EXPECT_EQ(g.calls[0], flags) << record;
    }
  }
}

TEST(VcfSource, HaploidHdsHasOneValue) {
  const auto g = ReadFiles(WithField(WriteVcf({"X 10 . A C . . . HDS 0.25 0.25,0.5 ."}), "HDS"));
  EXPECT_EQ(g.values[0], (Row{250, 750, kNone}));
  EXPECT_EQ(g.calls[0], (std::vector<uint8_t>{kCallHaploid, 0, 0}));
}

TEST(VcfSource, CopiesOfAlternativeAllelesMayBeRounded) {
  const auto path = WriteVcf({"1 10 . A C,G . . . DS 1.01,1.02 0.7,1.3 0,2"});
  EXPECT_EQ(ReadFiles(WithField(path, "DS")).values[1], (Row{1020, 1300, 2000}));
}

TEST(VcfSource, ProbabilitiesAreSharesOfTheirSum) {
  const auto g = ReadFiles(
      WithField(WriteVcf({"X 10 . A C . . . GP 0.02,0.94,0 0.33,0.33,0.33 0.64,0.32"}), "GP"));
  EXPECT_EQ(g.encoding.units_per_copy, 16'384u);
  EXPECT_NEAR(g.Dosage(0, 0), 0.94 / 0.96, 0.5 / 16'384);
  EXPECT_EQ(g.Dosage(0, 1), 1);
  EXPECT_NEAR(g.Dosage(0, 2), 1. / 3, 0.5 / 16'384);
}

TEST(VcfSource, PartsOfASumBehindTheFirstRecordsAreRounded) {
  std::vector<std::string> records;
  for (int pos = 1; pos <= 2500; ++pos) {
    records.push_back("1 " + std::to_string(pos) + " . A C . . . GP " +
                      (pos == 2400 ? "0.02,0.94,0" : "0.25,0.5,0.25") + " 1,0,0 0,0,1");
  }
  const auto g = ReadFiles(WithField(WriteVcf(records), "GP"));
  EXPECT_EQ(g.encoding.units_per_copy, 1000u);
  EXPECT_EQ(g.Dosage(0, 0), 1);
  EXPECT_NEAR(g.Dosage(2399, 0), 0.94 / 0.96, 0.5 / 1000);
}

TEST(VcfSource, SymbolicAllelesOfOneNameMayDifferByInfo) {
  const auto g =
      ReadFiles(WithField(WriteVcf({"1 10 . A <DEL>,<DEL> . . . DS 0.5,0.25 0,1 1,0"}), "DS"));
  EXPECT_EQ(g.Dosage(1, 0), 0.25);
}

TEST(VcfSource, MultiallelicRecordsAreSplitByAllele) {
  const std::string record =
      "1 10 rs1 A C,G,* . . R2=0.5,0.6,0.7 GT:DS:HDS:GP "
      "1|2:1,0.9,0.1:1,0,0,0.9,0.1,0:0,0,0,0,0.9,0,0,0.1,0,0 "
      "0|3:0,0,1:0,0,0,0,0,1:0,0,0,0,0,0,1,0,0,0 "
      ".:.:.:.";
  const auto path = WriteVcf({record});
  for (const char* field : {"DS", "HDS", "GP"}) {
    const auto g = ReadFiles(WithField(path, field));
    ASSERT_EQ(g.values.size(), 3u) << field;
    EXPECT_EQ(g.values[0], (Row{1000, 0, kNone})) << field;
    EXPECT_EQ(g.values[1], (Row{900, 0, kNone})) << field;
    EXPECT_EQ(g.values[2], (Row{100, 1000, kNone})) << field;
    EXPECT_EQ(g.variants.alt(0), "C");
    EXPECT_EQ(g.variants.alt(2), "*");
    EXPECT_EQ(g.variants.id(1), "rs1");
    EXPECT_TRUE(g.variants.from_multiallelic(1));
    EXPECT_FLOAT_EQ(g.variants.info(1), 0.6f);
    // 1|2: for C the ALT is on the first haplotype, for G on the second.
    EXPECT_EQ(g.calls[0][0], kCallPhased | kCallAltFirst);
    EXPECT_EQ(g.calls[1][0], kCallPhased);
  }
  const auto gt = ReadFiles(WithField(path, "GT"));
  EXPECT_EQ(gt.values[0], (Row{1, 0, kNone}));
  EXPECT_EQ(gt.values[1], (Row{1, 0, kNone}));
  EXPECT_EQ(gt.values[2], (Row{0, 1, kNone}));
}

TEST(VcfSource, SymbolicAndMonomorphicAllelesAreKeptBasesAreInUpperCase) {
  const auto g = ReadFiles(WithField(
      WriteVcf({"1 10 . A . . . . GT 0/0 0/0 ./.", "1 11 . a <NON_REF> . . . GT 0/0 0/1 1/1",
                "1 11 . a t . . . GT 0/0 0/1 1/1"}),
      "GT"));
  EXPECT_EQ(g.variants.alt(0), ".");
  EXPECT_EQ(g.values[0], (Row{0, 0, kNone}));
  EXPECT_EQ(g.variants.alt(1), "<NON_REF>");
  EXPECT_EQ(g.variants.ref(2), "A");
  EXPECT_FALSE(g.variants.from_multiallelic(2));
}

TEST(VcfSource, ReadsQualityOfTheFirstDeclaredKey) {
  const auto g = ReadFiles(
      Files({WriteVcf({"1 10 . A C . . AR2=0.1;R2=0.25;X DS 0 0 0", "1 11 . A C . . R2=. DS 0 0 0",
                       "1 12 . A C . . DR2=0.5 DS 0 0 0"})}));
  ASSERT_EQ(g.values.size(), 3u);
  EXPECT_FLOAT_EQ(g.variants.info(0), 0.25f);
  EXPECT_TRUE(std::isnan(g.variants.info(1)));
  EXPECT_TRUE(std::isnan(g.variants.info(2)));  // DR2 is not declared
}

TEST(VcfSource, CarriageReturnsAreReadALastLineWithoutEndIsNot) {
  std::string text = VcfText({"chr1 10 . A C . . . GT:DS 0/1:1 0/0:0 1/1:2"});
  std::string crlf;
  for (const char c : text) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  const auto g = ReadFiles(Files({WriteText("x.vcf", crlf)}));
  ASSERT_EQ(g.values.size(), 1u);
  EXPECT_EQ(g.values[0], (Row{1000, 0, 2000}));
  EXPECT_EQ(g.variants.chrom(0), "1");
  text.pop_back();  // a file cut within its last value looks the same
  const Error cut = ErrorOfFiles(Files({WriteText("x.vcf", text)}));
  EXPECT_EQ(cut.id(), ErrorId::kTruncated);
  EXPECT_NE(cut.message().find("line end"), std::string::npos);
}

TEST(VcfSource, SampleSubsetKeepsFileOrder) {
  auto options = WithField(WriteVcf({"1 10 . A C . . . GT:DS 0|1:1 0:0 1|1:2"}), "DS");
  options.choice.keep = {"C", "A", "nobody"};
  auto source = OpenGenotypes(options);
  EXPECT_EQ(source->samples()->iids(), (std::vector<std::string>{"A", "C"}));
  const auto g = ReadAllTiles(*source);
  EXPECT_EQ(g.values[0], (Row{1000, 2000}));
  EXPECT_EQ(g.calls[0], (std::vector<uint8_t>{kCallPhased, kCallPhased}));
  options.choice.keep = {"nobody"};
  EXPECT_EQ(ErrorOfFiles(options).id(), ErrorId::kNoCommonSamples);
}

std::vector<std::string> ManyRecords(int n) {
  std::vector<std::string> records;
  for (int i = 0; i < n; ++i) {
    records.push_back(
        "chr" + std::to_string(1 + i / 40) + " " + std::to_string(1 + i) +
        (i % 7 == 3 ? " . A C,G . . . GT 0/1 1/2 0/2" : " . A C . . . GT 0/1 1/1 0/0"));
  }
  return records;
}

TEST(VcfSource, TilesNeverChangeShardsOrValues) {
  const auto path = WriteVcf(ManyRecords(100));
  ScanShape shape;
  shape.shard_genotypes = 45;  // 15 variants of 3 samples
  shape.tile_records = 1;
  const auto base = ReadFiles(Files({path}), shape);
  for (const uint32_t tile : {2u, 7u, 16u, 4096u}) {
    shape.tile_records = tile;
    const auto other = ReadFiles(Files({path}), shape);
    EXPECT_EQ(other.values, base.values);
    EXPECT_EQ(other.shards, base.shards);
    EXPECT_LT(other.tiles, base.tiles);
  }
  for (size_t i = 1; i < base.shards.size(); ++i) {
    if (base.variants.chrom(i) != base.variants.chrom(i - 1)) {
      EXPECT_EQ(base.shards[i], base.shards[i - 1] + 1);
    }
  }
  EXPECT_GE(base.shards.back(), 7u);
}

// Records that are longer than the first ones do not make blocks larger than planned.
TEST(VcfSource, BlocksEndWithTheirBytes) {
  std::vector<std::string> records;
  const std::string info(1 << 20, 'X');
  for (int i = 1; i <= 40; ++i) {
    records.push_back("1 " + std::to_string(i) + " . A C . . " + (i > 20 ? info : ".") +
                      " GT 0/0 0/1 1/1");
  }
  const auto options = WithField(WriteVcf(records), "GT");
  ScanShape shape{.tile_records = 4096};
  shape.block_bytes = OpenGenotypes(options)->RawBlockBytes(shape.tile_records);
  const auto planned = ReadFiles(options, shape);
  EXPECT_NEAR(static_cast<double>(planned.tiles), 6, 2);  // of 4 MiB and what was planned
  shape.block_bytes = 0;
  const auto single = ReadFiles(options, shape);
  EXPECT_EQ(single.tiles, 40u);
  EXPECT_EQ(single.values, planned.values);
  EXPECT_EQ(single.shards, planned.shards);
}

TEST(VcfSource, SkippedShardsLeaveTheRestUnchanged) {
  const auto path = WriteVcf(ManyRecords(100));
  ScanShape shape;
  shape.shard_genotypes = 45;
  const auto all = ReadFiles(Files({path}), shape);
  for (uint32_t skip = 0; skip <= all.shards.back() + 1; ++skip) {
    auto source = OpenGenotypes(Files({path}));
    source->SkipShards(skip);
    const auto rest = ReadAllTiles(*source, shape);
    size_t first = 0;
    while (first < all.shards.size() && all.shards[first] < skip) ++first;
    ASSERT_EQ(rest.values.size(), all.values.size() - first);
    EXPECT_TRUE(std::equal(rest.values.begin(), rest.values.end(), all.values.begin() + first));
    EXPECT_TRUE(std::equal(rest.shards.begin(), rest.shards.end(), all.shards.begin() + first));
  }
}

}  // namespace
}  // namespace kinflow
