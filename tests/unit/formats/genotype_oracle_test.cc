// Values of every genotype against bcftools and plink2 on public data.
#include <fmt/format.h>

#include <cmath>
#include <random>
#include <sstream>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

// Compares with `bcftools query` of `field`; `meaning` turns its text into a dosage (NaN =
// missing).
void CompareWithQuery(const Genotypes& g, const std::string& bcftools, const std::string& path,
                      const std::string& field,
                      const std::function<double(std::string_view)>& meaning) {
  const std::string out = TempFolder() + "/query.txt";
  ASSERT_EQ(RunCommand(bcftools + " query -f '%CHROM\\t%POS\\t%ID\\t%REF\\t%ALT[\\t%" + field +
                       "]\\n' " + path + " > " + out),
            0);
  LineReader lines(out);
  std::string_view line;
  size_t row = 0;
  while (lines.Next(line)) {
    const auto f = Split(line, '\t');
    ASSERT_LT(row, g.values.size());
    ASSERT_EQ(g.variants.chrom(row), NormaliseChrom(f[0]));
    ASSERT_EQ(std::to_string(g.variants.pos(row)), f[1]);
    ASSERT_EQ(g.variants.id(row), f[2]);
    ASSERT_EQ(g.variants.ref(row), f[3]);
    ASSERT_EQ(g.variants.alt(row), f[4]);
    ASSERT_EQ(f.size() - 5, g.values[row].size());
    for (size_t s = 5; s < f.size(); ++s) {
      const double expected = meaning(f[s]);
      const uint32_t v = g.values[row][s - 5];
      if (std::isnan(expected)) {
        ASSERT_EQ(v, kNone) << row;
      } else {
        ASSERT_NE(v, kNone) << row;
        ASSERT_NEAR(g.Dosage(row, s - 5), expected, 1e-6 + g.encoding.error_bound) << row;
      }
    }
    ++row;
  }
  EXPECT_EQ(row, g.values.size());
}

double Number(std::string_view text) { return ParseDouble(text).value_or(NAN); }

double Calls(std::string_view text) {
  double sum = 0;
  for (const char c : text) {
    if (c == '.') return NAN;
    sum += c == '1';
  }
  return sum;
}

double HaplotypeSum(std::string_view text) {
  double sum = 0;
  for (const auto part : Split(text, ',')) sum += Number(part);
  return sum;
}

double Expectation(std::string_view text) {
  const auto p = Split(text, ',');
  if (p.size() != 3) return NAN;
  return (Number(p[1]) + 2 * Number(p[2])) / (Number(p[0]) + Number(p[1]) + Number(p[2]));
}

/// Probabilities of two decimals, whose sums are often not 1; a table of samples by records.
std::vector<std::string> RoundedProbabilities(int records, int samples) {
  std::mt19937 random(5);
  const auto part = [&] { return std::uniform_real_distribution<double>(0, 1)(random); };
  std::vector<std::string> lines;
  for (int r = 1; r <= records; ++r) {
    lines.push_back(fmt::format("1 {} rs{} A C . . . GP", r, r));
    for (int s = 0; s < samples; ++s) {
      const double a = part(), b = part() * (1 - a);
      lines.back() += fmt::format(" {:.2f},{:.2f},{:.2f}", a, b, 1 - a - b);
    }
  }
  return lines;
}

TEST(GenotypeOracle, RoundedProbabilitiesEqualPlink2) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const std::string vcf =
      WriteVcf(RoundedProbabilities(40, 6), "A B C D E F", "##contig=<ID=1,length=1000>\n");
  ASSERT_EQ(RunCommand(plink2 + " --vcf " + vcf +
                       " dosage=GP-force --export vcf vcf-dosage=DS-force --out " + vcf + ".plink"),
            0);
  ASSERT_EQ(RunCommand(bcftools + " view -Ob -o " + vcf + ".bcf " + vcf), 0);
  GenotypeOptions options = Files({vcf + ".plink.vcf"});
  options.field = "DS";
  const Genotypes expected = ReadFiles(options);
  options.field = "GP";
  for (const std::string& file : {vcf, vcf + ".bcf"}) {
    options.files = {file};
    const Genotypes got = ReadFiles(options);
    ASSERT_EQ(got.values.size(), 40u);
    for (size_t r = 0; r < 40; ++r) {
      for (size_t s = 0; s < 6; ++s) {
        // plink2 writes four decimals of multiples of 1/16384.
        EXPECT_NEAR(got.Dosage(r, s), expected.Dosage(r, s), 1.5e-4) << file << r << s;
      }
    }
  }
}

