#include <fmt/format.h>

#include "pipeline/app/command.h"
#include "pipeline/app/explain_folder.h"
#include "pipeline/base/error.h"
#include "pipeline/base/number.h"

namespace kinflow {
namespace {

void PrintEntry(const ErrorEntry& e) {
  fmt::print("{}  {}\n  exit code {}\n  {}\n", ErrorName(e.id), e.title,
             static_cast<int>(e.exit_code), e.explanation);
}

ExitCode ExplainCode(const std::string& text) {
  if (text.empty()) {
    for (const ErrorEntry& e : ErrorCatalog()) {
      fmt::print("{}  exit {:<3} {}\n", ErrorName(e.id), static_cast<int>(e.exit_code), e.title);
    }
    return ExitCode::kOk;
  }
  std::string_view digits = text;
  if (digits.starts_with('E') || digits.starts_with('e')) digits.remove_prefix(1);
  const auto number = ParseUint(digits);
  for (const ErrorEntry& e : ErrorCatalog()) {
    if (number && static_cast<uint64_t>(e.id) == *number) {
      PrintEntry(e);
      return ExitCode::kOk;
    }
  }
  throw Error(ErrorId::kBadArgument, "no such error id")
      .Value(text)
      .Remedy("`kinflow explain code` without an id lists them all");
}

}  // namespace

void AddExplainCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("explain", "explain an error id, or what a run decided");
  command->group("Look and check");
  command->require_subcommand(0, 1);
  auto* code = command->add_subcommand("code", "what an error id means and what to do");
  auto id = std::make_shared<std::string>();
  code->add_option("ID", *id, "for example E0412; without it all are listed");
  code->callback([&action, id] { action = [id] { return ExplainCode(*id); }; });
  const auto add = [&](const char* name, const char* help, const char* what,
                       std::string (*explain)(const std::string&, const std::string&)) {
    auto* thing = command->add_subcommand(name, help);
    auto named = std::make_shared<std::string>(), folder = std::make_shared<std::string>(".");
    thing->add_option("NAME", *named, what)->required();
    thing->add_option("DIR", *folder, "output folder of the run (default: the current one)");
    thing->callback([&action, explain, named, folder] {
      action = [explain, named, folder] {
        fmt::print("{}", explain(*named, *folder));
        return ExitCode::kOk;
      };
    });
    return thing;
  };
  const auto* variant = add("variant", "what became of a variant: quality control, scores",
                            "id, CHROM:POS or CHROM:POS:REF:ALT", ExplainVariant);
  const auto* score = add("score", "why a score passed or failed, and what its lines were lost to",
                          "name of the score", ExplainScore);
  const auto* sample = add("sample", "what became of a person (individual-level: for your eyes)",
                           "IID", ExplainSample);
  auto bare = std::make_shared<std::string>();
  command->add_option("ID", *bare, "the same as `explain code ID`");
  // The callback of a sub-command runs first: what it chose stays.
  command->callback([&action, code, variant, score, sample, bare] {
    if (code->parsed() || variant->parsed() || score->parsed() || sample->parsed()) return;
    action = [bare] { return ExplainCode(*bare); };
  });
}

}  // namespace kinflow
