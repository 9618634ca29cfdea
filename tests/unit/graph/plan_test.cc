#include "pipeline/graph/plan.h"

#include <gtest/gtest.h>

#include "pipeline/base/error.h"
#include "pipeline/graph/genotype_source.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/reason.h"
#include "pipeline/graph/stop_signal.h"
#include "tests/support/test_data.h"

namespace kinflow {
namespace {

/// A table-level stage that writes one number: its options text's length plus its inputs' numbers.
class NumberStage : public Stage {
 public:
  NumberStage(std::string id, std::vector<std::string> inputs, std::string options, int* runs,
              std::optional<ErrorId> failure = {})
      : id_(std::move(id)),
        inputs_(std::move(inputs)),
        options_(std::move(options)),
        runs_(runs),
        failure_(failure) {}
  std::string id() const override { return id_; }
  std::string_view kind() const override { return "number"; }
  uint32_t version() const override { return 1; }
  std::vector<std::string> inputs() const override { return inputs_; }
  std::string options() const override { return options_; }
  void Run(RunContext& run, const StageKeys& keys) const override {
    ++*runs_;
    if (failure_) throw Error(*failure_, "told to fail");
    auto shard = run.store.BeginShard("number", keys.self, 0);
    const double value = static_cast<double>(options_.size());
    shard->file().Write("/value", std::span(&value, 1));
    Manifest manifest = NewManifest(*this, keys);
    manifest.shards = {shard->Commit(0)};
    run.store.Seal(manifest);
  }

 private:
  std::string id_;
  std::vector<std::string> inputs_;
  std::string options_;
  int* runs_;
  std::optional<ErrorId> failure_;
};

struct World {
  std::string work = test::TempFolder();
  ArtifactStore store{work};
  Log log{"", LogLevel::kError};
  Progress progress{Progress::Mode::kNone};
  StopSignal stop;
  int runs = 0;

  Plan Make(const std::string& a, const std::string& b, const std::string& c,
            std::optional<ErrorId> failure = {}, const std::string& run_name = "",
            const std::map<std::string, Digest>& last_keys = {}) {
    std::vector<std::unique_ptr<Stage>> stages;
    stages.push_back(std::make_unique<NumberStage>("c", std::vector<std::string>{"a"}, c, &runs));
    stages.push_back(
        std::make_unique<NumberStage>("a", std::vector<std::string>{}, a, &runs, failure));
    stages.push_back(std::make_unique<NumberStage>("b", std::vector<std::string>{}, b, &runs));
    return Plan(std::move(stages), store, 0, run_name, last_keys);
  }
  std::vector<StageOutcome> Run(const Plan& plan) {
    RunContext run{{log, progress, stop, 2, uint64_t{1} << 30}, store};
    return Execute(plan, run, [](const ScanRequest&) { return nullptr; });
  }
};

TEST(Plan, SecondRunIsCachedAndReasonsNameTheChange) {
  World w;
  const Plan first = w.Make(R"({"maf":0.01})", "{}", R"({"x":1})");
  EXPECT_EQ(first.at("a").reason, "first run");
  w.Run(first);
  EXPECT_EQ(w.runs, 3);

  const Plan second = w.Make(R"({"maf":0.01})", "{}", R"({"x":1})");
  for (const auto& p : second.stages()) EXPECT_EQ(p.status, StageStatus::kCached) << p.stage->id();
  w.Run(second);
  EXPECT_EQ(w.runs, 3);

  const Plan changed = w.Make(R"({"maf":0.005})", "{}", R"({"x":1})");
  EXPECT_EQ(changed.at("a").status, StageStatus::kRun);
  EXPECT_EQ(changed.at("a").reason, "maf: 0.01 -> 0.005");
  EXPECT_EQ(changed.at("c").reason, "a runs again");
  EXPECT_EQ(changed.at("b").status, StageStatus::kCached);
  w.Run(changed);
  EXPECT_EQ(w.runs, 5);
}

TEST(Plan, ReasonsNameWhatDiffersInTheirOwnRun) {
  World w;
  w.Run(w.Make(R"({"l":["a","b"],"t":"x"})", "{}", "{}", {}, "mine.yaml"));
  const auto reason = [&](const char* options, const char* run = "mine.yaml") {
    return w.Make(options, "{}", "{}", {}, run).at("a").reason;
  };
  EXPECT_EQ(reason(R"({"l":["c","b","a"],"t":"x"})"), "l: +c");
  EXPECT_EQ(reason(R"({"l":["b"],"t":"x"})"), "l: -a");
  EXPECT_EQ(reason(R"({"l":["a","c"],"t":"x"})"), "l: b -> c");
  EXPECT_EQ(reason(R"({"l":["b","a"],"t":"x"})"), "l: in another order");
  EXPECT_EQ(reason(R"({"l":["a","b"],"t":{"u":1}})"), "t: x -> {\"u\":1}");
  EXPECT_EQ(reason(R"({"o":1})", "other.yaml"), "first run");
  const std::string long_a(60, 'a');
  w.Run(w.Make(R"({"t":")" + long_a + R"(1"})", "{}", "{}", {}, "mine.yaml"));
  EXPECT_EQ(reason((R"({"t":")" + long_a + R"(2"})").c_str()),
            "t: ...aaaaaaaaaa1 -> ...aaaaaaaaaa2");
}

TEST(Plan, ReasonsOfANewNameCompareWithTheLastRunIntoTheOutputFolder) {
  World w;
  const Plan last = w.Make(R"({"maf":0.01})", "{}", "{}", {}, "mine.yaml");
  w.Run(last);
  const std::map<std::string, Digest> keys = {{"a", last.at("a").keys.self}};
  const auto plan = [&](const char* name) {
    return w.Make(R"({"maf":0.02})", R"({"b":1})", "{}", {}, name, keys);
  };
  EXPECT_EQ(plan("copy.yaml").at("a").reason, "maf: 0.01 -> 0.02");
  EXPECT_EQ(plan("copy.yaml").at("b").reason, "first run");  // of no such stage there
  w.Run(w.Make(R"({"maf":0.03})", "{}", "{}", {}, "copy.yaml"));
  EXPECT_EQ(plan("copy.yaml").at("a").reason, "maf: 0.03 -> 0.02");  // its own last one counts
}

/// A stage with one choice beside its options.
class ChoosingStage : public NumberStage {
 public:
  ChoosingStage(std::string choice, int* runs)
      : NumberStage("a", {}, "{}", runs), choice_(std::move(choice)) {}
  std::map<std::string, Digest> files() const override {
    std::map<std::string, Digest> files;
    if (!choice_.empty()) files[choice_] = HashBytes("made");
    return files;
  }