// bcftools writes the missing genotypes of a .gen as GP 0,0,0 beside a call.
TEST(GenotypeOracle, ProbabilitiesOfZeroAreMissingAsForPlink2) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const std::string gen = WriteText("x.gen",
                                    "1:1_A_C rs1 1 A C 0 0 0 0.1 0.8 0.1 1 0 0\n"
                                    "1:2_A_C rs2 2 A C 0 0 1 0 0 0 0.2 0.3 0.5\n");
  const std::string people =
      WriteText("x.samples", "ID_1 ID_2 missing\n0 0 0\nA A 0\nB B 0\nC C 0\n");
  const std::string vcf = gen + ".bcftools.vcf", out = gen + ".plink";
  ASSERT_EQ(RunCommand(bcftools + " convert -G " + gen + "," + people + " -o " + vcf), 0);
  ASSERT_EQ(RunCommand(bcftools + " view -Ob -o " + vcf + ".bcf " + vcf), 0);
  ASSERT_EQ(RunCommand(plink2 + " --vcf " + vcf +
                       " dosage=GP --export vcf vcf-dosage=DS-force --out " + out),
            0);
  GenotypeOptions options = Files({out + ".vcf"});
  options.field = "DS";
  const Genotypes expected = ReadFiles(options);
  ASSERT_EQ(expected.values[0][0], kNone);
  options.field = "GP";
  for (const std::string& file : {vcf, vcf + ".bcf"}) {
    options.files = {file};
    const auto source = OpenGenotypes(options);
    const Genotypes got = ReadAllTiles(*source);
    ASSERT_EQ(got.values.size(), 2u);
    for (size_t r = 0; r < 2; ++r) {
      for (size_t s = 0; s < 3; ++s) {
        ASSERT_EQ(got.values[r][s] == kNone, expected.values[r][s] == kNone) << file << r << s;
        if (got.values[r][s] == kNone) continue;
        EXPECT_NEAR(got.Dosage(r, s), expected.Dosage(r, s), 1e-3) << file << r << s;
      }
    }
    const auto warnings = source->Warnings();
    ASSERT_EQ(warnings.size(), 1u) << file;
    EXPECT_EQ(warnings[0].find("2 genotypes have a GP of 0 for every genotype"), 0u) << warnings[0];
  }
}

TEST(GenotypeOracle, ProbabilitiesOfZeroOfSeveralAllelesAndOfOneCopy) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const std::string vcf =
      WriteVcf({"1 10 . A C,G . . . GT:GP 1/2:0,0,0,0,0,0 0/1:0,1,0,0,0,0 0/2:0,0,0,1,0,0",
                "X 9000000 . A C . . . GT:GP 0:0,0 1:0,1 0/1:0,1,0"},
               "A B C", "##contig=<ID=1>\n##contig=<ID=X>\n");
  ASSERT_EQ(RunCommand(bcftools + " view -Ob -o " + vcf + ".bcf " + vcf), 0);
  for (const std::string& file : {vcf, vcf + ".bcf"}) {
    GenotypeOptions options = Files({file});
    options.field = "GP";
    const auto source = OpenGenotypes(options);
    const Genotypes got = ReadAllTiles(*source);
    ASSERT_EQ(got.values.size(), 3u);
    EXPECT_EQ(got.values[0], (std::vector<uint32_t>{kNone, 1000, 0})) << file;
    EXPECT_EQ(got.values[1], (std::vector<uint32_t>{kNone, 0, 1000})) << file;
    EXPECT_EQ(got.values[2], (std::vector<uint32_t>{kNone, 1000, 1000})) << file;
    EXPECT_EQ(got.calls[2], (std::vector<uint8_t>{kCallHaploid, kCallHaploid, 0})) << file;
    EXPECT_EQ(dynamic_cast<FileSource&>(*source).counts().no_probabilities, 2u) << file;
  }
}

TEST(GenotypeOracle, ImputedFieldsEqualBcftools) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const char* name : {"minimac_trios/imputed.vcf.gz", "sim500_faults/b.imputed.vcf.gz"}) {
    KINFLOW_REQUIRE_DATA(path, name);
    GenotypeOptions options = Files({path});
    const auto plan = ProbeGenotypes(options);
    EXPECT_EQ(plan.dosage.field, DosageField::kDs);
    EXPECT_EQ(plan.dosage.units, 1000u);
    CompareWithQuery(ReadFiles(options), bcftools, path, "DS", Number);
    if (std::string(name).find("minimac") == std::string::npos) continue;
    options.field = "GP";
    CompareWithQuery(ReadFiles(options), bcftools, path, "GP", Expectation);
    options.field = "HDS";
    CompareWithQuery(ReadFiles(options), bcftools, path, "HDS", HaplotypeSum);
    options.field = "GT";
    CompareWithQuery(ReadFiles(options), bcftools, path, "GT", Calls);
  }
}

