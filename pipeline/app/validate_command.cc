#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include "pipeline/app/command.h"
#include "pipeline/app/input_check.h"
#include "pipeline/app/study_run.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "stages/scores/score_file.h"

namespace kinflow {
namespace {

struct ValidateOptions {
  std::string config;
  RunFlags flags;
};

ExitCode Validate(const ValidateOptions& options) {
  ConfigResult loaded = LoadStudyConfig(options.config, options.flags);
  const std::vector<Error> wrong = loaded.errors;
  const LoadedConfig known{loaded.root, options.config, FolderOf(options.config)};
  const auto config = PrintOrReturn(std::move(loaded), known.name, known.base);
  if (!config) {
    if (const auto faults = FaultsOfInputs(known, wrong); !faults.empty()) {
      PrintFaults(known, faults);
    }
    return ExitCode::kConfig;
  }
  if (const auto faults = FaultsOfInputs(*config); !faults.empty()) {
    return PrintFaults(*config, faults);
  }
  Log log("", LogLevel::kWarn);
  const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                          ThreadsOf(config->root));
  const Study study(*config, nullptr, log);
  if (!study.faults().empty()) return PrintFaults(*config, study.faults());
  for (const InputInfo& input : study.inventory()) {
    const std::string dosage =
        input.field.empty() ? ""
                            : fmt::format(", field {}, {} units a copy, build {}", input.field,
                                          input.units, input.build.empty() ? "?" : input.build);
    // The genotypes are not read here; the checksum files of tables were compared.
    const bool later = !input.field.empty() && input.completeness == "checksum";
    const std::string batch = input.batch.empty() ? "" : "batch " + input.batch + ", ";
    fmt::print("ok  {}: {}{}{}, completeness: {}{}\n", input.path, batch, input.format, dosage,
               input.completeness, later ? " (compared when it runs)" : "");
  }
  size_t complete = 0;
  for (const Trio& trio : study.cohort()->trios) complete += trio.complete() ? 1 : 0;
  fmt::print("ok  {} people genotyped, {} complete trios\n", study.cohort()->samples->size(),
             complete);
  for (const auto& analysis : study.analyses()) fmt::print("ok  analysis {}\n", analysis.id);
  fmt::print("{} is valid; next: kinflow plan {}\n", config->name, config->name);
  return ExitCode::kOk;
}

}  // namespace

void AddValidateCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "validate", "check the config and the headers of all inputs; compute nothing");
  command->group("Pipeline");
  auto options = std::make_shared<ValidateOptions>();
  command->add_option("CONFIG", options->config, "YAML config")->required();
  options->flags.AddTo(*command);
  command->callback([&action, options] { action = [options] { return Validate(*options); }; });
}

}  // namespace kinflow
