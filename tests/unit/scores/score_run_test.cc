// Match and scores as stages over real files, through the scan executor.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "pipeline/graph/scan_executor.h"
#include "stages/formats/genotype_registry.h"
#include "stages/scores/match_stage.h"
#include "stages/scores/score_stage.h"
#include "tests/support/test_data.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::TestRun;

std::unique_ptr<GenotypeSource> OpenFile(const std::string& path) {
  GenotypeOptions options;
  options.files = {path};
  return OpenGenotypes(options);
}

/// All variants of a file and their ALT frequencies, by a plain pass without the executor.
struct Listed {
  VariantTable variants;
  std::vector<double> alt_freq;
};

Listed ListVariants(const std::string& path) {
  const auto source = OpenFile(path);
  source->Shape({});
  Listed out;
  const auto raw = source->NewRawBlock();
  while (source->Read(*raw)) {
    DosageTile tile;
    source->Decode(*raw, tile);
    out.variants.Append(tile.variants);
    for (size_t r = 0; r < tile.rows(); ++r) {
      double sum = 0, n = 0;
      for (uint32_t s = 0; s < tile.n_samples; ++s) {
        const uint32_t v = tile.At(r, s);
        if (v == tile.encoding.missing()) continue;
        sum += v;
        ++n;
      }
      out.alt_freq.push_back(sum / (2 * n * tile.encoding.units_per_copy));
    }
  }
  return out;
}

struct RunOptions {
  MatchRules rules;
  unsigned threads = 1;
  uint32_t tile_variants = 0;
  uint64_t shard_genotypes = 0;
};

struct Outcome {
  MatchedScores matched;
  Table scores;
  ScoreSums sums;
  std::vector<std::string> iids;
  VariantTable variants;
  Digest digest;
};

Outcome RunStages(const std::string& genotypes, const std::vector<std::string>& files,
                  const RunOptions& options) {
  TestRun run;
  run.context.threads = options.threads;
  run.context.tile_variants = options.tile_variants;
  run.context.shard_genotypes = options.shard_genotypes;
  run.context.memory_bytes = 1ull << 30;
  const Listed listed = ListVariants(genotypes);
  MatchStage::Setup match;
  match.options.match = options.rules;
  for (const auto& f : files) match.files.push_back({f, HashFile(f)});
  match.build = "GRCh37";
  match.open_target = [&](RunContext&, const StageKeys&) {
    return std::make_unique<test::MemoryTarget>(listed.variants, listed.alt_freq, 1000, 100);
  };
  const MatchStage match_stage(match);
  StageKeys match_keys{.self = HashBytes("match"), .inputs = {}};
  match_stage.Run(run.context, match_keys);

  const auto source = OpenFile(genotypes);
  ScoreStage::Setup setup;
  setup.source = {"input"};
  setup.n_samples = source->samples()->size();
  const ScoreStage stage(setup);
  StageKeys keys{.self = HashBytes("scores"), .inputs = {{"match", match_keys.self}}};
  const auto sink = stage.OpenSink(run.context, keys);
  RunScan(*source, {sink.get()}, run.context);

  Outcome out;
  const Manifest match_manifest = *run.store.Find("match", match_keys.self);
  const Manifest manifest = *run.store.Find("scores", keys.self);
  out.matched = ReadMatchedScores(run.store, match_manifest);
  out.scores = ReadMatchScores(run.store, match_manifest);
  out.sums = ReadScoreSums(run.store, manifest);
  out.iids = source->samples()->iids();
  out.variants = listed.variants;
  out.digest = manifest.ContentDigest();
  return out;
}

std::string Zstdcat(const std::string& program, const std::string& path) {
  std::string text;
  EXPECT_EQ(test::RunCommand(program + " " + path, &text), 0);
  return text;
}

