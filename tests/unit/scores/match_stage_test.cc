#include "stages/scores/match_stage.h"

#include <gtest/gtest.h>

#include <tuple>

#include "pipeline/base/file.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/text.h"
#include "stages/scores/match_artifact.h"
#include "tests/support/test_data.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::MemoryTarget;
using test::TestRun;
using test::WriteFile;

constexpr char kHeader[] = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n";

VariantTable SmallTarget() {
  VariantTable t;
  t.Append("1", 10, "a", "A", "C");
  t.Append("1", 20, "b", "G", "T");
  t.Append("2", 10, "c", "C", "T");
  return t;
}

std::string ScoreText(const std::string& id, const std::string& rows,
                      const std::string& build = "GRCh37") {
  return "#pgs_id=" + id + "\n#genome_build=" + build + "\n" + kHeader + rows;
}

MatchStage::Setup SmallSetup(const std::vector<std::string>& files, uint64_t founders = 100) {
  MatchStage::Setup setup;
  for (const auto& f : files) setup.files.push_back({f, HashFile(f)});
  setup.build = "hg19";
  setup.open_target = [founders](RunContext&, const StageKeys&) {
    return std::make_unique<MemoryTarget>(SmallTarget(), std::vector<double>{0.1, 0.2, 0.3}, 2,
                                          founders);
  };
  return setup;
}

Manifest RunStage(TestRun& run, const MatchStage& stage) {
  StageKeys keys{.self = HashBytes(stage.options() + "x"), .inputs = {}};
  stage.Run(run.context, keys);
  const auto manifest = run.store.Find("match", keys.self);
  EXPECT_TRUE(manifest.has_value());
  return *manifest;
}

TEST(MatchStage, WritesWeightsScoresSummaryAndLog) {
  TestRun run;
  const auto a = WriteFile("a.txt", ScoreText("A", "1\t10\tA\tC\t0.5\n2\t10\tA\tG\t-1\n"));
  const Manifest manifest = RunStage(run, MatchStage(SmallSetup({a})));
  const auto scores = ReadMatchedScores(run.store, manifest);
  ASSERT_EQ(scores.names, std::vector<std::string>{"A"});
  EXPECT_EQ(scores.founders, 100u);
  ASSERT_EQ(scores.weights[0].size(), 2u);
  EXPECT_EQ(scores.weights[0][0].row, 0u);
  EXPECT_EQ(scores.weights[0][0].weight, 0.5);
  EXPECT_EQ(scores.weights[0][0].alt_freq, 0.1);
  EXPECT_TRUE(scores.weights[0][0].effect_is_ref);
  EXPECT_EQ(scores.weights[0][1].row, 2u);
  EXPECT_FALSE(scores.weights[0][1].effect_is_ref);  // A complements ALT = T
  const Table table = ReadMatchScores(run.store, manifest);
  EXPECT_EQ(table.IntsOf("LINES"), Table::Ints{2});
  EXPECT_EQ(table.IntsOf("FLIPPED"), Table::Ints{1});
  EXPECT_EQ(table.StringsOf("PASS"), Table::Strings{"true"});
  EXPECT_EQ(table.StringsOf("ERROR"), Table::Strings{"NA"});
  const Table summary = ReadMatchSummary(run.store, manifest);
  int64_t lines = 0;
  for (const int64_t n : summary.IntsOf("count")) lines += n;
  EXPECT_EQ(lines, 2);

  const std::string log = run.folder + "/match_log.tsv.gz";
  WriteMatchLog(run.store, manifest, log);
  LineReader reader(log);
  std::string_view line;
  ASSERT_TRUE(reader.Next(line));
  EXPECT_TRUE(line.starts_with(
      "row_nr\taccession\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\t"
      "effect_type\tID\tREF\tALT\tmatched_effect_allele\tmatch_type\tis_multiallelic\tambiguous\t"
      "match_flipped\tbest_match\texclude\tduplicate_best_match\tduplicate_ID\tmatch_IDs\t"
      "match_status\tdataset"));
  ASSERT_TRUE(reader.Next(line));
  ASSERT_TRUE(reader.Next(line));
  const auto f = Split(line, '\t');
  EXPECT_EQ(f[6], "-1");
  EXPECT_EQ(f[11], "T");  // the allele that was really counted
  EXPECT_EQ(f[12], "altref_flip");
  EXPECT_EQ(f[21], "matched");
  EXPECT_FALSE(reader.Next(line));
}

