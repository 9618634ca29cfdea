// Frequencies: of another cohort, and of effect alleles in the score file.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "pipeline/base/number.h"
#include "stages/formats/frequency_file.h"
#include "stages/scores/match.h"
#include "tests/support/test_data.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Genotypes;
using test::MatchText;
using test::ReadBed;
using test::RunCommand;
using test::Thrown;
using test::WriteFile;

using Ambiguous = MatchRules::Ambiguous;

struct Listed {
  std::string chrom, id, ref, alt;
  uint32_t pos;
  double freq;
};

std::vector<Listed> ReadAll(const std::string& text) {
  FrequencyFileReader reader(WriteFile("f.afreq", text));
  std::vector<Listed> rows;
  FrequencyRow row;
  while (reader.Next(row)) {
    rows.push_back({std::string(row.chrom), std::string(row.id), std::string(row.ref),
                    std::string(row.alt), row.pos, row.alt_freq});
  }
  return rows;
}

TEST(FrequencyFile, FormsOfTables) {
  const auto plink2 = ReadAll(
      "#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n1\trs1\tA\tC,T\t0.25,0."
      "5\t8\n1\trs2\tA\tG\tnan\t0\n");
  ASSERT_EQ(plink2.size(), 2u);
  EXPECT_EQ(plink2[1].alt, "T");
  EXPECT_EQ(plink2[1].freq, 0.5);
  EXPECT_EQ(plink2[1].pos, 0u);
  const auto own =
      ReadAll("CHROM\tPOS\tID\tREF\tALT\tN\tAF\tMAF\nchr1\t7\t.\tA\tC\t9\t0.75\t0.25\n");
  ASSERT_EQ(own.size(), 1u);
  EXPECT_EQ(own[0].chrom, "1");
  EXPECT_EQ(own[0].pos, 7u);
  EXPECT_EQ(own[0].id, "");
  EXPECT_EQ(own[0].freq, 0.75);
  const auto plink1 =
      ReadAll(" CHR  SNP   A1   A2   MAF  NCHROBS\n   1  rs1    C    A   0.1   60\n");
  ASSERT_EQ(plink1.size(), 1u);
  EXPECT_EQ(plink1[0].alt, "C");
  EXPECT_EQ(plink1[0].freq, 0.1);
}

TEST(FrequencyFile, Faults) {
  const std::string header = "#CHROM\tPOS\tID\tREF\tALT\tALT_FREQS\n";
  const auto fault = [&](const std::string& row) {
    const Error e = Thrown([&] { ReadAll(header + row + "\n"); });
    EXPECT_EQ(e.id(), ErrorId::kMalformed) << row;
    EXPECT_EQ(e.line(), 2u);
    EXPECT_FALSE(e.remedy().empty());
    return e;
  };
  EXPECT_EQ(fault("1\t5\tr\tA\tC\t1.5").field(), "ALT_FREQS");
  EXPECT_EQ(fault("1\t5\tr\tA\tC\t0.1,0.2").field(), "ALT_FREQS");
  EXPECT_EQ(fault("1\tx\tr\tA\tC\t0.1").field(), "POS");
  fault("1\t5\tr\tA\tC");
  const Error column = Thrown([&] { ReadAll("#CHROM\tID\tREF\tALT\tOBS_CT\n"); });
  EXPECT_EQ(column.id(), ErrorId::kColumnMissing);
  EXPECT_EQ(column.field(), "ALT_FREQS");
}

/// Lines against variants at 1:10, 20, ... with these ALT frequencies.
struct Pairing {
  ScoreLines lines;
  std::unique_ptr<MatchFinder> found;
};

Pairing Pair(const std::string& rows,
             const std::vector<std::pair<std::string, std::string>>& alleles,
             std::vector<double> alt_freq) {
  Pairing p;
  const std::string path =
      WriteFile("s.txt",
                "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\t"
                "allelefrequency_effect\n" +
                    rows);
  ScoreFileReader reader(path);
  AppendScoreFile(reader, path, true, p.lines);
  p.found = std::make_unique<MatchFinder>(p.lines, MatchBy::kPosition);
  TargetShard shard;
  for (uint32_t i = 0; i < alleles.size(); ++i) {
    shard.variants.Append("1", 10 * (i + 1), "v" + std::to_string(i), alleles[i].first,
                          alleles[i].second);
    shard.rows.push_back(i);
  }
  shard.removed_by.assign(alleles.size(), 0);
  shard.alt_freq = std::move(alt_freq);
  p.found->Add(shard);
  p.found->Finish();
  return p;
}

