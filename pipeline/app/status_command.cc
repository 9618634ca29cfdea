#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "pipeline/app/command.h"
#include "pipeline/app/run_record.h"
#include "pipeline/app/run_state.h"
#include "pipeline/app/work_folder.h"
#include "pipeline/base/number.h"
#include "pipeline/store/artifact_store.h"
#include "pipeline/store/work_lock.h"

namespace kinflow {
namespace {

/// How runs ended, of the output folder given, or of those whose work folder it is.
void PrintLastRuns(const std::string& given, const std::string& work,
                   const std::optional<LockInfo>& lock) {
  if (IsOutputFolder(given)) {
    fmt::print("{}", LastRunText(given, lock));
    return;
  }
  for (const auto& output : OutputsOf(work)) {
    fmt::print("{}: {}", output, LastRunText(output, lock));
  }
}

ExitCode Status(const std::string& given) {
  if (IsOutputFolder(given) && FindWorkFolder(given).empty()) {
    fmt::print("{}", LastRunText(given, {}));
    if (ReadRunRecord(given, "/command") == nlohmann::json("fit")) return ExitCode::kOk;
  }
  const std::string folder = RequireWorkFolder(given);
  const auto lock = ReadLock(folder);
  PrintLastRuns(given, folder, lock);
  if (lock) {
    fmt::print("{}: host {}, pid {}, last heartbeat {} s ago\n",
               lock->IsDead() ? "left by a run that is dead, the next one goes on" : "in use",
               lock->host, lock->pid, lock->heartbeat_age_s);
  } else {
    fmt::print("not in use\n");
  }
  const ArtifactStore store(folder);
  fmt::print("{:<24} {:<34} {:>7} {:>12}\n", "stage", "key", "shards", "size");
  const auto print = [](const std::string& name, const Manifest& m) {
    uint64_t bytes = 0;
    for (const auto& shard : m.shards) bytes += shard.bytes;
    fmt::print("{:<24} {:<34} {:>7} {:>12}\n", name, m.key.Hex(), m.shards.size(),
               FormatBytes(bytes));
  };
  for (const Manifest& m : store.List()) print(m.stage, m);
  for (const Manifest& m : store.Begun()) print(m.kind + " (begun)", m);
  return ExitCode::kOk;
}

}  // namespace

void AddStatusCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "status", "how the last run ended, who uses its work folder and what that holds");
  command->group("Look and check");
  auto folder = std::make_shared<std::string>("work");
  command->add_option("WORK", *folder,
                      "work folder, or the output folder of a run (default: work)");
  command->callback([&action, folder] { action = [folder] { return Status(*folder); }; });
}

}  // namespace kinflow
