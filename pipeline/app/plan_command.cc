#include <fmt/format.h>

#include "pipeline/app/command.h"
#include "pipeline/app/study_run.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/graph/scan_executor.h"

namespace kinflow {
namespace {

struct PlanOptions {
  std::string config, format = "text";
  std::vector<std::string> only;
  RunFlags flags;
};

/// Memory of the widest scan, disk of a new store: bounds from headers alone.
std::string Estimates(const Study& study, const Plan& plan, const LoadedConfig& config) {
  const uint64_t budget = MemoryOf(config.root);
  const auto source = study.genotypes().Open();
  const ScanBudget scan =
      PlanScan(*source, {}, budget, ThreadsOf(config.root),
               static_cast<uint32_t>(config.root.Int("resources.tile_variants")));
  uint64_t input = 0;
  for (const InputInfo& i : study.inventory()) input += i.bytes_to_read;
  std::string text = fmt::format("memory: about {} a pass (budget {})\n",
                                 FormatBytes(scan.peak_bytes), FormatBytes(budget));
  text += fmt::format("input: {} in {} files, {} people\n", FormatBytes(input),
                      study.inventory().size(), study.cohort()->samples->size());
  if (plan.Has("dosage") && plan.at("dosage").status != StageStatus::kCached) {
    text += fmt::format("disk: the dosage store takes about the size of the input, {}; free: {}\n",
                        FormatBytes(input),
                        FormatBytes(FreeDiskBytes(
                            JoinPath(config.base, config.root.Text("resources.work")).c_str())));
  }
  return text;
}

ExitCode PrintPlan(const PlanOptions& options) {
  const auto config = LoadOrPrint(options.config, options.flags);
  if (!config) return ExitCode::kConfig;
  const std::string work = JoinPath(config->base, config->root.Text("resources.work"));
  MakeFolders(work);
  Log log("", options.flags.quiet ? LogLevel::kError : LogLevel::kWarn);
  ArtifactStore store(work);
  DigestCache digests(work);
  const Study study(*config, &digests, log);
  const Plan plan(study.Stages(options.only), store,
                  static_cast<uint64_t>(config->root.Int("resources.shard_genotypes")));
  if (options.format == "json") {
    fmt::print("{}", plan.ToJson());
  } else if (options.format == "dot") {
    fmt::print("{}", plan.ToDot());
  } else {
    fmt::print("{}{}", plan.ToText(), Estimates(study, plan, *config));
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
