#include "pipeline/app/explain_analyses.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "pipeline/app/root_schema.h"
#include "pipeline/app/run_record.h"
#include "pipeline/app/study.h"
#include "pipeline/app/work_folder.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"

namespace kinflow {
namespace {

/// The config of the run with the folder that its paths start from; nullopt = not told.
std::optional<LoadedConfig> RecordedConfig(const std::string& output) {
  const auto config = ReadRunRecord(output, "/config");
  const auto base = ReadRunRecord(output, "/config", kRunFolders);
  if (!config.is_object() || !base.is_string()) return std::nullopt;
  const std::string name = JoinPath(output, kRunJson);
  ConfigResult read = LoadConfigText(config.dump(), name, RootSchema(), {});
  if (!read.errors.empty()) return std::nullopt;
  return LoadedConfig{std::move(read.root), name, base.get<std::string>()};
}

/// Rows that differ in the score alone.
struct SameRows {
  family::PersonRow row;
  std::vector<std::string> scores;
};

std::vector<SameRows> Grouped(const std::vector<family::PersonRow>& rows) {
  std::vector<SameRows> groups;
  for (const family::PersonRow& row : rows) {
    family::PersonRow key = row;
    key.score.clear();
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&key](const SameRows& group) { return group.row == key; });
    if (same == groups.end()) {
      groups.push_back({std::move(key), {row.score}});
    } else {
      same->scores.push_back(row.score);
    }
  }
  return groups;
}

std::string ScoresText(std::vector<std::string> scores) {
  constexpr size_t kShown = 5;
  if (scores.front() == "NA") return "";
  const size_t more = scores.size() - std::min(scores.size(), kShown);
  scores.resize(scores.size() - more);
  return fmt::format(" ({}{})", fmt::join(scores, ", "),
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

/// `used`: what is told of rows that nothing speaks against.
std::string RowsText(const std::string& analysis, const std::vector<family::PersonRow>& rows,
                     const char* used) {
  std::string text;
  for (const auto& [row, scores] : Grouped(rows)) {
    const std::string of = row.role == "child" ? "" : " of " + row.child;
    const std::string wave = row.wave.empty() ? "" : ", wave " + row.wave;
    text +=
        fmt::format("  analysis {}, {}{}, as {}{}: {}{}\n", analysis, row.outcome, wave, row.role,
                    of, row.reason.empty() ? used : "not used: " + row.reason, ScoresText(scores));
  }
  return text;
}

/// The analyses of a study whose plan has the artifacts of the run.
std::string Told(const std::string& iid, const std::string& output, bool known,
                 const LoadedConfig& config, const std::string& work) {
  const ConfigNode& root = config.root;
  Log log("", LogLevel::kError);
  Progress progress(Progress::Mode::kNone);
  const StopSignal stop;
  ArtifactStore store(work);
  DigestCache digests(work, false);
  const Study study(config, &digests, log);
  if (!study.faults().empty()) throw study.faults().front();
  const auto shard_genotypes = static_cast<uint64_t>(root.Int("resources.shard_genotypes"));
  const Plan plan(study.Stages({}), store, shard_genotypes);
  RunContext run{{log, progress, stop, ThreadsOf(root), MemoryOf(root),
                  static_cast<uint32_t>(root.Int("resources.tile_variants")), shard_genotypes},
                 store};
  const auto recorded = RecordedKeys(output);
  std::string text;
  for (const auto& analysis : study.analyses()) {
    const PlannedStage& planned = plan.at("family:" + analysis.id);
    const auto key = recorded.find(planned.stage->id());
    if (key == recorded.end() || key->second != planned.keys.self) {
      text += fmt::format("  analysis {}: not told: not of this run, or its inputs have changed\n",
                          analysis.id);
      continue;
    }
    const auto& stage = dynamic_cast<const family::FamilyStage&>(*planned.stage);
    const auto rows = stage.RowsOf(run, planned.keys, iid);
    // What path models need of a row is not looked at here.
    const bool paths = analysis.model == "riclpm" || analysis.model == "sem";
    text += RowsText(analysis.id, rows, paths ? "has a row" : "used");
    if (rows.empty() && known) {
      text += fmt::format(
          "  analysis {}: no row, being neither child nor parent of a child of it\n", analysis.id);
    }
  }
  return text;
}

}  // namespace

std::string AnalysesOf(const std::string& iid, const std::string& output, bool known) {
  const auto analyses = ReadRunRecord(output, "/config/analyses");
  if (!analyses.is_array() || analyses.empty()) return "";
  std::string why = "the run's records do not tell where its inputs lie; run again";
  try {
    const auto config = RecordedConfig(output);
    const std::string work = FindWorkFolder(output);
    if (config && !work.empty()) return Told(iid, output, known, *config, work);
    if (config) why = "the work folder of the run is gone";
  } catch (const Error& error) {
    why = error.message();
  }
  return known ? fmt::format("  analyses: not told: {}\n", why) : "";
}

}  // namespace kinflow
