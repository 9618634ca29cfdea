#include <nlohmann/json.hpp>

#include "pipeline/app/study_run.h"
#include "pipeline/app/version.h"
#include "pipeline/base/file.h"
#include "pipeline/base/resources.h"

namespace kinflow {
namespace {

using nlohmann::ordered_json;

ordered_json Inputs(const std::vector<InputInfo>& inputs) {
  ordered_json list = ordered_json::array();
  for (const InputInfo& i : inputs) {
    list.push_back({{"file", BaseName(i.path)},
                    {"batch", i.batch},
                    {"format", i.format},
                    {"bytes", i.bytes},
                    {"bytes_to_read", i.bytes_to_read},
                    {"xxh3_128", i.digest.Hex()},
                    {"field", i.field},
                    {"units", i.units},
                    {"index", BaseName(i.index)},
                    {"checksum", i.checksum},
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

/// What the config comes to: values of the preset, and everything that was `auto`.
ordered_json Resolved(const LoadedConfig& config, const Study& study) {
  const QcOptions& qc = study.qc();
  const DosagePlan& dosage = study.genotypes().plan().dosage;
  ordered_json root;
  root["qc"] = ordered_json::parse(qc.CountsJson());
  root["qc"]["preset"] = qc.preset;
  root["qc"]["applied"] = qc.asked_for;
  root["qc"]["variant"] = ordered_json::parse(qc.CallsJson());
  root["qc"]["sample"] = ordered_json::parse(qc.SamplesJson());
  root["input"] = {{"field", FieldName(dosage.field)},
                   {"units", dosage.units},
                   {"error_bound", dosage.error_bound},
                   {"build", study.genotypes().build()},
                   {"people", study.cohort()->samples->size()},
                   {"sex_unknown", study.cohort()->CountSex(Sex::kUnknown)}};
  for (const GenotypeSet& batch : study.genotypes().batches()) {
    const DosagePlan& own = batch.plan.dosage;
    root["input"]["batches"].push_back({{"name", batch.name},
                                        {"field", FieldName(own.field)},
                                        {"units", own.units},
                                        {"error_bound", own.error_bound},
                                        {"build", batch.build},
                                        {"people", batch.samples->size()}});
  }
  root["accept"] = ordered_json::parse(config.root.At("accept").ToJson());
  root["resources"] = {{"threads", ThreadsOf(config.root)},
                       {"memory_bytes", MemoryOf(config.root)}};
  return root;
}

}  // namespace

void WriteRunJson(const std::string& path, const RunRecord& record, const LoadedConfig& config,
                  const std::vector<InputInfo>& inputs, const Study* study, const Plan* plan,
                  const std::vector<StageOutcome>& outcomes, const std::vector<Loss>& losses) {
  ordered_json root;
  root["program"] = VersionLine();
  root["command"] = record.command;
  root["config_file"] = BaseName(record.config_name);
  root["config"] = ordered_json::parse(config.root.ToJson());
  if (study != nullptr) root["resolved"] = Resolved(config, *study);
  root["inputs"] = Inputs(inputs);
  root["stages"] = plan != nullptr ? Stages(*plan, outcomes) : ordered_json::array();
  root["losses"] = ordered_json::array();
  for (const Loss& loss : losses) {
    root["losses"].push_back({{"what", loss.what},
                              {"error", loss.error},
                              {"message", loss.message},
                              {"remedy", loss.remedy},
                              {"accepted", loss.accepted}});
  }
  root["status"] = record.status;
  root["exit_code"] = static_cast<int>(record.exit_code);
  root["seconds"] = record.seconds;
  root["peak_rss_bytes"] = PeakRss();
  WriteFileAtomically(path, root.dump(1) + "\n");
}

}  // namespace kinflow
