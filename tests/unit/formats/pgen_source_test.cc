// .pgen files that plink2 writes, beside the roads from VCF and .bed and beside plink2's own
// exports.
#include "stages/formats/pgen_source.h"

#include <cmath>
#include <random>
#include <set>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "tests/unit/formats/pgen_support.h"

namespace kinflow {
namespace {

using namespace test;

// Listed, marked; with phased calls, phased dosages or both.
const std::set<uint8_t> kDosageTracks = {0x20, 0x30, 0x60, 0x70, 0xa0, 0xb0, 0xe0, 0xf0};
constexpr const char* kImputed = "minimac_trios/imputed.vcf.gz";

// Values as plink2 exports them: the counted allele is REF, decimals round to 1/16384.
void ExpectExport(const Genotypes& g, const std::string& prefix, bool hard_calls) {
  const std::string out = Plink2("--pfile " + prefix + " --export A-transpose");
  LineReader lines(out + ".traw");
  std::string_view line;
  ASSERT_TRUE(lines.Next(line));
  size_t row = 0;
  while (lines.Next(line)) {
    const auto fields = Split(line, '\t');
    ASSERT_LT(row, g.values.size());
    ASSERT_EQ(fields.size(), 6 + g.values[row].size());
    ASSERT_EQ(fields[4], g.variants.ref(row));
    ASSERT_EQ(fields[5], g.variants.alt(row));
    for (size_t s = 0; s < g.values[row].size(); ++s) {
      const auto ref = ParseDouble(fields[6 + s]);
      const uint32_t expected =
          ref ? static_cast<uint32_t>(std::lround((2 - *ref) * (hard_calls ? 1 : 16384))) : kNone;
      ASSERT_EQ(g.values[row][s], expected) << row << " " << s;
    }
    ++row;
  }
  EXPECT_EQ(row, g.values.size());
}

TEST(PgenSource, HardCallsEqualTheVcfTheyCameFrom) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  for (const char* name : {kImputed, "minimac_trios/r.truth.vcf.gz"}) {
    KINFLOW_REQUIRE_DATA(vcf, name);
    GenotypeOptions text = Files({vcf});
    text.field = "GT";
    text.keep_calls = true;
    const Genotypes expected = ReadFiles(text);
    for (const char* modifier : {"", " vzs", " erase-phase", " pvar-cols=+qual,+filter,+cm"}) {
      const std::string prefix = Plink2("--vcf " + vcf + " --make-pgen" + modifier);
      const Genotypes g = ReadFiles(PgenOptions(prefix));
      EXPECT_EQ(g.encoding, (DosageEncoding{DosageEncoding::Layout::kTwoBit, 1, 0}));
      ExpectSame(g, expected);
      if (std::string(modifier) == " erase-phase") continue;
      ExpectSamePhase(g, expected);
      const auto source = OpenGenotypes(PgenOptions(prefix));
      source->UseFlags(kCallHaploid);
      const Genotypes without_phase = ReadAllTiles(*source);
      ExpectSame(without_phase, expected);
      for (const auto& calls : without_phase.calls) ASSERT_TRUE(calls.empty());
    }
  }
}

TEST(PgenSource, DosagesEqualPlink2sExport) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  KINFLOW_REQUIRE_DATA(vcf, kImputed);
  GenotypeOptions text = Files({vcf});
  text.keep_calls = true;
  const Genotypes ds = ReadFiles(text);
  std::set<uint8_t> met;  // tracks of dosages and phase
  for (const char* field : {"DS", "HDS"}) {
    const std::string prefix = Plink2("--vcf " + vcf + " dosage=" + field + " --make-pgen");
    const GenotypePlan plan = ProbeGenotypes(PgenOptions(prefix));
    EXPECT_EQ(plan.dosage.field, DosageField::kDs);
    EXPECT_EQ(plan.dosage.units, 16384u);
    EXPECT_EQ(plan.dosage.error_bound, 0);
    const Genotypes g = ReadFiles(PgenOptions(prefix));
    EXPECT_EQ(g.encoding, (DosageEncoding{DosageEncoding::Layout::kU16, 16384, 0}));
    ExpectExport(g, prefix, false);
    for (const auto& [type, count] : CountTypes(prefix + ".pgen")) met.insert(type & 0xf0);
    ASSERT_EQ(g.values.size(), ds.values.size());
    for (size_t r = 0; r < g.values.size(); ++r) {
      ASSERT_EQ(g.variants.info(r), ds.variants.info(r));
      for (size_t s = 0; s < g.values[r].size() && std::string(field) == "DS"; ++s) {
        ASSERT_NEAR(g.Dosage(r, s), ds.Dosage(r, s), 0.501 / 16384);
      }
    }
    // Hard calls of the same file.
    const Genotypes calls = ReadFiles(PgenOptions(prefix, "GT"));
    EXPECT_EQ(calls.encoding.layout, DosageEncoding::Layout::kTwoBit);
    const std::string erased = Plink2("--pfile " + prefix + " --make-pgen erase-dosage");
    ExpectExport(calls, erased, true);
    ExpectSame(ReadFiles(PgenOptions(erased)), calls);
  }
  EXPECT_TRUE(std::includes(met.begin(), met.end(), kDosageTracks.begin(), kDosageTracks.end()));
}

