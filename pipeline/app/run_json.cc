#include <nlohmann/json.hpp>

#include "pipeline/app/study_run.h"
#include "pipeline/app/version.h"
#include "pipeline/base/file.h"
#include "pipeline/base/resources.h"

namespace kinflow {
namespace {

using nlohmann::ordered_json;

ordered_json Inputs(const Study& study) {
  ordered_json list = ordered_json::array();
  for (const InputInfo& i : study.inventory()) {
    list.push_back({{"file", BaseName(i.path)},
                    {"format", i.format},
                    {"bytes", i.bytes},
                    {"xxh3_128", i.digest.Hex()},
                    {"field", i.field},
                    {"units", i.units},
                    {"completeness", i.completeness}});
  }
  return list;
}

ordered_json Stages(const Plan& plan, const std::vector<StageOutcome>& outcomes) {
  ordered_json list = ordered_json::array();
  for (const PlannedStage& p : plan.stages()) {
    ordered_json stage = {{"id", p.stage->id()}, {"key", p.keys.self.Hex()}, {"reason", p.reason}};
    stage["status"] = "not run";
    for (const StageOutcome& o : outcomes) {
      if (o.id != p.stage->id()) continue;
      stage["status"] = o.status;
      stage["exit_code"] = static_cast<int>(o.exit_code);
      stage["seconds"] = o.seconds;
      if (!o.error.empty()) stage["error"] = o.error;
    }
    list.push_back(stage);
  }
  return list;
}

}  // namespace

void WriteRunJson(const std::string& path, const RunRecord& record, const LoadedConfig& config,
                  const Study* study, const Plan* plan, const std::vector<StageOutcome>& outcomes,
                  const std::vector<Loss>& losses) {
  ordered_json root;
  root["program"] = VersionLine();
  root["command"] = record.command;
  root["config_file"] = BaseName(record.config_name);
  root["config"] = ordered_json::parse(config.root.ToJson());
  root["inputs"] = study != nullptr ? Inputs(*study) : ordered_json::array();
  root["stages"] = plan != nullptr ? Stages(*plan, outcomes) : ordered_json::array();
  root["losses"] = ordered_json::array();
  for (const Loss& loss : losses) {
    root["losses"].push_back({{"what", loss.what},
                              {"error", loss.error},
                              {"message", loss.message},
                              {"accepted", loss.accepted}});
  }
  root["status"] = record.status;
  root["exit_code"] = static_cast<int>(record.exit_code);
  root["seconds"] = record.seconds;
  root["peak_rss_bytes"] = PeakRss();
  WriteFileAtomically(path, root.dump(1) + "\n");
}

}  // namespace kinflow
