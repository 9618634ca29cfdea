#include "stages/formats/bed_source.h"

#include <algorithm>

#include "stages/formats/bed_decode.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

using Row = std::vector<uint32_t>;

struct BedFiles {
  std::string bed = std::string("\x6c\x1b\x01", 3);
  std::string bim, fam;
  std::string Write() const {
    const std::string path = WriteText("x.bed", bed), base = path.substr(0, path.size() - 4);
    if (!bim.empty()) WriteFileAtomically(base + ".bim", bim);
    if (!fam.empty()) WriteFileAtomically(base + ".fam", fam);
    return path;
  }
};

// Five samples, two variants; genotypes by hand from the PLINK 1 format description.
BedFiles Small() {
  BedFiles files;
  // 00 hom A1, 01 missing, 10 het, 11 hom A2; lowest bits first.
  files.bed += static_cast<char>(0b11100100);
  files.bed += static_cast<char>(0b00000010);
  files.bed += static_cast<char>(0b11111111);
  files.bed += static_cast<char>(0b00000000);
  files.bim = "chr1 rs1 0 100 A G\nchr1\trs2\t0\t200\t0\tT\n";
  files.fam = "F1 I1 0 0 1 -9\nF1 I2 0 0 2 -9\n0 I3 I1 I2 0 -9\nF2 I4 0 0 1 1\nF2 I5 0 0 2 2\n";
  return files;
}

TEST(BedSource, CodesBecomeCopiesOfA1) {
  auto source = OpenGenotypes(Files({Small().Write()}));
  EXPECT_EQ(source->variant_count(), 2u);
  EXPECT_EQ(source->samples()->fid(2), "I3");  // FID 0 = none
  EXPECT_EQ(source->samples()->sex(1), Sex::kFemale);
  const auto g = ReadAllTiles(*source);
  EXPECT_EQ(g.encoding.layout, DosageEncoding::Layout::kTwoBit);
  EXPECT_EQ(g.values[0], (Row{2, kNone, 1, 0, 1}));
  EXPECT_EQ(g.values[1], (Row{0, 0, 0, 0, 2}));
  EXPECT_EQ(g.variants.alt(0), "A");
  EXPECT_EQ(g.variants.ref(0), "G");
  EXPECT_EQ(g.variants.alt(1), ".");
  EXPECT_EQ(g.variants.chrom(1), "1");
}

TEST(BedSource, TilesAreAsLargeAsPlanned) {
  ExpectPlannedTiles(*OpenGenotypes(Files({Small().Write()})), 0xff);
}

TEST(BedDecode, WordsAndSubsetsAgreeWithTheCodeTable) {
  const uint32_t copies[] = {2, 3, 1, 0};
  std::vector<uint8_t> row(64);
  for (size_t i = 0; i < row.size(); ++i) row[i] = static_cast<uint8_t>(i * 37 + 11);
  for (uint32_t n = 1; n <= 200; ++n) {
    std::vector<uint8_t> out(64, 0xaa);
    BedToCopies(row.data(), n, out.data());
    std::vector<uint32_t> odd;
    for (uint32_t s = 0; s < n; ++s) {
      ASSERT_EQ((out[s / 4] >> (2 * (s % 4))) & 3u, copies[(row[s / 4] >> (2 * (s % 4))) & 3]);
      if (s % 3 == 1) odd.push_back(s);
    }
    if (n % 4 != 0) {
      EXPECT_EQ(out[n / 4] >> (2 * (n % 4)), 0);
    }
    std::vector<uint8_t> chosen(64);
    BedToCopies(row.data(), odd, chosen.data());
    for (uint32_t i = 0; i < odd.size(); ++i) {
      ASSERT_EQ((chosen[i / 4] >> (2 * (i % 4))) & 3u,
                (out[odd[i] / 4] >> (2 * (odd[i] % 4))) & 3u);
    }
  }
}

TEST(BedErrors, FilesThatDoNotFit) {
  const auto id_of = [](const BedFiles& files) {
    return ErrorOfFiles(Files({files.Write()})).id();
  };
  BedFiles files = Small();
  files.bed += '\0';
  EXPECT_EQ(id_of(files), ErrorId::kFileSize);
  files = Small();
  files.bed.pop_back();
  EXPECT_EQ(id_of(files), ErrorId::kFileSize);
  files = Small();
  files.bed[2] = 0;
  const auto sample_major = ErrorOfFiles(Files({files.Write()}));
  EXPECT_EQ(sample_major.id(), ErrorId::kFormatUnknown);
  EXPECT_NE(sample_major.remedy().find("--make-bed"), std::string::npos);
  files.bed[2] = 7;
  EXPECT_EQ(id_of(files), ErrorId::kFormatUnknown);
  files = Small();
  files.bed[0] = 'x';
  EXPECT_EQ(id_of(files), ErrorId::kFormatUnknown);
  files = Small();
  files.bim.clear();
  EXPECT_EQ(id_of(files), ErrorId::kCompanionMissing);
  files = Small();
  files.fam.clear();
  EXPECT_EQ(id_of(files), ErrorId::kCompanionMissing);
}

