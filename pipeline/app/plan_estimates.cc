#include "pipeline/app/plan_estimates.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/graph/scan_executor.h"

namespace kinflow {
namespace {

/// True if scans read the dosage store of an earlier run instead of the input.
bool HasDosages(const Plan& plan) {
  return plan.Has("dosage") && plan.at("dosage").status == StageStatus::kCached;
}

/// What the stages of a pass hold, as the run will plan it. None if a stage's inputs are not there
/// yet, so that it cannot tell.
std::optional<uint64_t> PassBytes(const Study& study, const Plan& plan,
                                  const std::vector<std::string>& pass, RunContext& run) {
  std::vector<std::unique_ptr<TileSink>> sinks;
  std::vector<TileSink*> borrowed;
  for (const auto& id : pass) {
    const PlannedStage& p = plan.at(id);
    const auto inputs = p.stage->inputs();
    if (!std::all_of(inputs.begin(), inputs.end(), [&](const auto& input) {
          return plan.at(input).status == StageStatus::kCached;
        })) {
      return std::nullopt;
    }
    sinks.push_back(p.stage->OpenSink(run, p.keys));
    borrowed.push_back(sinks.back().get());
  }
  std::unique_ptr<GenotypeSource> stored;
  if (HasDosages(plan) || !study.genotypes().batches().empty()) {
    stored = study.Sources(plan, run.store)(*plan.at(pass.front()).stage->scan());
    stored->UseFlags(FlagsUsed(borrowed));
  }
  const GenotypeSource& source = stored ? *stored : study.genotypes().planning();
  return PlanScan(source, borrowed, run.memory_bytes, run.threads, run.tile_variants).peak_bytes;
}

std::string MemoryText(const Study& study, const Plan& plan, RunContext& run) {
  std::string text = fmt::format("memory: budget {}\n", FormatBytes(run.memory_bytes));
  const auto passes = plan.Passes();
  for (size_t i = 0; i < passes.size(); ++i) {
    const auto bytes = PassBytes(study, plan, passes[i], run);
    text += fmt::format("  {}. {}: {}\n", i + 1, fmt::join(passes[i], ", "),
                        bytes ? "about " + FormatBytes(*bytes)
                              : "within the budget; how much is known after the passes before");
  }
  return text;
}

/// From the times that the same stages took in the last run of this config; nothing else is known.
std::string TimeText(const Plan& plan) {
  double seconds = 0;
  std::string unknown;
  const auto count = [&](const std::vector<std::string>& together) {
    double longest = 0;
    for (const auto& id : together) {
      const auto& last = plan.at(id).last_seconds;
      longest = std::max(longest, last.value_or(0));
      if (!last) unknown += (unknown.empty() ? "" : ", ") + id;
    }
    seconds += longest;
  };
  size_t to_run = 0;
  for (const auto& p : plan.stages()) {
    if (p.status == StageStatus::kCached) continue;
    ++to_run;
    if (!p.stage->scan()) count({p.stage->id()});
  }
  for (const auto& pass : plan.Passes()) count(pass);
  if (to_run == 0) return "time: nothing to compute\n";
  if (seconds == 0) return "time: not known, there is no earlier run to go by\n";
  return fmt::format("time: {:.1f} s when these stages last ran{}\n", seconds,
                     unknown.empty() ? "" : "; not known: " + unknown);
}

}  // namespace

std::string Estimates(const Study& study, const Plan& plan, RunContext& run) {
  uint64_t input = 0;
  for (const InputInfo& i : study.genotype_inventory()) input += i.bytes_to_read;
  std::string text = MemoryText(study, plan, run) + TimeText(plan);
  const size_t files = study.genotype_inventory().size();
  text += fmt::format("input: {} in {} file{}, {} people\n", FormatBytes(input), files,
                      files == 1 ? "" : "s", study.cohort()->samples->size());
  const auto stores =
      std::count_if(plan.stages().begin(), plan.stages().end(), [](const PlannedStage& p) {
        return p.stage->kind() == "dosage" && p.status != StageStatus::kCached;
      });
  if (stores > 0) {
    // The nearest folder that exists is on the same disk.
    std::string folder = std::filesystem::absolute(run.store.work_folder()).string();
    while (!IsFolder(folder) && folder != "/") folder = FolderOf(folder);
    text += fmt::format("disk: {} about the size of the input, {}; free: {}\n",
                        stores == 1 ? "the dosage store takes" : "dosage stores take",
                        FormatBytes(input), FormatBytes(FreeDiskBytes(folder.c_str())));
  }
  return text;
}

}  // namespace kinflow
