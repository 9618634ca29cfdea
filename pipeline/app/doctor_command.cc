#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <system_error>

#include "pipeline/app/command.h"
#include "pipeline/app/version.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/store/work_lock.h"

namespace kinflow {
namespace {

/// Runs one probe and prints ok or what failed. Returns whether it passed.
template <class F>
bool Probe(const char* name, F probe) {
  try {
    const std::string detail = probe();
    fmt::print("  ok      {:<22} {}\n", name, detail);
    return true;
  } catch (const Error& e) {
    fmt::print("  FAILED  {:<22} {}\n", name, e.message());
    return false;
  }
}

std::string TryRename(const std::string& folder) {
  const std::string name = JoinPath(folder, "doctor-rename");
  WriteFileAtomically(name, "one\n");
  WriteFileAtomically(name, "two\n");
  if (ReadFile(name) != "two\n")
    throw Error(ErrorId::kEnvironment, "rename did not replace the file");
  RemoveFile(name);
  return "atomic replace";
}

std::string TrySync(const std::string& folder) {
  const std::string name = JoinPath(folder, PartialName("doctor-sync"));
  const auto start = std::chrono::steady_clock::now();
  {
    FileHandle file = FileHandle::CreateNew(name);
    file.Write(std::string(1 << 20, 'x'));
    file.Sync();
    file.Close();
  }
  const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
  RemoveFile(name);
  return fmt::format("1 MiB written and synced in {:.1f} ms", ms.count());
}

std::string TryLock(const std::string& folder) {
  const WorkLock first(folder, false);
  try {
    const WorkLock second(folder, false);
  } catch (const Error& e) {
    if (e.id() == ErrorId::kLocked) return "a second run is kept out";
    throw;
  }
  throw Error(ErrorId::kEnvironment, "two locks were granted on one folder");
}

/// `folder`, or the nearest folder above it that exists: a run would make what is missing there.
std::string NearestFolder(std::string folder) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  fs::path path = fs::absolute(folder, ignored).lexically_normal();
  while (!fs::is_directory(path, ignored) && path.has_parent_path() && path != path.parent_path()) {
    path = path.parent_path();
  }
  return path.string();
}

ExitCode Doctor(const std::string& folder) {
  fmt::print("{}", VersionReport());
  fmt::print("  threads     {}\n  memory      {}\n", AvailableThreads(),
             FormatBytes(AvailableMemory()));
  std::error_code ignored;
  const bool there = std::filesystem::is_directory(folder, ignored);
  const std::string target = there ? folder : NearestFolder(folder);
  fmt::print("folder {}{}\n", target, there ? "" : fmt::format(" ({} does not exist yet)", folder));
  const std::string probe_folder = JoinPath(target, fmt::format(".kinflow-doctor-{}", ::getpid()));
  MakeFolders(probe_folder);
  bool ok = Probe("rename", [&] { return TryRename(probe_folder); });
  ok &= Probe("fsync", [&] { return TrySync(probe_folder); });
  ok &= Probe("lock", [&] { return TryLock(probe_folder); });
  ok &= Probe("free space", [&] { return FormatBytes(FreeDiskBytes(target.c_str())); });
  RemoveTree(probe_folder);
  if (!ok) {
    throw Error(ErrorId::kEnvironment, "this folder cannot hold a kinflow run")
        .InFile(target)
        .Remedy("use a folder on another file system");
  }
  return ExitCode::kOk;
}

}  // namespace

void AddDoctorCommand(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "doctor", "test locks, rename and fsync on a folder; print CPU, limits, library versions");
  command->group("Look and check");
  auto folder = std::make_shared<std::string>(".");
  command->add_option("FOLDER", *folder, "folder that a run would write to (default: this one)");
  command->callback([&action, folder] { action = [folder] { return Doctor(*folder); }; });
}

}  // namespace kinflow