TEST(MatchStage, FilesWithoutWhatLinesAreFoundByFail) {
  const auto places = WriteFile("places.txt", ScoreText("PLACES", "1\t10\tA\tC\t0.5\n"));
  const auto ids = WriteFile("ids.txt", "SNP A1 BETA\na A 1\n");
  for (const auto& [by, file, lacks] :
       {std::tuple{MatchRules::By::kId, places, "no column of variant ids"},
        std::tuple{MatchRules::By::kPosition, ids, "no column of positions"}}) {
    TestRun run;
    MatchStage::Setup setup = SmallSetup({file});
    setup.options.match.by = by;
    const Table scores = ReadMatchScores(run.store, RunStage(run, MatchStage(std::move(setup))));
    ASSERT_EQ(scores.StringsOf("ERROR"), Table::Strings{"E0429"});
    EXPECT_NE(scores.StringsOf("MESSAGE")[0].find(lacks), std::string::npos);
    EXPECT_NE(scores.StringsOf("REMEDY")[0].find("(--match-by) auto"), std::string::npos);
  }
}

TEST(MatchStage, FilesThatLookCutOffAreTold) {
  TestRun run;
  const auto cut =
      WriteFile("cut.txt", "#variants_number=3\n" + ScoreText("CUT", "1\t10\tA\tC\t0.5\n"));
  const auto warnings = RunStage(run, MatchStage(SmallSetup({cut}))).warnings;
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("states 3 variants"), std::string::npos);
}

// One bad file, one score off the build and one without overlap: the good one still comes out.
TEST(MatchStage, FailuresAreRecordedAndTheRestGoesOn) {
  TestRun run;
  const auto good = WriteFile("good.txt", ScoreText("GOOD", "1\t10\tA\tC\t0.5\n"));
  const auto bad = WriteFile("bad.txt", ScoreText("BAD", "1\t10\tA\tC\toops\n"));
  const auto build = WriteFile("b38.txt", ScoreText("B38", "1\t10\tA\tC\t1\n", "hg38"));
  const auto low = WriteFile("low.txt", ScoreText("LOW", "1\t10\tA\tC\t1\n3\t3\tA\tC\t1\n"));
  const auto twice = WriteFile("twice.txt", ScoreText("GOOD", "1\t20\tG\tT\t1\n"));
  const auto empty = WriteFile("empty.txt", "");
  const Manifest manifest =
      RunStage(run, MatchStage(SmallSetup({bad, build, good, low, twice, empty})));
  EXPECT_EQ(ReadMatchedScores(run.store, manifest).names, std::vector<std::string>{"GOOD"});
  const Table t = ReadMatchScores(run.store, manifest);
  std::map<std::string, std::vector<std::string>> errors;
  for (size_t i = 0; i < t.rows(); ++i) {
    errors[t.StringsOf("SCORE")[i]].push_back(t.StringsOf("ERROR")[i]);
  }
  EXPECT_EQ(errors["BAD"], std::vector<std::string>{"E0413"});
  EXPECT_EQ(errors["B38"], std::vector<std::string>{"E0421"});
  EXPECT_EQ(errors["LOW"], std::vector<std::string>{"E0431"});
  EXPECT_EQ(errors["GOOD"], (std::vector<std::string>{"NA", "E0413"}));
  EXPECT_EQ(errors["empty.txt"], std::vector<std::string>{"E0410"});
  const auto& messages = t.StringsOf("MESSAGE");
  EXPECT_TRUE(std::any_of(messages.begin(), messages.end(), [](const std::string& m) {
    return m.find("line 4") != std::string::npos && m.find("oops") != std::string::npos;
  }));
}

TEST(MatchStage, NoScorePasses) {
  TestRun run;
  const auto low = WriteFile("low.txt", ScoreText("LOW", "3\t3\tA\tC\t1\n"));
  const Manifest manifest = RunStage(run, MatchStage(SmallSetup({low})));
  EXPECT_TRUE(ReadMatchedScores(run.store, manifest).names.empty());
  EXPECT_EQ(ReadMatchScores(run.store, manifest).StringsOf("ERROR"), Table::Strings{"E0430"});
}

