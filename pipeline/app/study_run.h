#pragma once

#include <string>
#include <vector>

#include "pipeline/app/session.h"
#include "pipeline/app/study.h"

namespace kinflow {

/// What `run` and the one-shot commands share: plan, execute, publish, report.
struct RunRequest {
  std::vector<std::string> targets;  // stages to reach; empty = everything
  bool links = false;                // OUT/NAME.tsv links, of one-shot commands
  std::string command;               // for run.json
  bool lasting = true;               // the output folder stays when the command ends
  std::string main_table;            // in the output folder: where to begin to read
};

/// Runs a study. Returns 0, or 4 if a stage, score or model failed that the config does not accept
/// (70 by a fault of the program: ExitCodeOf).
/// Throws on everything that ends a run. run.json and the outputs of what was done are written in
/// either case.
ExitCode RunStudy(const LoadedConfig& config, const RunFlags& flags, const RunRequest& request);

/// A loss that counts against the run unless it is accepted.
struct Loss {
  std::string what;      // "score:PGS1", "family:joint", "qc"
  std::string error;     // "E0431"
  std::string message;   // what and where; of a failed stage the whole error as printed
  std::string remedy;    // "" = in the message
  std::string accepted;  // the reason given in the config, "" = not accepted
};

/// Failed stages, scores and models of a finished execution.
std::vector<Loss> CollectLosses(const Plan& plan, const ArtifactStore& store,
                                const std::vector<StageOutcome>& outcomes, const ConfigNode& root);

/// 0 if all are accepted, 4 if not, 70 if one of those is an internal error: it is no fault of the
/// data.
ExitCode ExitCodeOf(const std::vector<Loss>& losses);

struct RunRecord {
  std::string command, config_name, status;
  ExitCode exit_code = ExitCode::kOk;
  double seconds = 0;
};

/// OUT/run.json: version, config as given with defaults and what it comes to, inputs with digests,
/// stages, losses, peak memory.
/// `study` and `plan` null: there was none, or the run ended before.
void WriteRunJson(const std::string& path, const RunRecord& record, const LoadedConfig& config,
                  const std::vector<InputInfo>& inputs, const Study* study, const Plan* plan,
                  const std::vector<StageOutcome>& outcomes, const std::vector<Loss>& losses);

}  // namespace kinflow
