#include <fmt/format.h>

#include "pipeline/app/command.h"
#include "pipeline/app/templates.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

ExitCode Init(const std::string& folder, const std::string& name) {
  const std::string_view text = FindTemplate(name);
  if (text.empty()) {
    std::string known;
    for (const auto& t : Templates())
      known += fmt::format("{}{}", known.empty() ? "" : ", ", t.name);
    throw Error(ErrorId::kBadArgument, "no such template").Value(name).Remedy("one of: " + known);
  }
  if (FileExists(folder) && !IsFolder(folder)) {
    throw Error(ErrorId::kBadArgument, "a file of this name is there, not a folder")
        .InFile(folder)
        .Remedy("name a folder: the config becomes run.yaml in it");
  }
  const std::string path = JoinPath(folder, "run.yaml");
  if (FileExists(path)) {
    throw Error(ErrorId::kBadArgument, "a config is already there; it is not overwritten")
        .InFile(path)
        .Remedy("choose another folder");
  }
  MakeFolders(folder);
  WriteFileAtomically(path, text);
  fmt::print(stderr, "wrote {}\nnext: edit it, then kinflow validate {}\n", path, path);
  return ExitCode::kOk;
}

}  // namespace

void AddInitCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("init", "write a commented config to start from");
  command->group("Pipeline");
  auto folder = std::make_shared<std::string>();
  auto name = std::make_shared<std::string>("trio");
  command->add_option("DIR", *folder, "folder for run.yaml")->required();
  command->add_option("--template", *name, "trio");
  command->callback(
      [&action, folder, name] { action = [folder, name] { return Init(*folder, *name); }; });
}

}  // namespace kinflow
