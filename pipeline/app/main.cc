#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <new>

#include "pipeline/app/command.h"
#include "pipeline/app/version.h"
#include "pipeline/base/error.h"
#include "pipeline/base/resources.h"
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

ExitCode RunAction(const Action& action) {
  try {
    return action();
  } catch (const Error& e) {
    fmt::print(stderr, "{}\n", e.Format());
    return e.exit_code();
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "{}\n",
               Error(ErrorId::kOutOfMemory, "out of memory").Remedy("give the run more memory").Format());
    return ExitCode::kResources;
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n",
               Error(ErrorId::kInternal, e.what()).Remedy("please report this").Format());
    return ExitCode::kInternal;
  }
}

int UsageExit(const CLI::App& app, const CLI::ParseError& e) {
  if (e.get_exit_code() == 0) return app.exit(e);  // --help
  fmt::print(stderr, "error[{}] {}\n  remedy: kinflow --help, or kinflow COMMAND --help\n",
             ErrorName(ErrorId::kUnknownCommand), e.what());
  return static_cast<int>(ExitCode::kUsage);
}

int Main(int argc, char** argv) {
  HardenProcess();
  CLI::App app{"Family genomics from imputed genotypes of mothers, fathers and children:\n"
               "QC, dosages, polygenic scores and family regression in one resumable run.",
               "kinflow"};
  app.footer("Start with: kinflow init my_study; kinflow validate my_study/run.yaml; "
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
    fmt::print("{}", verbose ? VersionReport() : VersionLine() + "\n");
    return 0;
  }
  if (!action) {
    fmt::print("{}", app.help());
    return static_cast<int>(argc > 1 ? ExitCode::kOk : ExitCode::kUsage);
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