TEST(PgenSource, BedEqualsItsPgen) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  KINFLOW_REQUIRE_DATA(bed, "hapmap_trios/hapmap279.bed");
  const std::string from = " --bfile " + bed.substr(0, bed.size() - 4);
  auto source = OpenGenotypes(Files({bed}));
  const Genotypes expected = ReadAllTiles(*source);
  for (const char* how : {"--make-pgen", "--make-pgen format=2", "--make-bpgen", "--make-bpgen vzs",
                          "--output-chr chr26 --make-pgen"}) {
    const std::string prefix = Plink2(from + " " + how);
    auto pgen = OpenGenotypes(PgenOptions(prefix));
    EXPECT_EQ(pgen->variant_count(), 9088u);
    EXPECT_EQ(pgen->samples()->digest(), source->samples()->digest());
    ExpectSame(ReadAllTiles(*pgen), expected);
  }
  // Storage mode 1 is a .bed under the name of a .pgen.
  const std::string prefix = Plink2(from + " --make-just-pvar --make-just-psam");
  WriteFileAtomically(prefix + ".pgen", ReadFile(bed));
  ExpectSame(ReadFiles(PgenOptions(prefix)), expected);
}

TEST(PgenSource, PublicPgenEqualsItsVcf) {
  KINFLOW_REQUIRE_DATA(pgen, "pgsc_calc/cineca_synthetic_subset.pgen");
  KINFLOW_REQUIRE_DATA(bed, "pgsc_calc/cineca_synthetic_subset.bed");
  const Genotypes a = ReadFiles(Files({pgen})), b = ReadFiles(Files({bed}));
  ASSERT_EQ(a.values.size(), 829u);
  ExpectSame(a, b);
}

