#include "pipeline/app/run_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "pipeline/app/run_record.h"
#include "pipeline/app/work_folder.h"
#include "pipeline/base/exit_code.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kLongSilence = 600;  // seconds; a lock may be broken then
constexpr size_t kMarkSize = 4096;     // what one has at least: room for how the run ended

/// The path from the root; as given if it cannot be told.
std::string Whole(const std::string& path) {
  std::error_code none;
  const fs::path whole = fs::canonical(path, none);
  return none ? path : whole.string();
}

/// Names of files need not be UTF-8.
std::string TextOf(const json& record) {
  return record.dump(1, ' ', false, json::error_handler_t::replace);
}

/// Tells the holders of locks apart.
json HolderOf(const LockInfo& lock) {
  return {{"host", lock.host}, {"pid", lock.pid}, {"start_time", lock.start_time}};
}

/// "family:a (E0440)", each once: failed stages, and losses that are not accepted.
std::vector<std::string> FailedParts(const json& record) {
  std::vector<std::string> parts;
  const auto add = [&parts](const std::string& what, const std::string& error) {
    const std::string text = error.empty() ? what : fmt::format("{} ({})", what, error);
    const auto known = [&](const std::string& part) {
      return part == text || (error.empty() && part.starts_with(what + " ("));
    };
    if (std::none_of(parts.begin(), parts.end(), known)) parts.push_back(text);
  };
  for (const json& loss : record.value("losses", json::array())) {
    if (loss.value("accepted", "").empty()) add(loss.value("what", ""), loss.value("error", ""));
  }
  for (const json& stage : record.value("stages", json::array())) {
    if (stage.value("status", "") == "failed") add(stage.value("id", ""), "");
  }
  return parts;
}

/// "7 of 9 stages done"; "" = there was no plan.
std::string StagesText(const json& record) {
  const json stages = record.value("stages", json::array());
  if (stages.empty()) return "";
  const auto done = std::count_if(stages.begin(), stages.end(), [](const json& stage) {
    const std::string status = stage.value("status", "");
    return status == "done" || status == "cached";
  });
  return fmt::format(", {} of {} stages done", done, stages.size());
}

std::string RecordText(const std::string& output, const json& record) {
  const std::string status = record.value("status", "?"), command = record.value("command", "?");
  const int code = record.value("exit_code", -1);
  std::string text = fmt::format("{}, exit {}, {:.1f} s{}: {}\n", status, code,
                                 record.value("seconds", 0.0), StagesText(record), command);
  if (status == "stopped") {
    text += fmt::format("  {}; the same command goes on\n",
                        code == static_cast<int>(ExitCode::kCheckpointed)
                            ? "by SIGTERM or SIGUSR1, at a checkpoint"
                            : "interrupted");
  } else if (status != "done") {
    const auto parts = FailedParts(record);
    if (!parts.empty()) text += fmt::format("  failed: {}\n", fmt::join(parts, ", "));
    text += fmt::format("  why: {}\n", JoinPath(output, "kinflow.log"));
  }
  return text;
}

std::string MarkText(const std::string& output, const json& mark,
                     const std::optional<LockInfo>& lock) {
  const std::string command = mark.value("command", "?");
  if (mark.contains("status")) {
    return fmt::format("{}  its record could not be written; the run ended with\n  {}\n",
                       RecordText(output, mark), mark.value("error", ""));
  }
  if (!lock || HolderOf(*lock) != mark.value("holder", json()) || lock->IsDead()) {
    return fmt::format(
        "ended without a record (killed, or the machine stopped, or the disk was full); the same "
        "command goes on: {}\n",
        command);
  }
  return fmt::format("{}: {}\n",
                     lock->heartbeat_age_s > kLongSilence
                         ? fmt::format("no sign of life for {} s", lock->heartbeat_age_s)
                         : "still running",
                     command);
}

}  // namespace

void MarkRunning(const LoadedConfig& config, const std::string& command, const std::string& output,
                 const std::string& work) {
  const auto lock = ReadLock(work);
  json mark;
  mark["command"] = command;
  mark["holder"] = lock ? HolderOf(*lock) : json();
  mark["config"]["resources"]["work"] = config.root.Text("resources.work");
  mark["config"]["output"]["folder"] = config.root.Text("output.folder");
  std::string text = TextOf(mark);
  text.resize(std::max(text.size(), kMarkSize - 1), ' ');
  WriteFileAtomically(JoinPath(output, kRunMark), text + "\n");
  const json folders = {{"work", Whole(work)}, {"config", Whole(JoinPath(config.base, "."))}};
  WriteFileAtomically(JoinPath(output, kRunFolders), TextOf(folders) + "\n");
}

void UnmarkRunning(const std::string& output) { RemoveFile(JoinPath(output, kRunMark)); }

void MarkEnded(const std::string& output, const RunRecord& record, const std::string& error) {
  try {
    json mark = ReadRunRecord(output, "", kRunMark);
    if (!mark.is_object()) return;
    mark["status"] = record.status;
    mark["exit_code"] = static_cast<int>(record.exit_code);
    mark["seconds"] = record.seconds;
    mark["error"] = error;
    const std::string path = JoinPath(output, kRunMark);
    const size_t room = StampOf(path).size - 1;
    std::string text = TextOf(mark);
    for (size_t length = error.size(); text.size() > room && length > 0; text = TextOf(mark)) {
      length /= 2;  // as much of the error as there is room for
      mark["error"] = error.substr(0, length);
    }
    if (text.size() > room) return;
    text.resize(room, ' ');
    OverwriteFile(path, text + "\n");
  } catch (const Error&) {  // on file systems that write every change to a new place
  }
}

bool IsOutputFolder(const std::string& folder) {
  return IsFolder(folder) &&
         (FileExists(JoinPath(folder, kRunJson)) || FileExists(JoinPath(folder, kRunMark)));
}

std::vector<std::string> OutputsOf(const std::string& work) {
  std::error_code none;
  const fs::path own = fs::canonical(work, none);
  if (none) return {};
  const fs::path around = fs::path(work).lexically_normal() / "..";
  std::vector<std::string> folders = {around.lexically_normal().string()};
  for (fs::directory_iterator at(around, none), end; !none && at != end; at.increment(none)) {
    if (at->is_directory(none)) folders.push_back(at->path().lexically_normal().string());
  }
  std::erase_if(folders, [&](const std::string& folder) {
    return !IsOutputFolder(folder) || RecordedWorkFolder(folder) != own.string();
  });
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::string LastRunText(const std::string& output, const std::optional<LockInfo>& lock) {
  const json mark = ReadRunRecord(output, "", kRunMark), record = ReadRunRecord(output, "");
  std::string text;
  try {
    if (mark.is_object()) text = "last run: " + MarkText(output, mark, lock);
    if (record.is_object()) {
      text +=
          (mark.is_object() ? "the run before it: " : "last run: ") + RecordText(output, record);
    }
  } catch (const json::exception&) {  // changed by hand
    return "last run: its record cannot be read\n";
  }
  return text;
}

}  // namespace kinflow
