// Mendel errors of small and of real families with counts known from other programs.

#include <gtest/gtest.h>

#include <fstream>

#include "pipeline/base/file.h"
#include "tests/support/test_data.h"
#include "tests/unit/qc/support.h"

namespace kinflow {
namespace {

using test::PlinkTable;
using test::QcRun;

uint64_t Total(const std::vector<uint32_t>& v) {
  uint64_t sum = 0;
  for (const uint32_t x : v) sum += x;
  return sum;
}

// Three families of hail; plink 1.9 finds 33 errors on autosomes and X (hail counts Y too: 41).
// One father of the file is coded female, which kinflow refuses: he is made male here.
TEST(MendelUnit, EqualsPlink19PerPerson) {
  KINFLOW_REQUIRE_DATA(vcf, "mendel_unit/mendel.vcf");
  KINFLOW_REQUIRE_DATA(fam, "mendel_unit/mendel.fam");
  KINFLOW_REQUIRE_PROGRAM(plink, "plink1.9");
  const std::string folder = test::TempFolder();
  std::string text = ReadFile(fam);
  const std::string wrong = "Fam3\tDad3\t0\t0\t2";
  size_t at = text.find(wrong);
  if (at == std::string::npos) at = text.find("Fam3 Dad3 0 0 2");
  ASSERT_NE(at, std::string::npos);
  text[at + wrong.size() - 1] = '1';
  WriteFileAtomically(folder + "/m.fam", text);

  QcRun run({vcf}, folder + "/m.fam", "GT");
  run.Count(QcOptions::FromPreset("none"));
  VariantTable variants;
  const VariantCounts counts = run.Counts(variants);
  EXPECT_EQ(Total(counts.mendel_errors), 33u);

  std::string log;
  ASSERT_EQ(test::RunCommand(plink + " --vcf " + vcf + " --make-bed --out " + folder + "/p && cp " +
                                 folder + "/m.fam " + folder + "/p.fam && " + plink + " --bfile " +
                                 folder + "/p --mendel --out " + folder + "/q",
                             &log),
            0)
      << log;
  const PlinkTable expected = PlinkTable::Read(folder + "/q.imendel");
  const SampleCounts people = run.People();
  for (size_t r = 0; r < expected.rows.size(); ++r) {
    const uint32_t s = run.cohort().samples->Find(expected.At(r, "IID"));
    EXPECT_EQ(std::to_string(people.mendel_errors[s]), expected.At(r, "N"))
        << expected.At(r, "IID");
  }
}

TEST(SnpStatsFamilies, Has217Errors) {
  KINFLOW_REQUIRE_DATA(bed, "snpstats_families/fams.bed");
  KINFLOW_REQUIRE_DATA(fam, "snpstats_families/fams.fam");
  QcRun run({bed}, fam);
  QcOptions options = QcOptions::FromPreset("none");
  options.mendel_duos = false;
  run.Count(options);
  VariantTable variants;
  EXPECT_EQ(Total(run.Counts(variants).mendel_errors), 217u);
}

// Errors planted by the simulator: children, variants and faults are listed beside the data.
TEST(Sim500, EqualsPlink19WithAndWithoutDuos) {
  KINFLOW_REQUIRE_DATA(vcf, "sim500_faults/b.array.vcf.gz");
  KINFLOW_REQUIRE_DATA(fam, "sim500_faults/b.fam");
  KINFLOW_REQUIRE_PROGRAM(plink, "plink1.9");
  const std::string folder = test::TempFolder();
  std::string log;
  ASSERT_EQ(test::RunCommand(
                plink + " --vcf " + vcf + " --double-id --make-bed --out " + folder + "/p", &log),
            0)
      << log;
  const PlinkTable samples = PlinkTable::Read(folder + "/p.fam");
  // The .fam of the data in the order of the genotypes.
  const PlinkTable people = PlinkTable::Read(fam);
  std::map<std::string, std::vector<std::string>> by_id;
  by_id[people.names[1]] = people.names;
  for (const auto& row : people.rows) by_id[row[1]] = row;
  std::string text;
  const auto append = [&](const std::string& id) {
    const auto& row = by_id.at(id);
    for (size_t c = 0; c < 6; ++c) text += row[c] + (c == 5 ? "\n" : " ");
  };
  append(samples.names[1]);
  for (const auto& row : samples.rows) append(row[1]);
  WriteFileAtomically(folder + "/p.fam", text);

  for (const bool duos : {false, true}) {
    const std::string out = folder + (duos ? "/duos" : "/trios");
    ASSERT_EQ(test::RunCommand(plink + " --bfile " + folder + "/p --mendel " +
                                   (duos ? "--mendel-duos " : "") + "--out " + out,
                               &log),
              0)
        << log;
    QcRun run({folder + "/p.bed"}, folder + "/p.fam");
    QcOptions options = QcOptions::FromPreset("none");
    options.mendel_duos = duos;
    run.Count(options);
    VariantTable variants;
    const VariantCounts counts = run.Counts(variants);
    const PlinkTable by_variant = PlinkTable::Read(out + ".lmendel");
    ASSERT_EQ(by_variant.rows.size(), counts.size());
    for (size_t i = 0; i < counts.size(); ++i) {
      EXPECT_EQ(std::to_string(counts.mendel_errors[i]), by_variant.At(i, "N")) << i;
    }
    if (!duos) {
      uint64_t autosomal = 0;
      for (size_t i = 0; i < counts.size(); ++i) {
        if (variants.chrom_class(i) == ChromClass::kAutosome) autosomal += counts.mendel_errors[i];
      }
      EXPECT_EQ(autosomal, 1093u);
    }
    const PlinkTable by_person = PlinkTable::Read(out + ".imendel");
    const SampleCounts counted = run.People();
    for (size_t r = 0; r < by_person.rows.size(); ++r) {
      const uint32_t s = run.cohort().samples->Find(by_person.At(r, "IID"));
      ASSERT_NE(s, SampleTable::kAbsent);
      EXPECT_EQ(std::to_string(counted.mendel_errors[s]), by_person.At(r, "N")) << r;
    }
  }
}

}  // namespace
}  // namespace kinflow