TEST(Frequencies, OfAnotherCohortReplaceTheTargets) {
  Pairing p = Pair("1\t10\tA\tC\t1\t\n1\t20\tG\tT\t1\t\n1\t30\tA\tG\t1\t\n",
                   {{"A", "C"}, {"T", "G"}, {"A", "G"}}, {0.1, 0.2, 0.3});
  FrequencyFileReader file(
      WriteFile("x.afreq",
                "#CHROM POS ID REF ALT ALT_FREQS\n1 10 x A C 0.6\n1 20 y G T 0.7\n"
                "1 30 z A T 0.9\n"));
  EXPECT_EQ(p.found->UseFrequencies(file), 2u);
  EXPECT_EQ(p.found->alt_freq(0), 0.6);
  EXPECT_NEAR(p.found->alt_freq(1), 0.3, 1e-15);  // REF and ALT are the other way round
  EXPECT_EQ(p.found->alt_freq(2), 0.3);           // other alleles: not this variant
  FrequencyFileReader by_id(WriteFile("y.afreq", "#CHROM ID REF ALT ALT_FREQS\n9 v2 A G 0.45\n"));
  EXPECT_EQ(p.found->UseFrequencies(by_id), 1u);
  EXPECT_EQ(p.found->alt_freq(2), 0.45);
  FrequencyFileReader twice(
      WriteFile("z.afreq", "#CHROM POS ID REF ALT ALT_FREQS\n1 10 x A C 0.6\n1 10 x A C 0.5\n"));
  const Error e = Thrown([&] { p.found->UseFrequencies(twice); });
  EXPECT_EQ(e.id(), ErrorId::kMalformed);
  EXPECT_EQ(e.line(), 3u);
}

TEST(Frequencies, CallTheStrandOfPalindromes) {
  EXPECT_EQ(CallStrand(0.2, 0.3, 0.1), StrandCall::kSame);
  EXPECT_EQ(CallStrand(0.8, 0.7, 0.1), StrandCall::kSame);
  EXPECT_EQ(CallStrand(0.2, 0.7, 0.1), StrandCall::kOpposite);
  EXPECT_EQ(CallStrand(0.45, 0.2, 0.1), StrandCall::kNearHalf);
  EXPECT_EQ(CallStrand(0.2, 0.55, 0.1), StrandCall::kNearHalf);
  EXPECT_EQ(CallStrand(0.5, 0.2, 0), StrandCall::kNearHalf);
  EXPECT_EQ(CallStrand(std::nan(""), 0.2, 0.1), StrandCall::kNoFrequency);
  EXPECT_EQ(CallStrand(0.2, std::nan(""), 0.1), StrandCall::kNoFrequency);
}

TEST(Frequencies, PalindromicLinesAreTurnedKeptOrDropped) {
  const Pairing p = Pair(
      "1\t10\tA\tT\t1\t0.8\n1\t20\tA\tT\t2\t0.8\n1\t30\tA\tT\t3\t0.52\n1\t40\tA\tT\t4\t\n"
      "1\t50\tC\tG\t5\t0.1\n",
      {{"A", "T"}, {"A", "T"}, {"A", "T"}, {"A", "T"}, {"G", "C"}}, {0.25, 0.7, 0.2, 0.2, 0.15});
  MatchRules rules;
  rules.min_overlap = 0;
  rules.ambiguous = Ambiguous::kFrequency;
  const ScoreMatch m = LabelScore(p.lines, 0, *p.found, rules);
  EXPECT_EQ(m.matched, 3u);
  EXPECT_EQ(m.ambiguous, 5u);
  EXPECT_EQ(m.ambiguous_resolved, 3u);
  EXPECT_EQ(m.flipped, 1u);
  ASSERT_EQ(m.weights.size(), 3u);
  EXPECT_TRUE(m.weights[0].effect_is_ref);   // A is REF, .8 against .75
  EXPECT_FALSE(m.weights[1].effect_is_ref);  // .8 against .3: A of the file is T of the target
  EXPECT_FALSE(m.weights[2].effect_is_ref);
  EXPECT_EQ(m.freq_compared, 3u);
  EXPECT_EQ(m.freq_different, 0u);
  std::vector<std::string> reasons;
  for (const auto& c : m.log) {
    const uint32_t line = p.lines.scores()[0].entries[c.entry].line;
    if (c.status != MatchStatus::kNotBest) {
      reasons.push_back(ReasonOf(c, line, p.lines, *p.found, rules));
    }
  }
  EXPECT_EQ(reasons, (std::vector<std::string>{"matched", "matched", "ambiguous_near_half",
                                               "ambiguous_no_frequency", "matched"}));
  // The turned line counts as a flip, so it can be refused as one.
  rules.ignore_strand_flips = true;
  EXPECT_EQ(LabelScore(p.lines, 0, *p.found, rules).matched, 2u);
}