 private:
  std::string choice_;
};

TEST(Plan, ReasonsNameTheValuesOfAChoice) {
  const auto reason = [](const std::string& before, const std::string& after) {
    int runs = 0;
    const ChoosingStage then(before, &runs), now(after, &runs);
    return ReasonAgainst(NewManifest(then, {}), now, {}, [](const std::string&) { return true; });
  };
  EXPECT_EQ(reason("rules: plink", "rules: hail"), "rules: plink -> hail");
  EXPECT_EQ(reason("rules: plink", "ruleset: hail"), "ruleset: now hail; rules: no longer plink");
  EXPECT_EQ(reason("", "rules: hail"), "rules: now hail");
  EXPECT_EQ(reason("rules: hail", ""), "rules: no longer hail");
}

TEST(Plan, AnInputThatIsThereDoesNotRunAgain) {
  World w;
  w.Run(w.Make(R"({"v":1})", "{}", "{}"));
  w.Run(w.Make(R"({"v":2})", "{}", "{}"));
  const Plan back = w.Make(R"({"v":1})", "{}", R"({"x":1})");
  EXPECT_EQ(back.at("a").status, StageStatus::kCached);
  EXPECT_EQ(back.at("c").reason, "x: now 1; another a, which is there already");
  EXPECT_TRUE(back.at("c").last_seconds.has_value());
}

TEST(Plan, InputFaultSparesIndependentStages) {
  World w;
  const auto outcomes = w.Run(w.Make("{}", "{}", "{}", ErrorId::kOverlapTooLow));
  std::map<std::string, std::string> status;
  for (const auto& o : outcomes) status[o.id] = o.status;
  EXPECT_EQ(status["a"], "failed");
  EXPECT_EQ(status["b"], "done");
  EXPECT_EQ(status["c"], "skipped");
}

TEST(Plan, IoFaultEndsTheRun) {
  World w;
  const Plan plan = w.Make("{}", "{}", "{}", ErrorId::kDiskFull);
  EXPECT_THROW(w.Run(plan), Error);
}

TEST(Plan, UnknownInputIsRefused) {
  World w;
  std::vector<std::unique_ptr<Stage>> stages;
  stages.push_back(
      std::make_unique<NumberStage>("c", std::vector<std::string>{"nowhere"}, "{}", &w.runs));
  EXPECT_THROW(Plan(std::move(stages), w.store, 0), Error);
}

}  // namespace
}  // namespace kinflow
