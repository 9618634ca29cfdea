#include "pipeline/app/session.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>

#include "pipeline/app/input_schema.h"
#include "pipeline/app/root_schema.h"
#include "pipeline/app/version.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

/// Texts with a form of their own. What the command line says is judged when the run starts: that
/// is a usage error.
void CheckResources(ConfigResult& result) {
  const auto check = [&](const char* key, const auto& read) {
    const std::string& origin = result.root.At(key).origin();
    if (origin == "--set") return;
    try {
      read(result.root);
    } catch (const Error& e) {
      result.errors.push_back(Error(ErrorId::kConfigType, e.message())
                                  .InFile(origin)
                                  .Field(key)
                                  .Value(e.value())
                                  .Remedy("write auto, or a number of the form named above"));
    }
  };
  check("resources.threads", ThreadsOf);
  check("resources.memory", MemoryOf);
}

/// Adds what the schema does not tell, of the parts that it has found no fault in.
ConfigResult WithFurtherFaults(ConfigResult result) {
  const auto& members = result.root.members();
  if (members.contains("input") && !HasErrorIn(result.errors, "input")) {
    for (Error& fault : FaultsOfInput(result.root)) result.errors.push_back(std::move(fault));
  }
  if (members.contains("resources") && !HasErrorIn(result.errors, "resources")) {
    CheckResources(result);
  }
  return result;
}

Progress::Mode ModeOf(const RunFlags& flags) {
  if (flags.progress == "bar") return Progress::Mode::kBar;
  if (flags.progress == "plain") return Progress::Mode::kPlain;
  if (flags.progress == "json") return Progress::Mode::kJson;
  if (flags.progress == "none" || flags.quiet) return Progress::Mode::kNone;
  return Progress::Mode::kAuto;
}

void RefuseOpenFolder(const std::string& folder) {
  struct stat st;
  if (::stat(folder.c_str(), &st) == 0 && (st.st_mode & S_IWOTH) != 0 &&
      (st.st_mode & S_ISVTX) == 0) {
    throw Error(ErrorId::kFolderNotWritable, "everybody may write to the output folder")
        .InFile(folder)
        .Remedy("chmod o-w it, or choose another folder: it will hold individual-level data");
  }
}

}  // namespace

std::optional<LoadedConfig> PrintOrReturn(ConfigResult result, const std::string& name,
                                          const std::string& base) {
  if (result.errors.empty()) return LoadedConfig{std::move(result.root), name, base};
  std::string text;
  for (const Error& e : result.errors) text += e.Format() + "\n";
  text += fmt::format("{} fault{} in {}\n", result.errors.size(),
                      result.errors.size() == 1 ? "" : "s", name);
  std::fputs(text.c_str(), stderr);  // fmt::print throws when nobody reads it
  return std::nullopt;
}

ConfigResult LoadStudyConfig(const std::string& path, const RunFlags& flags) {
  return WithFurtherFaults(LoadConfig(path, RootSchema(), flags.Overrides(FolderOf(path))));
}

std::optional<LoadedConfig> LoadOrPrint(const std::string& path, const RunFlags& flags) {
  return PrintOrReturn(LoadStudyConfig(path, flags), path, FolderOf(path));
}

std::string LoadedConfig::RunName() const {
  return base.empty() ? name : std::filesystem::weakly_canonical(name).string();
}

std::optional<LoadedConfig> OneShotConfig(const std::vector<std::string>& overrides) {
  return PrintOrReturn(WithFurtherFaults(LoadConfigText("schema_version: 1\n", "command line",
                                                        RootSchema(), overrides)),
                       "command line", "");
}

unsigned ThreadsOf(const ConfigNode& root) {
  const std::string& text = root.Text("resources.threads");
  if (text == "auto") return AvailableThreads();
  const auto n = ParseUint(text);
  if (!n || *n < 1 || *n > 1024) {
    throw Error(ErrorId::kBadArgument,
                "resources.threads: expected auto or a number from 1 to 1024")
        .Value(text)
        .Remedy("write --threads 8, or leave it out: what Slurm, cgroup and affinity allow");
  }
  return static_cast<unsigned>(*n);
}

uint64_t MemoryOf(const ConfigNode& root) {
  const std::string& text = root.Text("resources.memory");
  if (text == "auto") return AvailableMemory();
  constexpr uint64_t kLeast = 1 << 20;  // less is a number whose unit was forgotten
  const auto bytes = ParseBytes(text);
  if (!bytes || *bytes < kLeast) {
    throw Error(ErrorId::kBadArgument,
                "resources.memory: expected auto or a size such as 512M or 24G")
        .Value(text)
        .Remedy("write --memory 24G, or leave it out: 85 % of the limit");
  }
  return *bytes;
}

Session::Session(const LoadedConfig& config, const RunFlags& flags) {
  const ConfigNode& root = config.root;
  output_ = JoinPath(config.base, root.Text("output.folder"));
  const std::string work = JoinPath(config.base, root.Text("resources.work"));
  RefuseOpenFolder(output_);
  MakeFolders(output_);
  MakeFolders(JoinPath(work, layout::kArtifacts));
  lock_ = std::make_unique<WorkLock>(work, flags.break_lock);
  RemovePartialFiles(work);
  log_ = std::make_unique<Log>(flags.log.empty() ? JoinPath(output_, "kinflow.log") : flags.log,
                               flags.quiet ? LogLevel::kWarn : LogLevel::kInfo);
  store_ = std::make_unique<ArtifactStore>(work);
  store_->SetProgram(VersionLine());
  progress_ = std::make_unique<Progress>(ModeOf(flags));
  context_ = std::make_unique<RunContext>(
      RunContext{{*log_, *progress_, stop_, ThreadsOf(root), MemoryOf(root),
                  static_cast<uint32_t>(root.Int("resources.tile_variants")),
                  static_cast<uint64_t>(root.Int("resources.shard_genotypes"))},
                 *store_});
}

}  // namespace kinflow
