#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/base/exit_code.h"

namespace kinflow {

/// What the chosen sub-command will do; set by its CLI callback, run by main().
using Action = std::function<ExitCode()>;

/// One sub-command: adds itself to `app` and sets `action` when it is the one chosen.
struct CommandEntry {
  const char* name;
  const char* group;  // heading in --help
  void (*add)(CLI::App& app, Action& action);
};

/// All sub-commands in the order of --help. The one registry line of a new command.
const std::vector<CommandEntry>& Commands();

void AddRunCommand(CLI::App& app, Action& action);
void AddPlanCommand(CLI::App& app, Action& action);
void AddValidateCommand(CLI::App& app, Action& action);
void AddInitCommand(CLI::App& app, Action& action);
void AddSchemaCommand(CLI::App& app, Action& action);
void AddStatusCommand(CLI::App& app, Action& action);
void AddVerifyCommand(CLI::App& app, Action& action);
void AddIndexCommand(CLI::App& app, Action& action);
void AddInspectCommand(CLI::App& app, Action& action);
void AddExportCommand(CLI::App& app, Action& action);
void AddExplainCommand(CLI::App& app, Action& action);
void AddDoctorCommand(CLI::App& app, Action& action);
void AddSimulateCommand(CLI::App& app, Action& action);
void AddLoadCommand(CLI::App& app, Action& action);
void AddQcCommand(CLI::App& app, Action& action);
void AddKinCommand(CLI::App& app, Action& action);
void AddPcaCommand(CLI::App& app, Action& action);
void AddScoreCommand(CLI::App& app, Action& action);
void AddFitCommand(CLI::App& app, Action& action);

}  // namespace kinflow
