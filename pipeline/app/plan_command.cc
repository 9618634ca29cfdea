#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "pipeline/app/command.h"
#include "pipeline/app/study_run.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/scan_executor.h"
#include "pipeline/graph/stop_signal.h"

namespace kinflow {
namespace {

struct PlanOptions {
  std::string config, format = "text";
  std::vector<std::string> only;
  RunFlags flags;
};

/// What the stages of a pass hold, as the run will plan it. A stage whose inputs are not there yet
/// cannot tell: `whole` is then false.
uint64_t PassBytes(const Study& study, const Plan& plan, const std::vector<std::string>& pass,
                   RunContext& run, bool& whole) {
  std::vector<std::unique_ptr<TileSink>> sinks;
  std::vector<TileSink*> borrowed;
  for (const auto& id : pass) {
    const PlannedStage& p = plan.at(id);
    const auto inputs = p.stage->inputs();
    if (!std::all_of(inputs.begin(), inputs.end(), [&](const auto& input) {
          return plan.at(input).status == StageStatus::kCached;
        })) {
      whole = false;
      continue;
    }
    sinks.push_back(p.stage->OpenSink(run, p.keys));
    borrowed.push_back(sinks.back().get());
  }
  const auto source = study.Sources(plan, run.store)(*plan.at(pass.front()).stage->scan());
  return PlanScan(*source, borrowed, run.memory_bytes, run.threads, run.tile_variants).peak_bytes;
}

std::string MemoryText(const Study& study, const Plan& plan, RunContext& run) {
  std::string text = fmt::format("memory: budget {}\n", FormatBytes(run.memory_bytes));
  const auto passes = plan.Passes();
  for (size_t i = 0; i < passes.size(); ++i) {
    bool whole = true;
    const uint64_t bytes = PassBytes(study, plan, passes[i], run, whole);
    text += fmt::format("  {}. {}: {} {}{}\n", i + 1, fmt::join(passes[i], ", "),
                        whole ? "about" : "at least", FormatBytes(bytes),
                        whole ? "" : ", and what depends on the passes before");
  }
  return text;
}

/// From the times that the same stages took in the last run of this config; nothing else is known.
std::string TimeText(const Plan& plan) {
  double seconds = 0;
  std::string unknown;
  const auto count = [&](const std::vector<std::string>& together) {
    double longest = 0;
    for (const auto& id : together) {
      const auto& last = plan.at(id).last_seconds;
      longest = std::max(longest, last.value_or(0));
      if (!last) unknown += (unknown.empty() ? "" : ", ") + id;
    }
    seconds += longest;
  };
  size_t to_run = 0;
  for (const auto& p : plan.stages()) {
    if (p.status == StageStatus::kCached) continue;
    ++to_run;
    if (!p.stage->scan()) count({p.stage->id()});
  }
  for (const auto& pass : plan.Passes()) count(pass);
  if (to_run == 0) return "time: nothing to compute\n";
  if (seconds == 0) return "time: not known, there is no earlier run to go by\n";
  return fmt::format("time: {:.1f} s when these stages last ran{}\n", seconds,
                     unknown.empty() ? "" : "; not known: " + unknown);
}

/// Memory by pass, time by earlier runs, disk of a new store.
std::string Estimates(const Study& study, const Plan& plan, RunContext& run) {
  uint64_t input = 0;
  for (const InputInfo& i : study.inventory()) input += i.bytes_to_read;
  std::string text = MemoryText(study, plan, run) + TimeText(plan);
  text += fmt::format("input: {} in {} files, {} people\n", FormatBytes(input),
                      study.inventory().size(), study.cohort()->samples->size());
  if (plan.Has("dosage") && plan.at("dosage").status != StageStatus::kCached) {
    // The nearest folder that exists is on the same disk.
    std::string folder = std::filesystem::absolute(run.store.work_folder()).string();
    while (!IsFolder(folder) && folder != "/") folder = FolderOf(folder);
    text += fmt::format("disk: the dosage store takes about the size of the input, {}; free: {}\n",
                        FormatBytes(input), FormatBytes(FreeDiskBytes(folder.c_str())));
  }
  return text;
}

/// Nothing is written: the work folder may be another run's, or not be there.
ExitCode PrintPlan(const PlanOptions& options) {
  const auto config = LoadOrPrint(options.config, options.flags);
  if (!config) return ExitCode::kConfig;
  const ConfigNode& root = config->root;
  const std::string work = JoinPath(config->base, root.Text("resources.work"));
  Log log("", options.flags.quiet ? LogLevel::kError : LogLevel::kWarn);
  ArtifactStore store(work);
  DigestCache digests(work, false);
  const Study study(*config, &digests, log);
  const auto shard_genotypes = static_cast<uint64_t>(root.Int("resources.shard_genotypes"));
  const Plan plan(study.Stages(options.only), store, shard_genotypes, config->RunName());
  if (options.format == "json") {
    fmt::print("{}", plan.ToJson());
  } else if (options.format == "dot") {
    fmt::print("{}", plan.ToDot());
  } else {
    Progress progress(Progress::Mode::kNone);
    Log quiet("", LogLevel::kError);
    const StopSignal stop;
    RunContext run{{quiet, progress, stop, ThreadsOf(root), MemoryOf(root),
                    static_cast<uint32_t>(root.Int("resources.tile_variants")), shard_genotypes},
                   store};
    fmt::print("{}{}", plan.ToText(), Estimates(study, plan, run));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddPlanCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "plan", "dry run: which stages run and why, passes over the data, memory and disk");
  command->group("Pipeline");
  auto options = std::make_shared<PlanOptions>();
  command->add_option("CONFIG", options->config, "YAML config")->required();
  command->add_option("--format", options->format, "text, json or dot")
      ->check(CLI::IsMember({"text", "json", "dot"}));
  command->add_option("--only", options->only, "plan this stage and what it needs");
  options->flags.AddTo(*command);
  command->callback([&action, options] { action = [options] { return PrintPlan(*options); }; });
}

}  // namespace kinflow
