#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include "pipeline/app/changes_since.h"
#include "pipeline/app/command.h"
#include "pipeline/app/input_check.h"
#include "pipeline/app/plan_estimates.h"
#include "pipeline/app/run_record.h"
#include "pipeline/app/study_run.h"
#include "pipeline/base/file.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"

namespace kinflow {
namespace {

struct PlanOptions {
  std::string config, format = "text";
  std::vector<std::string> only;
  RunFlags flags;
};

/// Nothing is written: the work folder may be another run's, or not be there.
ExitCode PrintPlan(const PlanOptions& options) {
  const auto config = LoadOrPrint(options.config, options.flags);
  if (!config) return ExitCode::kConfig;
  const ConfigNode& root = config->root;
  const std::string work = JoinPath(config->base, root.Text("resources.work"));
  Log log("", options.flags.quiet ? LogLevel::kError : LogLevel::kWarn);
  ArtifactStore store(work);
  DigestCache digests(work, false);
  const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                          ThreadsOf(root));
  std::unique_ptr<const Study> read;
  try {
    read = std::make_unique<const Study>(*config, &digests, log);
  } catch (const Error& fault) {
    return PrintFaults(*config, WithOtherFaults(fault, *config));
  }
  const Study& study = *read;
  if (!study.faults().empty()) return PrintFaults(*config, study.faults());
  const auto shard_genotypes = static_cast<uint64_t>(root.Int("resources.shard_genotypes"));
  const std::string out = JoinPath(config->base, root.Text("output.folder"));
  const Plan plan(study.Stages(options.only), store, shard_genotypes, config->RunName(),
                  RecordedKeys(out));
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
    fmt::print("{}{}{}{}", ChangesSinceLastRun(root, study.inventory(), out),
               OtherWorkFolder(out, work), plan.ToText(), Estimates(study, plan, run));
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
