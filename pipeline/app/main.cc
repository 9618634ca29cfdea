#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "pipeline/app/command.h"
#include "pipeline/app/option_names.h"
#include "pipeline/app/version.h"
#include "pipeline/base/buffer_memory.h"
#include "pipeline/base/error.h"
#include "pipeline/base/resources.h"
#include "pipeline/base/text.h"
#include "pipeline/store/h5_file.h"

namespace kinflow {
namespace {

/// Sensitive data: nothing of a crash goes to disk, nothing is readable by others, no plugin loads.
void HardenProcess() {
  ::umask(077);
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::unsetenv("HTS_PATH");
  ::unsetenv("HDF5_PLUGIN_PATH");
  ::setenv("HDF5_PLUGIN_PRELOAD", "::", 1);
}

// Not fmt::print, which throws when nobody reads standard error any more.
ExitCode PrintError(const Error& e) {
  std::fputs((e.Format() + "\n").c_str(), stderr);
  return e.exit_code();
}

// Results on standard output are written only when they could be flushed.
void FlushOutput() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw SystemError(errno, ErrorId::kWriteFailed, "write", "standard output");
}

ExitCode RunAction(const Action& action) {
  try {
    const ExitCode code = action();
    FlushOutput();
    return code;
  } catch (const Error& e) {
    return PrintError(e);
  } catch (const std::bad_alloc&) {
    return PrintError(
        Error(ErrorId::kOutOfMemory, "out of memory").Remedy("give the run more memory"));
  } catch (const std::system_error& e) {  // fmt::print
    return PrintError(
        SystemError(e.code().value(), ErrorId::kWriteFailed, "write", "standard output"));
  } catch (const std::exception& e) {
    return PrintError(Error(ErrorId::kInternal, e.what()).Remedy("please report this"));
  }
}

/// What a word that the command line does not know was probably meant to be; "" = no idea.
std::string NearestTo(const CLI::App& app, std::string word) {
  std::vector<std::string> known;
  word.erase(std::min(word.find('='), word.size()));
  if (!word.starts_with('-')) {
    for (const CommandEntry& command : Commands()) known.emplace_back(command.name);
    return NearestWord(word, known);
  }
  const auto chosen = app.get_subcommands();
  for (const CLI::Option* option : (chosen.empty() ? &app : chosen.front())->get_options()) {
    for (const auto& name : option->get_lnames()) known.push_back("--" + name);
  }
  return NearestWord(word, known);
}

/// "--set qc.variant.maf=0.05": an option that a command lacks, given as the key of its name; "" =
/// there is none. The value is told if it is clear: of words without dashes it is the only one.
std::string AsKey(const CLI::App& app, const std::vector<std::string>& unknown) {
  const auto chosen = app.get_subcommands();
  // The keys of fit are its own.
  if (chosen.empty() || chosen.front()->get_name() == "fit" ||
      chosen.front()->get_option_no_throw("--set") == nullptr) {
    return "";
  }
  const auto option = std::find_if(unknown.begin(), unknown.end(),
                                   [](const auto& word) { return word.starts_with("--"); });
  if (option == unknown.end()) return "";
  const size_t equals = std::min(option->find('='), option->size());
  std::string value = option->substr(std::min(equals + 1, option->size()));
  if (value.empty() && unknown.size() == 2) {
    value = option == unknown.begin() ? unknown.back() : unknown.front();
  }
  if (value.empty() || value.starts_with('-')) value = "VALUE";
  std::string text;
  for (const auto& key : KeysCalled(option->substr(0, equals), chosen.front()->get_name())) {
    text += fmt::format("{}--set {}={}", text.empty() ? "" : " or ", key, value);
  }
  return text;
}

ErrorId UsageError(const CLI::ParseError& e) {
  switch (static_cast<CLI::ExitCodes>(e.get_exit_code())) {
    case CLI::ExitCodes::RequiredError:
    case CLI::ExitCodes::ArgumentMismatch:
      return ErrorId::kMissingArgument;
    case CLI::ExitCodes::ConversionError:
    case CLI::ExitCodes::ValidationError:
      return ErrorId::kBadArgument;
    default:
      return ErrorId::kUnknownCommand;
  }
}

int UsageExit(const CLI::App& app, const CLI::ParseError& e) {
  if (e.get_exit_code() == 0) return app.exit(e);  // --help
  const auto unknown = app.remaining(true);
  // An option that seems missing may be one that was mistyped.
  if (static_cast<CLI::ExitCodes>(e.get_exit_code()) == CLI::ExitCodes::RequiredError &&
      !unknown.empty()) {
    return UsageExit(app, CLI::ExtrasError(unknown));
  }
  std::string near = AsKey(app, unknown);
  for (const auto& word : unknown) {
    if (near.empty()) near = NearestTo(app, word);
  }
  const std::string command =
      app.get_subcommands().empty() ? "COMMAND" : app.get_subcommands().front()->get_name();
  fmt::print(stderr, "error[{}] {}\n  remedy: {}kinflow --help, or kinflow {} --help\n",
             ErrorName(UsageError(e)), e.what(), near.empty() ? "" : "did you mean " + near + "? ",
             command);
  return static_cast<int>(ExitCode::kUsage);
}

int Main(int argc, char** argv) {
  HardenProcess();
  PrepareHeap();
  CLI::App app{
      "Family genomics from imputed genotypes of mothers, fathers and children:\n"
      "QC, dosages, polygenic scores and family regression in one resumable run.",
      "kinflow"};
  app.footer(
      "Start with: kinflow init my_study; kinflow validate my_study/run.yaml; "
      "kinflow run my_study/run.yaml\n"
      "Exit codes: 0 ok, 2 usage, 3 config, 4 input data, 5 I/O, 6 damaged store, "
      "7 resources,\n70 internal, 75 checkpointed (run again), 130/143 cancelled.");
  app.require_subcommand(0, 1);
  app.failure_message(CLI::FailureMessage::simple);
  bool version = false, verbose = false;
  app.add_flag("--version", version, "print version and commit");
  app.add_flag("--verbose", verbose, "with --version: compiler, libraries, instruction sets");
  Action action;
  for (const CommandEntry& command : Commands()) command.add(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return UsageExit(app, e);
  }
  if (version) {
    action = [verbose] {
      fmt::print("{}", verbose ? VersionReport() : VersionLine() + "\n");
      return ExitCode::kOk;
    };
  } else if (!action) {
    action = [&app, argc] {
      fmt::print("{}", app.help());
      return argc > 1 ? ExitCode::kOk : ExitCode::kUsage;
    };
  }
  return static_cast<int>(RunAction(action));
}

}  // namespace
}  // namespace kinflow

int main(int argc, char** argv) {
  const int code = kinflow::Main(argc, argv);
  std::fflush(nullptr);
  // After a failed write HDF5 1.10 can crash while it shuts down (pipeline/store/README.md).
  if (kinflow::HadWriteError()) _exit(code);
  return code;
}
