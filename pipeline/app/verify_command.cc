#include <fmt/format.h>

#include "pipeline/app/command.h"
#include "pipeline/app/work_folder.h"
#include "pipeline/base/error.h"
#include "pipeline/store/artifact_store.h"

namespace kinflow {
namespace {

ExitCode Verify(const std::string& given) {
  const std::string folder = RequireWorkFolder(given);
  const ArtifactStore store(folder);
  size_t faults = 0;
  const size_t looked_at = store.Verify([&](const std::string& path, const std::string& problem) {
    ++faults;
    fmt::print("{}: {}\n", path, problem);
  });
  fmt::print("{} artifacts verified, {} faults\n", looked_at, faults);
  if (faults == 0) return ExitCode::kOk;
  throw Error(ErrorId::kShardDamaged, fmt::format("{} damaged or missing files", faults))
      .InFile(folder)
      .Remedy("remove the artifact folders named above and run again: only they are rebuilt");
}

}  // namespace

void AddVerifyCommand(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("verify", "hash every artifact again and check every chunk's checksum");
  command->group("Look and check");
  auto folder = std::make_shared<std::string>("work");
  command->add_option("WORK", *folder,
                      "work folder, or the output folder of a run (default: work)");
  command->callback([&action, folder] { action = [folder] { return Verify(*folder); }; });
}

}  // namespace kinflow
