#include "stages/scores/options.h"

#include <gtest/gtest.h>

#include "pipeline/base/file.h"
#include "pipeline/config/config_loader.h"
#include "tests/support/test_data.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

ConfigResult Load(const std::string& yaml) {
  const SchemaNode root = schema::Map("", "config", {ScoresSchema()});
  return LoadConfigText(yaml, "run.yaml", root, {});
}

TEST(ScoreOptions, Defaults) {
  const auto result = Load("scores: {files: a.txt}\n");
  ASSERT_TRUE(result.errors.empty()) << result.errors.front().Format();
  const auto options = ScoreOptions::FromConfig(result.root.At("scores"));
  EXPECT_EQ(options.files, std::vector<std::string>{"a.txt"});
  EXPECT_EQ(options.match.min_overlap, 0.75);
  EXPECT_EQ(options.match.ambiguous, MatchRules::Ambiguous::kAuto);
  EXPECT_FALSE(options.match.keep_multiallelic);
  EXPECT_FALSE(options.match.keep_first_match);
  EXPECT_FALSE(options.match.ignore_strand_flips);
  EXPECT_FALSE(options.match.drop_unsupported);
  EXPECT_EQ(options.match.by, MatchRules::By::kAuto);
  EXPECT_TRUE(options.mean_imputation);
  EXPECT_FALSE(options.plink2_compat);
  EXPECT_FALSE(options.detail);
}

TEST(ScoreOptions, EveryKey) {
  const auto result = Load(
      "scores:\n  files: [a.txt, b*.gz]\n  names: {PGS000001: bc}\n  match: {min_overlap: 0.6, "
      "min_weight_overlap: 0.5, ambiguous: keep, multiallelic: keep, duplicates: first, "
      "strand_flips: drop, by: id}\n  missing: none\n  unsupported_rows: drop\n  detail: true\n");
  ASSERT_TRUE(result.errors.empty()) << result.errors.front().Format();
  const auto options = ScoreOptions::FromConfig(result.root.At("scores"));
  EXPECT_EQ(options.files.size(), 2u);
  EXPECT_EQ(options.names.at("PGS000001"), "bc");
  EXPECT_EQ(options.match.min_overlap, 0.6);
  EXPECT_EQ(options.match.min_weight_overlap, 0.5);
  EXPECT_EQ(options.match.ambiguous, MatchRules::Ambiguous::kKeep);
  EXPECT_TRUE(options.match.keep_multiallelic);
  EXPECT_TRUE(options.match.keep_first_match);
  EXPECT_TRUE(options.match.ignore_strand_flips);
  EXPECT_TRUE(options.match.drop_unsupported);
  EXPECT_EQ(options.match.by, MatchRules::By::kId);
  EXPECT_FALSE(options.mean_imputation);
  EXPECT_TRUE(options.detail);
}

TEST(ScoreOptions, FaultsAreRefused) {
  EXPECT_EQ(Load("scores: {files: a, match: {min_overlap: 1.5}}\n").errors.at(0).id(),
            ErrorId::kConfigRange);
  EXPECT_EQ(Load("scores: {files: a, match: {ambiguous: maybe}}\n").errors.at(0).id(),
            ErrorId::kConfigRange);
  EXPECT_EQ(Load("scores: {files: a, match: {min_overlp: 1}}\n").errors.at(0).id(),
            ErrorId::kUnknownKey);
}

// What changes results changes the text that enters the key; the rest does not.
TEST(ScoreOptions, KeysSeparateMatchingFromScoring) {
  ScoreOptions a, b;
  b.mean_imputation = false;
  EXPECT_EQ(a.MatchJson(), b.MatchJson());
  EXPECT_NE(a.ScoreJson(), b.ScoreJson());
  ScoreOptions compat;
  compat.plink2_compat = true;
  EXPECT_EQ(a.MatchJson(), compat.MatchJson());
  EXPECT_NE(a.ScoreJson(), compat.ScoreJson());
  ScoreOptions c;
  c.match.min_overlap = 0.6;
  EXPECT_NE(a.MatchJson(), c.MatchJson());
  EXPECT_EQ(a.ScoreJson(), c.ScoreJson());
  ScoreOptions d;
  d.detail = true;
  d.files = {"elsewhere"};
  EXPECT_EQ(a.MatchJson() + a.ScoreJson(), d.MatchJson() + d.ScoreJson());
}

TEST(ScoreOptions, Plink2CompatIsInTheKeyWhereItChangesSums) {
  const auto key = [](const std::string& more) {
    const auto loaded = Load("scores: {files: a" + more + "}\n");
    EXPECT_TRUE(loaded.errors.empty());
    return ScoreOptions::FromConfig(loaded.root.At("scores")).ScoreJson();
  };
  const std::string compat = ", plink2_compat: true";
  for (const char* more :
       {"", ", missing: none", ", genotypes: centre, missing: none", ", missing: refuse"}) {
    EXPECT_EQ(key(more + compat), key(more)) << more;
  }
  for (const char* more : {", genotypes: centre", ", genotypes: standardise"}) {
    EXPECT_NE(key(more + compat), key(more)) << more;
  }
}

TEST(ScoreOptions, PatternsExpandSortedAndOnce) {
  const std::string folder = test::TempFolder();
  for (const char* name : {"b.txt", "a.txt", "c.gz"}) {
    WriteFileAtomically(folder + "/" + name, "x");
  }
  const auto files = ExpandScoreFiles({"*.txt", "a.txt", folder + "/c.gz"}, folder);
  ASSERT_EQ(files.size(), 3u);
  EXPECT_TRUE(files[0].ends_with("/a.txt"));
  EXPECT_TRUE(files[1].ends_with("/b.txt"));
  EXPECT_TRUE(files[2].ends_with("/c.gz"));
  EXPECT_EQ(test::Thrown([&] { ExpandScoreFiles({"*.pgs"}, folder); }).id(),
            ErrorId::kNoFileMatches);
  EXPECT_EQ(test::Thrown([&] { ExpandScoreFiles({"z.txt"}, folder); }).id(), ErrorId::kMissingFile);
}

}  // namespace
}  // namespace kinflow