// Sample numbers of lists are stored in one to three bytes by the number of samples.
TEST(PgenSource, EverySampleNumberWidthAndWayOfStoringCalls) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  std::set<uint8_t> met;
  for (const uint32_t n : {1u, 2u, 3u, 31u, 32u, 33u, 64u, 65u, 127u, 255u, 256u, 257u, 1000u,
                           5003u, 65'535u, 65'536u, 65'537u, 70'001u}) {
    const std::string bed = WriteVariedBed(n, n > 10'000 ? 16 : 64, n);
    const std::string prefix = Plink2("--bfile " + bed + " --make-pgen");
    ExpectSame(ReadFiles(PgenOptions(prefix)), ReadFiles(Files({bed + ".bed"})));
    for (const auto& [type, count] : CountTypes(prefix + ".pgen")) {
      if (n > 60'000) met.insert(type);
    }
    if (HasFatalFailure()) FAIL() << n << " samples";
  }
  EXPECT_EQ(met, (std::set<uint8_t>{0, 1, 2, 3, 4, 6, 7}));
}

// 70,000 variants are two blocks of the header.
TEST(PgenSource, BlocksOfTheHeaderAndShards) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string bed = WriteVariedBed(40, 70'000, 5);
  const std::string prefix = Plink2("--bfile " + bed + " --make-pgen");
  ScanShape shape;
  shape.tile_records = 100;
  shape.shard_genotypes = 40 * 30'000;
  const Genotypes expected = ReadFiles(Files({bed + ".bed"}), shape);
  ExpectSame(ReadFiles(PgenOptions(prefix), shape), expected);
  auto source = OpenGenotypes(PgenOptions(prefix));
  source->SkipShards(2);
  const Genotypes rest = ReadAllTiles(*source, shape);
  ASSERT_EQ(rest.values.size(), 10'000u);
  EXPECT_EQ(rest.first_variants.front(), 60'000u);
  for (size_t r = 0; r < rest.values.size(); ++r) {
    ASSERT_EQ(rest.values[r], expected.values[60'000 + r]);
    ASSERT_EQ(rest.shards[r], 2u);
  }
}

// A chosen row that is stored as differences comes with what it differs from.
TEST(PgenSource, ChosenRowsComeWithTheirNumbers) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string bed = WriteVariedBed(3000, 2000, 6);
  const std::string prefix = Plink2("--bfile " + bed + " --make-pgen");
  const Genotypes all = ReadFiles(PgenOptions(prefix));
  const std::vector<uint64_t> wanted = {1, 2, 700, 701, 1305, 1306, 1999};
  auto source = OpenGenotypes(PgenOptions(prefix));
  ASSERT_TRUE(source->SelectRows(wanted));
  auto raw = source->NewRawBlock();
  std::vector<uint64_t> seen;
  while (source->Read(*raw)) {
    DosageTile tile;
    source->Decode(*raw, tile);
    for (size_t r = 0; r < tile.rows(); ++r) {
      seen.push_back(tile.first_variant + r);
      ASSERT_EQ(tile.variants.id(r), all.variants.id(seen.back()));
      for (uint32_t s = 0; s < 3000; ++s) {
        const uint32_t v = tile.At(r, s);
        ASSERT_EQ(v == 3 ? kNone : v, all.values[seen.back()][s]);
      }
    }
  }
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_TRUE(std::includes(seen.begin(), seen.end(), wanted.begin(), wanted.end()));
  EXPECT_LT(source->bytes_read(), source->input_bytes());
}

TEST(PgenSource, ChosenSamplesAreColumnsOfTheWhole) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  KINFLOW_REQUIRE_DATA(vcf, kImputed);
  const std::string prefix = Plink2("--vcf " + vcf + " dosage=HDS --make-pgen");
  for (const char* field : {"DS", "GT"}) {
    GenotypeOptions options = PgenOptions(prefix, field);
    const Genotypes all = ReadFiles(options);
    const auto samples = OpenGenotypes(options)->samples();
    std::vector<uint32_t> columns;
    for (uint32_t s = 1; s < samples->size(); s += 3) {
      columns.push_back(s);
      options.choice.keep.push_back(samples->iid(s));
    }
    const Genotypes some = ReadFiles(options);
    ASSERT_EQ(some.values.size(), all.values.size());
    for (size_t r = 0; r < all.values.size(); ++r) {
      ASSERT_EQ(some.values[r].size(), columns.size());
      ASSERT_EQ(some.calls[r].empty(), all.calls[r].empty());
      for (size_t i = 0; i < columns.size(); ++i) {
        ASSERT_EQ(some.values[r][i], all.values[r][columns[i]]);
        if (some.calls[r].empty()) continue;
        ASSERT_EQ(some.calls[r][i], all.calls[r][columns[i]]);
      }
    }
  }
}

}  // namespace
}  // namespace kinflow