TEST(ScoreRun, CinecaFromBedAndVcf) {
  KINFLOW_REQUIRE_DATA(score, "pgsc_calc/PGS001229_22.txt");
  KINFLOW_REQUIRE_DATA(sscore, "pgsc_calc/expected/cineca_22_additive_0.sscore.zst");
  KINFLOW_REQUIRE_PROGRAM(zstdcat, "zstdcat");
  std::map<std::string, std::string> expected;  // IID -> SUM
  const std::string text = Zstdcat(zstdcat, sscore);
  for (const auto line : Split(text, '\n')) {
    const auto f = Split(line, '\t');
    if (f.size() == 9) expected.emplace(f[1], f[7]);
  }
  for (const char* name : {"bed", "vcf.gz"}) {
    KINFLOW_REQUIRE_DATA(genotypes, std::string("pgsc_calc/cineca_synthetic_subset.") + name);
    const Outcome out = RunStages(genotypes, {score}, {.tile_variants = 100});
    EXPECT_EQ(out.scores.IntsOf("MATCHED"), Table::Ints{782}) << name;
    EXPECT_EQ(out.scores.IntsOf("EXCLUDED"), Table::Ints{47}) << name;
    EXPECT_EQ(out.scores.IntsOf("UNMATCHED"), Table::Ints{6}) << name;
    ASSERT_EQ(out.iids.size(), 2504u);
    for (uint32_t s = 0; s < out.iids.size(); ++s) {
      // The VCF names people FID_IID or IID.
      const std::string& full = out.iids[s];
      const auto it = expected.find(full.substr(0, 7));
      ASSERT_NE(it, expected.end()) << s;
      EXPECT_EQ(FormatDouble(out.sums.Sum(0, s), 6), it->second) << name;
    }
  }
}

/// DS of all samples at the variants of a VCF text, parsed here and now.
std::vector<std::vector<double>> DosagesOf(const std::string& vcf) {
  LineReader reader(vcf);
  std::string_view line;
  std::vector<std::vector<double>> out;
  while (reader.Next(line)) {
    if (line.starts_with('#')) continue;
    const auto f = Split(line, '\t');
    const auto format = Split(f[8], ':');
    const auto ds =
        static_cast<size_t>(std::find(format.begin(), format.end(), "DS") - format.begin());
    std::vector<double> row;
    for (size_t c = 9; c < f.size(); ++c)
      row.push_back(std::stod(std::string(Split(f[c], ':')[ds])));
    out.push_back(std::move(row));
  }
  return out;
}

TEST(ScoreRun, ImputedTriosEqualWeightTimesDs) {
  KINFLOW_REQUIRE_DATA(score, "minimac_trios/r.pgs.txt");
  KINFLOW_REQUIRE_DATA(vcf, "minimac_trios/imputed.vcf.gz");
  const Outcome refused = RunStages(vcf, {score}, {});
  EXPECT_TRUE(refused.sums.names.empty());
  EXPECT_EQ(refused.scores.StringsOf("ERROR"), Table::Strings{"E0431"});
  RunOptions options;
  options.rules.min_overlap = 0.6;
  const Outcome out = RunStages(vcf, {score}, options);
  ASSERT_EQ(out.sums.names, std::vector<std::string>{"PGS999990"});
  EXPECT_EQ(out.sums.variants, std::vector<uint64_t>{4423});
  const auto dosages = DosagesOf(vcf);
  for (uint32_t s = 0; s < 150; ++s) {
    long double sum = 0;
    for (const auto& w : out.matched.weights[0]) {
      const long double d = dosages.at(w.row).at(s);
      sum += w.weight * (w.effect_is_ref ? 2 - d : d);
    }
    EXPECT_NEAR(out.sums.Sum(0, s), static_cast<double>(sum), 1e-6 * std::abs(sum));
  }
}

