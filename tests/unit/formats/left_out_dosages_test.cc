// Dosages that plink2 leaves out of its VCF and BCF because they equal the call, against what
// plink2 itself reads there.
#include <fmt/format.h>

#include <cmath>
#include <random>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

constexpr int kPeople = 12, kVariants = 60, kFirstOnX = 40;

bool IsMale(int person) { return person % 2 == 0; }

/// Calls and phased dosages; half of the haplotypes are certain, males have one on X.
std::string Source() {
  std::mt19937 random(3);
  const auto chance = [&] { return std::uniform_real_distribution<double>(0, 1)(random); };
  std::vector<std::string> records;
  for (int r = 0; r < kVariants; ++r) {
    const bool on_x = r >= kFirstOnX;
    records.push_back(on_x ? fmt::format("X {} v{} A C . . . GT:DS:HDS", 5'000'000 + r, r)
                           : fmt::format("1 {} v{} A C . . . GT:DS:HDS", 10 + r, r));
    for (int s = 0; s < kPeople; ++s) {
      std::string call, haplotypes;
      double dosage = 0;
      const bool missing = chance() < 0.05;
      for (int h = 0; h < (on_x && IsMale(s) ? 1 : 2); ++h) {
        const int allele = chance() < 0.5;
        const int doubt = chance() < 0.5 ? 0 : static_cast<int>(chance() * 300);  // thousandths
        const double x = (allele == 1 ? 1000 - doubt : doubt) / 1000.0;
        dosage += x;
        call += (h > 0 ? "|" : "") + (missing ? std::string(".") : std::to_string(allele));
        haplotypes += fmt::format("{}{:.3f}", h > 0 ? "," : "", x);
      }
      records.back() +=
          missing ? " " + call : fmt::format(" {}:{:.3f}:{}", call, dosage, haplotypes);
    }
  }
  std::string people;
  for (int s = 0; s < kPeople; ++s) people += fmt::format("{}P{}", s > 0 ? " " : "", s);
  return WriteVcf(records, people, "##contig=<ID=1>\n##contig=<ID=X,length=155270560>\n");
}

std::string Psam() {
  std::string text = "#IID\tSEX\n";
  for (int s = 0; s < kPeople; ++s) text += fmt::format("P{}\t{}\n", s, IsMale(s) ? 1 : 2);
  return WriteText("x.psam", text);
}

/// ALT copies by person and variant from `plink2 --export A`, which counts REF, of haploids twice;
/// NaN = missing.
std::vector<std::vector<double>> AltCopies(const std::string& raw) {
  std::vector<std::vector<double>> people;
  LineReader lines(raw);
  std::string_view line;
  lines.Next(line);
  while (lines.Next(line)) {
    const auto f = Split(line, '\t');
    const bool male = IsMale(static_cast<int>(people.size()));
    people.emplace_back();
    for (size_t v = 6; v < f.size(); ++v) {
      const double copies = 2 - ParseDouble(f[v]).value_or(NAN);
      people.back().push_back(male && v - 6 >= kFirstOnX ? copies / 2 : copies);
    }
  }
  return people;
}

TEST(LeftOutDosages, EqualWhatPlink2Reads) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string vcf = Source(), sexes = " --psam " + Psam(), quiet = " > /dev/null 2>&1";
  ASSERT_EQ(RunCommand(plink2 + " --vcf " + vcf + " dosage=HDS" + sexes + " --make-pgen --out " +
                       vcf + quiet),
            0);
  for (const std::string field : {"DS", "HDS", "GP"}) {
    const std::string out = vcf + "." + field;
    for (const std::string kind : {"vcf", "bcf"}) {
      const std::string written = out + "." + kind;
      SCOPED_TRACE(written);
      ASSERT_EQ(RunCommand(plink2 + " --pfile " + vcf + " --export " + kind +
                           " vcf-dosage=" + field + " --out " + out + quiet),
                0);
      ASSERT_EQ(RunCommand(plink2 + " --" + kind + " " + written + " dosage=" + field + sexes +
                           " --export A --out " + out + quiet),
                0);
      const auto expected = AltCopies(out + ".raw");
      ASSERT_EQ(expected.size(), size_t{kPeople});
      GenotypeOptions options = Files({written});
      options.field = field;
      auto source = OpenGenotypes(options);
      const Genotypes g = ReadAllTiles(*source);
      ASSERT_EQ(g.values.size(), size_t{kVariants});
      for (size_t r = 0; r < kVariants; ++r) {
        for (size_t s = 0; s < kPeople; ++s) {
          ASSERT_EQ(g.values[r][s] == kNone, std::isnan(expected[s][r])) << r << " " << s;
          // plink2 writes three or four digits of multiples of 1/16384.
          if (g.values[r][s] == kNone) continue;
          ASSERT_NEAR(g.Dosage(r, s), expected[s][r], 6e-4) << r << " " << s;
        }
      }
      EXPECT_GT(dynamic_cast<FileSource&>(*source).counts().from_calls, 100u);
    }
  }
}

}  // namespace
}  // namespace kinflow