// Rows between the wanted ones are neither decoded nor handed on, and tiles are as large as asked
// for.
TEST(BedSource, TilesOfAChoiceHoldNothingElse) {
  BedFiles files = Small();
  for (int v = 3; v <= 60; ++v) {
    files.bed += static_cast<char>(v * 73 % 256);
    files.bed += static_cast<char>(v % 4);
    files.bim += "chr1 rs" + std::to_string(v) + " 0 " + std::to_string(100 * v) + " A G\n";
  }
  const std::string path = files.Write();
  const Genotypes all = ReadFiles(Files({path}));
  const auto wanted = [](size_t row) { return row % 3 == 1 || (row > 20 && row < 40); };
  const auto source = OpenGenotypes(Files({path}));
  source->Shape({.tile_records = 5});
  source->SelectWhere([&](const VariantTable&, size_t row) { return wanted(row); });
  std::vector<Row> expected;
  for (size_t row = 0; row < all.values.size(); ++row) {
    if (wanted(row)) expected.push_back(all.values[row]);
  }
  EXPECT_EQ(ReadAllTiles(*source).values, expected);
}

TEST(BedSource, PaddingBitsAreIgnoredAndTold) {
  BedFiles files = Small();
  const Genotypes clean = ReadFiles(Files({files.Write()}));
  files.bed[6] = static_cast<char>(files.bed[6] | 0b10100100);
  const auto source = OpenGenotypes(Files({files.Write()}));
  EXPECT_EQ(ReadAllTiles(*source).values, clean.values);
  ASSERT_EQ(source->Warnings().size(), 1u);
  EXPECT_EQ(source->Warnings()[0].rfind("1 variants of the .bed have bits behind", 0), 0u);
  EXPECT_TRUE(OpenGenotypes(Files({Small().Write()}))->Warnings().empty());
}

TEST(BedErrors, CompanionLines) {
  BedFiles files = Small();
  const auto error_of_bim = [&](const std::string& bim) {
    files = Small();
    files.bim = bim;
    return ErrorOfFiles(Files({files.Write()}));
  };
  auto error = error_of_bim("1 rs1 0 100 A G\n1 rs2 200 A G\nx\n");  // line 2: without cM
  EXPECT_EQ(error.id(), ErrorId::kMalformed);
  EXPECT_EQ(error.line(), 3u);
  error = error_of_bim("1 rs1 0 100 A G\n1 rs2 0 1e5 A G\n");
  EXPECT_EQ(error.id(), ErrorId::kMalformed);
  EXPECT_EQ(error.line(), 2u);
  EXPECT_EQ(error.value(), "1e5");
  EXPECT_EQ(error_of_bim("1 rs1 0 200 A G\n1 rs2 0 100 A G\n").id(), ErrorId::kVariantOrder);
  files = Small();
  files.fam = "F1 I1 0 0\n";
  error = ErrorOfFiles(Files({files.Write()}));
  EXPECT_EQ(error.id(), ErrorId::kMalformed);
  EXPECT_EQ(error.line(), 1u);
  files = Small();
  files.fam = "F1 I1 0 0 1 -9\nF2 I1 0 0 2 -9\n";
  EXPECT_EQ(ErrorOfFiles(Files({files.Write()})).id(), ErrorId::kDuplicateSamples);
}

TEST(BedSource, ChosenRowsComeWithTheirNumbers) {
  KINFLOW_REQUIRE_DATA(bed, "hapmap_trios/hapmap279.bed");
  ScanShape shape;
  shape.tile_records = 64;
  shape.shard_genotypes = 279 * 1000;
  const auto all = ReadFiles(Files({bed}), shape);
  ASSERT_EQ(all.values.size(), 9088u);
  const std::vector<uint64_t> wanted = {0, 1, 70, 999, 1000, 5000, 5001, 9087};
  auto source = OpenGenotypes(Files({bed}));
  ASSERT_TRUE(source->SelectRows(wanted));
  source->Shape(shape);
  auto raw = source->NewRawBlock();
  std::vector<uint64_t> seen;
  while (source->Read(*raw)) {
    DosageTile tile;
    source->Decode(*raw, tile);
    for (size_t r = 0; r < tile.rows(); ++r) {
      const uint64_t row = tile.first_variant + r;
      seen.push_back(row);
      ASSERT_EQ(tile.shard, all.shards[row]);
      ASSERT_EQ(tile.variants.id(r), all.variants.id(row));
      for (uint32_t s = 0; s < 279; ++s) {
        const uint32_t v = tile.At(r, s);
        ASSERT_EQ(v == 3 ? kNone : v, all.values[row][s]);
      }
    }
  }
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_TRUE(std::includes(seen.begin(), seen.end(), wanted.begin(), wanted.end()));
  EXPECT_LT(seen.size(), 600u);  // reads what is near, not everything
}

}  // namespace
}  // namespace kinflow