TEST(GenotypeOracle, QualityEqualsBcftools) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  KINFLOW_REQUIRE_DATA(path, "minimac_trios/imputed.vcf.gz");
  const auto g = ReadFiles(Files({path}));
  std::string text;
  ASSERT_EQ(RunCommand(bcftools + " query -f '%INFO/R2\\n' " + path, &text), 0);
  const auto lines = Split(text, '\n');
  ASSERT_EQ(lines.size(), g.variants.size() + 1);
  for (size_t r = 0; r < g.variants.size(); ++r) {
    ASSERT_NEAR(g.variants.info(r), Number(lines[r]), 1e-5);
  }
}

void ExpectEqual(const Genotypes& a, const Genotypes& b) {
  EXPECT_EQ(a.encoding, b.encoding);
  EXPECT_TRUE(a.values == b.values);
  EXPECT_TRUE(a.calls == b.calls);
  EXPECT_EQ(a.shards, b.shards);
  ASSERT_EQ(a.variants.size(), b.variants.size());
  for (size_t r = 0; r < a.variants.size(); ++r) {
    ASSERT_EQ(a.variants.chrom(r), b.variants.chrom(r));
    ASSERT_EQ(a.variants.pos(r), b.variants.pos(r));
    ASSERT_EQ(a.variants.id(r), b.variants.id(r));
    ASSERT_EQ(a.variants.ref(r), b.variants.ref(r));
    ASSERT_EQ(a.variants.alt(r), b.variants.alt(r));
    if (std::isnan(a.variants.info(r))) {
      ASSERT_TRUE(std::isnan(b.variants.info(r)));
    } else {
      ASSERT_EQ(a.variants.info(r), b.variants.info(r));
    }
  }
}

// bcftools reads the text, we read its binary form: both roads must meet for every field.
TEST(GenotypeOracle, BcfEqualsVcf) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const char* name : {"minimac_trios/imputed.vcf.gz", "sim500_faults/b.imputed.vcf.gz",
                           "mendel_unit/trio-stats.vcf", "mendel_unit/fixref.vcf"}) {
    KINFLOW_REQUIRE_DATA(path, name);
    std::string input = path;
    if (std::string(name).find("fixref") != std::string::npos) {
      // Its chromosomes are not in order and two records stand before their neighbours.
      input = TempFolder() + "/sorted.vcf";
      ASSERT_EQ(RunCommand(bcftools + " sort -o " + input + " " + path + " 2>/dev/null"), 0);
    }
    const bool large = std::string(name).find("sim500") == 0;
    for (const char* kind : {"-Ob", "-Ou"}) {
      if (large && kind[2] == 'u') continue;  // a minute of text for nothing new
      const std::string bcf = TempFolder() + "/x" + kind + ".bcf";
      ASSERT_EQ(RunCommand(bcftools + " view " + kind + " -o " + bcf + " " + input), 0);
      GenotypeOptions options = Files({input}), binary = Files({bcf});
      options.keep_calls = binary.keep_calls = true;
      for (const char* field : {"auto", "GT", "GP", "HDS"}) {
        const bool minimac = std::string(name).find("minimac") == 0;
        if ((!minimac || kind[2] == 'u') && std::string(field) != "auto") continue;
        options.field = binary.field = field;
        ExpectEqual(ReadFiles(options), ReadFiles(binary));
      }
    }
  }
}

TEST(GenotypeOracle, EveryContainerGivesTheSame) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  KINFLOW_REQUIRE_DATA(path, "minimac_trios/imputed.vcf.gz");
  const auto base = ReadFiles(Files({path}));
  const std::string folder = TempFolder();
  ASSERT_EQ(RunCommand("gzip -dc " + path + " > " + folder + "/p.vcf && gzip -c " + folder +
                       "/p.vcf > " + folder + "/g.vcf.gz"),
            0);
  ExpectEqual(base, ReadFiles(Files({folder + "/p.vcf"})));
  ExpectEqual(base, ReadFiles(Files({folder + "/g.vcf.gz"})));
}

