#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pipeline/app/run_flags.h"
#include "pipeline/config/config_loader.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/run_context.h"
#include "pipeline/graph/signal_thread.h"
#include "pipeline/store/work_lock.h"

namespace kinflow {

/// A config with the folder that its relative paths start from.
struct LoadedConfig {
  ConfigNode root;
  std::string name;  // as given, for messages
  std::string base;
  /// Names the runs of this config among those that share a work folder.
  std::string RunName() const;
};

/// A config with all its faults, those that its schema does not tell too.
ConfigResult LoadStudyConfig(const std::string& path, const RunFlags& flags);
/// The config, or nullopt after its faults were printed (exit 3). `base`: what paths start from.
std::optional<LoadedConfig> PrintOrReturn(ConfigResult result, const std::string& name,
                                          const std::string& base);
/// Loads and validates; prints every fault. nullopt = faults were printed (exit 3).
std::optional<LoadedConfig> LoadOrPrint(const std::string& path, const RunFlags& flags);
/// The config of a one-shot command: defaults plus `overrides`; paths start from the current
/// folder.
std::optional<LoadedConfig> OneShotConfig(const std::vector<std::string>& overrides);

/// Resources of one run: lock on the work folder, log, progress, signals, budget. Construct before
/// any thread is started.
class Session {
 public:
  Session(const LoadedConfig& config, const RunFlags& flags);
  RunContext& context() { return *context_; }
  const std::string& output_folder() const { return output_; }
  Log& log() { return *log_; }

 private:
  StopSignal stop_;
  SignalThread signals_{stop_};
  std::string output_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<WorkLock> lock_;
  std::unique_ptr<ArtifactStore> store_;
  std::unique_ptr<Progress> progress_;
  std::unique_ptr<RunContext> context_;
};

/// Threads and memory of a config: numbers, or "auto" = the limits of Slurm, cgroup and affinity.
unsigned ThreadsOf(const ConfigNode& root);
uint64_t MemoryOf(const ConfigNode& root);

}  // namespace kinflow