TEST(ScoreRun, ImputedTriosEqualPlink2) {
  KINFLOW_REQUIRE_DATA(score, "minimac_trios/r.pgs.txt");
  KINFLOW_REQUIRE_DATA(vcf, "minimac_trios/imputed.vcf.gz");
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  RunOptions options;
  options.rules.min_overlap = 0.6;
  const Outcome out = RunStages(vcf, {score}, options);
  const std::string prefix = test::TempFolder() + "/p";
  {
    std::ofstream weights(prefix + ".txt");
    for (const auto& w : out.matched.weights.at(0)) {
      const VariantTable& v = out.variants;
      weights << v.chrom(w.row) << ':' << v.pos(w.row) << ':' << v.ref(w.row) << ':' << v.alt(w.row)
              << '\t' << (w.effect_is_ref ? v.ref(w.row) : v.alt(w.row)) << '\t'
              << FormatDouble(w.weight) << '\n';
    }
  }
  std::string text;
  ASSERT_EQ(
      test::RunCommand(plink2 + " --threads 1 --vcf " + vcf +
                           " dosage=DS --set-all-var-ids @:#:\\$r:\\$a --new-id-max-allele-len "
                           "200 --score " +
                           prefix + ".txt 1 2 3 cols=+scoresums --out " + prefix,
                       &text),
      0)
      << text;
  std::ifstream in(prefix + ".sscore");
  std::string line;
  std::getline(in, line);
  const auto names = Split(line, '\t');
  const auto at =
      static_cast<size_t>(std::find(names.begin(), names.end(), "SCORE1_SUM") - names.begin());
  for (uint32_t s = 0; s < 150; ++s) {
    ASSERT_TRUE(std::getline(in, line));
    EXPECT_NEAR(out.sums.Sum(0, s), std::stod(std::string(Split(line, '\t').at(at))), 1e-3);
  }
}

// True genotypes, every line matched: the known PGS but for the constant of effect alleles on REF.
TEST(ScoreRun, TrueGenotypesGiveTheTruePgs) {
  KINFLOW_REQUIRE_DATA(score, "minimac_trios/r.pgs.txt");
  KINFLOW_REQUIRE_DATA(vcf, "minimac_trios/r.truth.vcf.gz");
  KINFLOW_REQUIRE_DATA(truth, "minimac_trios/r.pgs_true.tsv");
  RunOptions options;
  options.rules.ambiguous = MatchRules::Ambiguous::kKeep;
  const Outcome out = RunStages(vcf, {score}, options);
  EXPECT_EQ(out.scores.DoublesOf("MATCH_RATE"), Table::Doubles{1.0});
  std::map<std::string, double> expected;
  LineReader reader(truth);
  std::string_view line;
  reader.Next(line);
  while (reader.Next(line)) {
    const auto f = Split(line, '\t');
    expected.emplace(f[1], *ParseDouble(f[2]));
  }
  ASSERT_EQ(expected.size(), out.iids.size());
  for (uint32_t s = 0; s < out.iids.size(); ++s) {
    EXPECT_NEAR(out.sums.Sum(0, s), expected.at(out.iids[s]) - 20.643552, 1e-6);
  }
}

TEST(ScoreRun, SameDigestForAnyThreadsAndTiles) {
  KINFLOW_REQUIRE_DATA(score, "pgsc_calc/PGS001229_22.txt");
  KINFLOW_REQUIRE_DATA(mixed, "pgsc_calc/scorefile_dominant_and_recessive.txt");
  KINFLOW_REQUIRE_DATA(bed, "pgsc_calc/cineca_synthetic_subset.bed");
  RunOptions options;
  options.shard_genotypes = 200 * 2504;  // 5 shards
  std::vector<Digest> digests;
  std::vector<double> sums;
  std::vector<uint32_t> missing;
  for (const unsigned threads : {1u, 2u, 3u, 8u}) {
    for (const uint32_t tile : {16u, 64u, 4096u}) {
      options.threads = threads;
      options.tile_variants = tile;
      const Outcome out = RunStages(bed, {score, mixed}, options);
      if (digests.empty()) {
        sums = out.sums.sum;
        missing = out.sums.missing;
      }
      EXPECT_EQ(out.sums.sum == sums, true);
      EXPECT_EQ(out.sums.missing, missing);
      digests.push_back(out.digest);
      EXPECT_EQ(digests.back(), digests.front()) << threads << " threads, tiles of " << tile;
    }
  }
}

TEST(ScoreRun, ShardsDoNotChangeBits) {
  KINFLOW_REQUIRE_DATA(score, "minimac_trios/r.pgs.txt");
  KINFLOW_REQUIRE_DATA(vcf, "minimac_trios/imputed.vcf.gz");
  RunOptions options;
  options.rules.min_overlap = 0.6;
  const Outcome one = RunStages(vcf, {score}, options);
  options.shard_genotypes = 150 * 500;
  const Outcome many = RunStages(vcf, {score}, options);
  EXPECT_NE(one.digest, many.digest);  // files of the way
  EXPECT_EQ(one.sums.sum, many.sums.sum);
}

}  // namespace
}  // namespace kinflow