TEST(MatchStage, UnknownBuildsAreNotCompared) {
  TestRun run;
  const auto nr = WriteFile("nr.txt", ScoreText("NR1", "1\t10\tA\tC\t1\n", "NR"));
  EXPECT_EQ(ReadMatchedScores(run.store, RunStage(run, MatchStage(SmallSetup({nr})))).names.size(),
            1u);
}

TEST(MatchStage, NamesFromTheConfig) {
  TestRun run;
  auto setup = SmallSetup({WriteFile("a.txt", ScoreText("A b", "1\t10\tA\tC\t1\n")),
                           WriteFile("c.txt", ScoreText("C", "1\t10\tA\tC\t1\n"))});
  setup.options.names = {{"C", "mdd"}};
  const auto scores = ReadMatchedScores(run.store, RunStage(run, MatchStage(setup)));
  EXPECT_EQ(scores.names, (std::vector<std::string>{"A_b", "mdd"}));
}

TEST(MatchStage, FewFoundersWarn) {
  TestRun run;
  const auto a = WriteFile("a.txt", ScoreText("A", "1\t10\tA\tC\t0.5\n"));
  EXPECT_TRUE(RunStage(run, MatchStage(SmallSetup({a}, 50))).warnings.empty());
  TestRun other;
  const auto few = RunStage(other, MatchStage(SmallSetup({a}, 49)));
  ASSERT_EQ(few.warnings.size(), 1u);
  EXPECT_NE(few.warnings[0].find("among 49 people"), std::string::npos);
}

// Batches bound the memory; they must not change any weight.
TEST(MatchStage, BatchesGiveTheSameScores) {
  KINFLOW_REQUIRE_DATA(one, "pgsc_calc/PGS001229_22.txt");
  KINFLOW_REQUIRE_DATA(two, "pgsc_calc/PGS001229_22_duplicate.txt");
  KINFLOW_REQUIRE_DATA(wide, "pgsc_calc/multiscore.txt");
  KINFLOW_REQUIRE_DATA(bim, "pgsc_calc/cineca_synthetic_subset.bim");
  std::vector<MatchedScores> results;
  for (const uint64_t batch : {uint64_t{1}, uint64_t{1'000'000}}) {
    TestRun run;
    MatchStage::Setup setup = SmallSetup({one, two, wide});
    setup.options.match.by = MatchRules::By::kAuto;
    setup.batch_lines = batch;
    setup.open_target = [&](RunContext&, const StageKeys&) {
      return std::make_unique<MemoryTarget>(test::ReadVariantList(bim), std::vector<double>());
    };
    const Manifest manifest = RunStage(run, MatchStage(setup));
    EXPECT_EQ(manifest.shards.size(), batch == 1 ? 3u : 2u);  // the wide table is matched by id
    results.push_back(ReadMatchedScores(run.store, manifest));
  }
  ASSERT_EQ(results[0].names, results[1].names);
  for (size_t s = 0; s < results[0].names.size(); ++s) {
    ASSERT_EQ(results[0].weights[s].size(), results[1].weights[s].size());
    for (size_t i = 0; i < results[0].weights[s].size(); ++i) {
      EXPECT_EQ(results[0].weights[s][i].row, results[1].weights[s][i].row);
      EXPECT_EQ(results[0].weights[s][i].weight, results[1].weights[s][i].weight);
    }
  }
}

TEST(MatchStage, KeyInputsFollowContentNotFolder) {
  const auto a = WriteFile("a.txt", ScoreText("A", "1\t10\tA\tC\t0.5\n"));
  const auto b = WriteFile("a.txt", ScoreText("A", "1\t10\tA\tC\t0.5\n"));
  const auto c = WriteFile("a.txt", ScoreText("A", "1\t10\tA\tC\t0.6\n"));
  EXPECT_EQ(MatchStage(SmallSetup({a})).files(), MatchStage(SmallSetup({b})).files());
  EXPECT_NE(MatchStage(SmallSetup({a})).files(), MatchStage(SmallSetup({c})).files());
}

}  // namespace
}  // namespace kinflow
