#include "stages/family/family_stage.h"

#include <gtest/gtest.h>

#include "pipeline/base/file.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "tests/support/test_data.h"
#include "tests/unit/family/simulated_trios.h"

namespace kinflow::family::test {
namespace {

struct Bench {
  std::string folder = kinflow::test::TempFolder();
  ArtifactStore store{folder + "/work"};
  Log log{folder + "/log", LogLevel::kError};
  Progress progress{Progress::Mode::kNone};
  StopSignal stop;
  RunContext run{{log, progress, stop}, store};
};

FamilyStage MakeStage(const SimulatedTrios& s, const std::string& formula) {
  AnalysisOptions options;
  options.id = "joint";
  options.formula = formula;
  FamilyInputs inputs;
  inputs.cohort = s.cohort;
  inputs.persons = std::make_shared<PersonColumns>(s.persons);
  inputs.files = {{"phenotypes", Digest{1, 2}}};
  inputs.read_scores = [&s](RunContext&, const StageKeys&) {
    return std::make_shared<const AnalysisScores>(s.scores);
  };
  return FamilyStage(options, inputs);
}

TEST(FamilyStage, SealsOneArtifactThatReadsBack) {
  const SimulatedTrios s = MakeTrios(120);
  const FamilyStage stage = MakeStage(s, "scl ~ age + pgs.mother + pgs.father + pgs.child");
  EXPECT_EQ(stage.id(), "family:joint");
  EXPECT_EQ(stage.inputs(), (std::vector<std::string>{"scores"}));
  EXPECT_EQ(stage.files().size(), 1u);
  Bench a, b;
  const StageKeys keys{Digest{7, 8}, {{"scores", Digest{5, 6}}}};
  stage.Run(a.run, keys);
  stage.Run(b.run, keys);
  const auto first = a.store.Find("family", keys.self), second = b.store.Find("family", keys.self);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->ContentDigest(), second->ContentDigest());  // same bytes in another place
  const H5Reader reader = a.store.Open(*first, 0);
  const auto direct = RunAnalysis(stage.analysis(), *s.cohort, s.persons, AnalysisScores(s.scores));
  for (const auto& name : FamilyTableNames()) {
    const Table& expected = direct.tables.at(name);
    const Table table = reader.ReadTable("/" + name);
    ASSERT_EQ(table.rows(), expected.rows()) << name;
    ASSERT_EQ(table.columns(), expected.columns()) << name;
    for (size_t c = 0; c < table.columns(); ++c) {
      ASSERT_EQ(table.name(c), expected.name(c)) << name;
      for (size_t r = 0; r < table.rows(); ++r) {
        ASSERT_EQ(table.Cell(r, c), expected.Cell(r, c)) << name << " " << table.name(c);
      }
    }
  }
}

TEST(FamilyStage, OptionsDecideTheKey) {
  const SimulatedTrios s = MakeTrios(20);
  const auto one = MakeStage(s, "scl ~ age + pgs.mother"),
             same = MakeStage(s, "scl ~ age + pgs.mother"),
             other = MakeStage(s, "scl ~ PC1 + pgs.mother");
  EXPECT_EQ(one.options(), same.options());
  EXPECT_NE(one.options(), other.options());
}

TEST(FamilyStage, FailedModelsAreSealedAndLoggedWithoutIds) {
  SimulatedTrios s = MakeTrios(60);
  for (auto& values : s.scores.values) std::fill(values.begin(), values.end(), 1.0);
  const FamilyStage stage = MakeStage(s, "scl ~ age + pgs.mother");
  Bench bench;
  const StageKeys keys{Digest{7, 9}, {{"scores", Digest{5, 6}}}};
  stage.Run(bench.run, keys);
  bench.log.Flush();
  const auto manifest = bench.store.Find("family", keys.self);
  ASSERT_TRUE(manifest);
  const Table models = bench.store.Open(*manifest, 0).ReadTable("/models");
  EXPECT_EQ(CountFailed(models), 2u);  // one a score
  const std::string log = ReadFile(bench.folder + "/log");
  EXPECT_NE(log.find("E0441"), std::string::npos);
  for (const auto& iid : s.cohort->samples->iids()) {
    EXPECT_EQ(log.find(iid), std::string::npos);
  }
}

}  // namespace
}  // namespace kinflow::family::test
