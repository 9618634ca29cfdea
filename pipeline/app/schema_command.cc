#include <fmt/format.h>

#include "pipeline/app/command.h"
#include "pipeline/app/root_schema.h"
#include "pipeline/config/config_loader.h"

namespace kinflow {

void AddSchemaCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "schema", "print the JSON Schema of the config (for editors), or every key with its default");
  command->group("Look and check");
  auto defaults = std::make_shared<bool>(false);
  command->add_flag("--defaults", *defaults, "commented YAML with every key at its default");
  command->callback([&action, defaults] {
    action = [defaults] {
      fmt::print("{}", *defaults ? DefaultsYaml(RootSchema()) : JsonSchema(RootSchema()));
      return ExitCode::kOk;
    };
  });
}

}  // namespace kinflow