TEST(GenotypeOracle, BedEqualsTheVcfThatPlinkMakesOfIt) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  KINFLOW_REQUIRE_DATA(bed, "hapmap_trios/hapmap279.bed");
  const std::string out = TempFolder() + "/h", prefix = bed.substr(0, bed.size() - 4);
  ASSERT_EQ(RunCommand(plink2 + " --bfile " + prefix + " --export vcf bgz id-paste=iid --out " +
                       out + " > /dev/null 2>&1"),
            0);
  GenotypeOptions text = Files({out + ".vcf.gz"});
  text.keep_calls = true;
  auto source = OpenGenotypes(Files({bed}));
  const auto a = ReadAllTiles(*source), b = ReadFiles(text);
  ASSERT_EQ(a.variants.size(), b.variants.size());
  size_t haploid = 0;
  for (size_t r = 0; r < a.variants.size(); ++r) {
    ASSERT_EQ(a.variants.chrom(r), b.variants.chrom(r));
    ASSERT_EQ(a.variants.alt(r), b.variants.alt(r));
    ASSERT_EQ(a.variants.ref(r), b.variants.ref(r));
    for (uint32_t s = 0; s < source->samples()->size(); ++s) {
      // plink2 writes males' X calls with one allele: 0 or 1 where the .bed has 0 or 2.
      const bool flag =
          !b.calls[r].empty() && b.values[r][s] != kNone && (b.calls[r][s] & kCallHaploid) != 0;
      const uint32_t expected = flag ? 2 * b.values[r][s] : b.values[r][s];
      ASSERT_EQ(a.values[r][s], expected) << r << " " << s;
      if (!flag) continue;
      ++haploid;
      ASSERT_EQ(a.variants.chrom(r), "X");
      ASSERT_EQ(source->samples()->sex(s), Sex::kMale);
    }
  }
  EXPECT_EQ(haploid, 41'209u + 12'407u);  // counted in the VCF text with awk
  ASSERT_EQ(RunCommand(plink2 + " --vcf " + out + ".vcf.gz --make-bed --out " + out +
                       " > /dev/null 2>&1"),
            0);
  EXPECT_TRUE(ReadFiles(Files({out + ".bed"})).values == a.values);
}

TEST(GenotypeOracle, CinecaBedEqualsItsVcf) {
  KINFLOW_REQUIRE_DATA(bed, "pgsc_calc/cineca_synthetic_subset.bed");
  KINFLOW_REQUIRE_DATA(vcf, "pgsc_calc/cineca_synthetic_subset.vcf.gz");
  EXPECT_EQ(ReadFiles(Files({bed})).values.size(), 829u);
  const auto a = ReadFiles(Files({bed})), b = ReadFiles(Files({vcf}));
  ASSERT_EQ(a.values.size(), b.values.size());
  for (size_t r = 0; r < a.values.size(); ++r) {
    ASSERT_EQ(a.variants.pos(r), b.variants.pos(r));
    // Both files name A1 as ALT where they agree on alleles; plink may swap monomorphic ones.
    ASSERT_EQ(a.variants.alt(r), b.variants.alt(r));
    ASSERT_EQ(a.values[r], b.values[r]);
  }
}

// "0|0" and "1|1" do not say on which haplotype the copy of a dosage near 1 lies.
TEST(GenotypeOracle, PhaseOfHomozygotesTellsNothingOfADoubtfulCopy) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const auto vcf = WriteVcf({"1 10 . A C . . . GT:DS 0|0:0.2 0|0:0.9 1|1:1.2 1|1:1.9",
                             "1 11 . A C . . . GT:DS 0|1:0.9 1|0:1.1 .|.:1 0/1:1",
                             "1 11 . A G . . . GT:DS 0|1:0.4 1|0:0.4 0|1:1.6 1|0:1.6",
                             "1 12 . A C,G . . . GT:DS 1|2:1,1 0|2:0.9,0.9 2|2:0.6,1.4 0|0:0,0"},
                            "A B C D", "##contig=<ID=1>\n");
  const std::string bcf = TempFolder() + "/x.bcf";
  ASSERT_EQ(RunCommand(bcftools + " view -Ob -o " + bcf + " " + vcf), 0);
  const uint8_t p = kCallPhased, first = kCallPhased | kCallAltFirst;
  for (const auto& path : {vcf, bcf}) {
    GenotypeOptions options = Files({path});
    options.field = "DS";
    options.keep_calls = true;
    const auto g = ReadFiles(options);
    using Flags = std::vector<uint8_t>;
    EXPECT_EQ(g.calls[0], (Flags{p, 0, 0, p})) << path;
    EXPECT_EQ(g.calls[1], (Flags{p, first, 0, 0})) << path;
    EXPECT_EQ(g.calls[2], (Flags{p, p, p, p})) << path;
    EXPECT_EQ(g.calls[3], (Flags{first, 0, 0, p})) << path;
    EXPECT_EQ(g.calls[4], (Flags{p, p, 0, p})) << path;
  }
}

}  // namespace
}  // namespace kinflow
