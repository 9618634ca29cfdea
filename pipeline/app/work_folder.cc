#include "pipeline/app/work_folder.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "pipeline/app/run_record.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

namespace fs = std::filesystem;

bool IsWorkFolder(const std::string& folder) {
  return IsFolder(JoinPath(folder, layout::kArtifacts));
}

/// The work folder as the config names it; "" = not to be told from where the output folder is.
fs::path BesideOutput(const std::string& output) {
  // Of a run that was killed there is its mark.
  const char* file = FileExists(JoinPath(output, kRunMark)) ? kRunMark : kRunJson;
  const auto work = ReadRunRecord(output, "/config/resources/work", file),
             own = ReadRunRecord(output, "/config/output/folder", file);
  if (!work.is_string()) return {};
  fs::path path = work.get<std::string>();
  if (path.is_absolute()) return path;
  if (!own.is_string()) return {};
  const fs::path beside = path.lexically_relative(own.get<std::string>());
  return beside.empty() ? fs::path() : output / beside;
}

/// Where the run had it.
fs::path AsRecorded(const std::string& output) {
  const auto work = ReadRunRecord(output, "/work", kRunFolders);
  return work.is_string() ? work.get<std::string>() : std::string();
}

}  // namespace

std::string RecordedWorkFolder(const std::string& output) {
  for (const fs::path& path : {BesideOutput(output), AsRecorded(output)}) {
    if (path.empty()) continue;
    std::error_code none;
    const fs::path own = fs::canonical(path, none);
    if (!none && IsWorkFolder(own.string())) return own.string();
  }
  return "";
}

std::string FindWorkFolder(const std::string& folder) {
  if (IsWorkFolder(folder)) return folder;
  const std::string inside = JoinPath(folder, "work");
  return IsWorkFolder(inside) ? inside : RecordedWorkFolder(folder);
}

std::string RequireWorkFolder(const std::string& folder) {
  constexpr const char* kRemedy =
      "give the folder named by resources.work (default: work); one-shot commands have OUT/work";
  if (!IsFolder(folder)) {
    throw Error(ErrorId::kMissingFile, "no such work folder").InFile(folder).Remedy(kRemedy);
  }
  std::string found = FindWorkFolder(folder);
  if (!found.empty()) return found;
  if (FileExists(JoinPath(folder, kRunJson))) {
    throw Error(ErrorId::kMissingFile,
                "an output folder, whose run has no work folder in it, beside it or where it was")
        .InFile(folder)
        .Remedy(kRemedy);
  }
  throw Error(ErrorId::kBadArgument,
              "neither a work folder, with artifacts/ in it, nor the output "
              "folder of a run")
      .InFile(folder)
      .Remedy(kRemedy);
}

}  // namespace kinflow