TEST(Frequencies, DisagreementsAreCounted) {
  const Pairing p =
      Pair("1\t10\tA\tC\t1\t0.9\n1\t20\tA\tC\t1\t0.6\n1\t30\tT\tG\t1\t0.3\n1\t40\tA\tC\t1\t\n",
           {{"A", "C"}, {"A", "C"}, {"A", "C"}, {"A", "C"}}, {0.1, 0.75, 0.2, 0.5});
  MatchRules rules;
  ScoreMatch m = LabelScore(p.lines, 0, *p.found, rules);
  EXPECT_EQ(m.matched, 4u);
  EXPECT_EQ(m.freq_compared, 3u);
  EXPECT_EQ(m.freq_different, 2u);  // .6 against .25; .3 against .8 (after the flip)
  rules.frequency_difference = 0.4;
  EXPECT_EQ(LabelScore(p.lines, 0, *p.found, rules).freq_different, 1u);
}

// Real frequencies: every palindromic variant of a cohort, written on a random strand, comes back
// as it is in the target if its frequency is told from 1/2.
TEST(Frequencies, StrandsOfACohortsPalindromesAreFound) {
  KINFLOW_REQUIRE_DATA(bed, "pgsc_calc/cineca_synthetic_subset.bed");
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string prefix = bed.substr(0, bed.size() - 4);
  const Genotypes g = ReadBed(prefix);
  const auto freq = g.AltFreq();
  const std::string folder = test::TempFolder();
  std::string output;
  ASSERT_EQ(RunCommand(plink2 + " --bfile " + prefix + " --freq --out " + folder + "/f", &output),
            0)
      << output;
  std::string rows;
  uint64_t palindromes = 0, told = 0;
  std::vector<uint64_t> turned;
  for (size_t v = 0; v < g.variants.size(); ++v) {
    const std::string ref(g.variants.ref(v)), alt(g.variants.alt(v));
    if (!IsAmbiguous(ref, alt)) continue;
    const bool is_told = std::abs(freq[v] - 0.5) >= 0.1, turn = palindromes++ % 2 == 1;
    told += is_told;
    rows += "22\t" + std::to_string(g.variants.pos(v)) + "\t" + (turn ? Complement(alt) : alt) +
            "\t" + (turn ? Complement(ref) : ref) + "\t1\t" + FormatDouble(freq[v]) + "\n";
  }
  ASSERT_GT(told, 20u);
  ASSERT_LT(told, palindromes);
  const std::string path = WriteFile(
      "p.txt", "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tEAF\n" + rows);
  ScoreLines lines;
  ScoreFileReader reader(path);
  AppendScoreFile(reader, path, true, lines);
  MatchFinder found(lines, MatchBy::kPosition);
  test::MemoryTarget target(g.variants, std::vector<double>(g.variants.size(), std::nan("")));
  TargetShard shard;
  while (target.NextShard(shard)) found.Add(shard);
  found.Finish();
  FrequencyFileReader afreq(folder + "/f.afreq");
  EXPECT_EQ(found.UseFrequencies(afreq), palindromes);
  MatchRules rules;
  rules.min_overlap = 0;
  rules.ambiguous = Ambiguous::kFrequency;
  const ScoreMatch m = LabelScore(lines, 0, found, rules);
  EXPECT_EQ(m.matched, told);
  for (const auto& w : m.weights) {
    EXPECT_FALSE(w.effect_is_ref) << w.row;
    EXPECT_NEAR(w.alt_freq, freq[w.row], 1e-6);  // plink2 prints six digits
  }
}

}  // namespace
}  // namespace kinflow
