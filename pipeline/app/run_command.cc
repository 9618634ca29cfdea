#include <fmt/format.h>

#include "pipeline/app/command.h"
#include "pipeline/app/study_run.h"

namespace kinflow {
namespace {

struct RunOptions {
  std::string config;
  std::vector<std::string> only;
  RunFlags flags;
};

ExitCode Run(const RunOptions& options) {
  const auto config = LoadOrPrint(options.config, options.flags);
  if (!config) return ExitCode::kConfig;
  return RunStudy(*config, options.flags,
                  {options.only, false, "run " + options.config, true, "share/estimates.tsv"});
}

}  // namespace

void AddRunCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "run", "the whole pipeline of a config; the same command goes on after a stop");
  command->group("Pipeline");
  auto options = std::make_shared<RunOptions>();
  command->add_option("CONFIG", options->config, "YAML config (kinflow init writes one)")
      ->required();
  command->add_option("--only", options->only,
                      "run this stage and what it needs: dosage, qc, scores, "
                      "family, family:ID");
  options->flags.AddTo(*command);
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace kinflow
