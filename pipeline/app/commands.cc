#include "pipeline/app/command.h"

namespace kinflow {

const std::vector<CommandEntry>& Commands() {
  static const std::vector<CommandEntry> table = {
      {"run", "Pipeline", &AddRunCommand},
      {"plan", "Pipeline", &AddPlanCommand},
      {"validate", "Pipeline", &AddValidateCommand},
      {"init", "Pipeline", &AddInitCommand},
      {"load", "One step, without a config", &AddLoadCommand},
      {"qc", "One step, without a config", &AddQcCommand},
      {"kin", "One step, without a config", &AddKinCommand},
      {"pca", "One step, without a config", &AddPcaCommand},
      {"score", "One step, without a config", &AddScoreCommand},
      {"fit", "One step, without a config", &AddFitCommand},
      {"export", "One step, without a config", &AddExportCommand},
      {"simulate", "One step, without a config", &AddSimulateCommand},
      {"inspect", "Look and check", &AddInspectCommand},
      {"verify", "Look and check", &AddVerifyCommand},
      {"index", "Look and check", &AddIndexCommand},
      {"status", "Look and check", &AddStatusCommand},
      {"explain", "Look and check", &AddExplainCommand},
      {"schema", "Look and check", &AddSchemaCommand},
      {"doctor", "Look and check", &AddDoctorCommand},
  };
  return table;
}

}  // namespace kinflow
