#include "pipeline/store/work_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/text.h"
#include "pipeline/store/sealed_json.h"

namespace kinflow {
namespace {

using nlohmann::json;

constexpr char kLockFile[] = "lock.json";
constexpr int64_t kStaleSeconds = 600;
constexpr std::chrono::seconds kHeartbeat{60};

std::string HostName() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string BootId() {
  try {
    return std::string(Trim(ReadFile("/proc/sys/kernel/random/boot_id")));
  } catch (const Error&) {
    return "";
  }
}

std::string PidNamespace() {
  std::array<char, 64> text{};
  const ssize_t n = ::readlink("/proc/self/ns/pid", text.data(), text.size());
  return n > 0 ? std::string(text.data(), static_cast<size_t>(n)) : "";
}

// Field `number` (from 3 on) of /proc/PID/stat; the program name in field 2 may hold blanks and
// brackets.
std::string StatField(int64_t pid, size_t number) {
  try {
    const std::string stat = ReadFile(fmt::format("/proc/{}/stat", pid));
    const size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) return "";
    const auto fields = SplitBlanks(std::string_view(stat).substr(name_end + 1));
    return fields.size() > number - 3 ? std::string(fields[number - 3]) : "";
  } catch (const Error&) {
    return "";
  }
}

std::string StartTimeOf(int64_t pid) { return StatField(pid, 22); }

std::string SlurmJob() {
  const char* job = std::getenv("SLURM_JOB_ID");
  return job == nullptr ? "" : job;
}

std::string OwnRecord() {
  return SealJson({{"host", HostName()},
                   {"pid", ::getpid()},
                   {"start_time", StartTimeOf(::getpid())},
                   {"boot_id", BootId()},
                   {"pid_namespace", PidNamespace()},
                   {"slurm_job", SlurmJob()}});
}

// "now" of the file system that holds the folder: its server's clock may differ from ours.
int64_t FileSystemNow(const std::string& work) {
  const std::string probe = PartialName(JoinPath(work, kLockFile));
  try {
    FileHandle::CreateNew(probe).Close();
    const int64_t now = StampOf(probe).mtime_ns;
    RemoveFile(probe);
    return now;
  } catch (const Error&) {  // a folder that may only be read
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
}

// Creates the lock with its content in one step; false if there is one already. A link is atomic
// and exclusive on network file systems too; where links do not exist, O_EXCL must do.
bool CreateLock(const std::string& path, const std::string& content) {
  const std::string partial = PartialName(path);
  FileHandle file = FileHandle::CreateNew(partial);
  file.Write(content);
  file.Sync();
  file.Close();
  const int rc = ::link(partial.c_str(), path.c_str());
  const int error = errno;
  struct stat st;
  // An NFS server may report EEXIST for a repeated request that succeeded: two links are the proof.
  const bool linked = rc == 0 || (::stat(partial.c_str(), &st) == 0 && st.st_nlink == 2);
  ::unlink(partial.c_str());
  if (linked) return true;
  if (error == EEXIST) return false;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return false;
  if (fd < 0) throw SystemError(errno, ErrorId::kFolderNotWritable, "create", path);
  FileHandle fallback(fd, path);
  fallback.Write(content);
  fallback.Sync();
  fallback.Close();
  return true;
}

std::string ReadIfThere(const std::string& path) {
  try {
    return ReadFile(path);
  } catch (const Error& e) {
    if (e.id() == ErrorId::kMissingFile) return "";
    throw;
  }
}

Error Locked(const LockInfo& holder, const std::string& path, bool break_lock) {
  std::string who = holder.readable ? fmt::format("host {}, pid {}", holder.host, holder.pid)
                                    : "an unknown holder (the lock file is damaged)";
  if (!holder.slurm_job.empty()) who += fmt::format(", Slurm job {}", holder.slurm_job);
  return Error(ErrorId::kLocked,
               fmt::format("work folder is in use by {}; last sign of life {} s ago", who,
                           holder.heartbeat_age_s))
      .InFile(path)
      .Remedy(break_lock ? "wait for that run to end, or until its lock is 10 minutes old"
                         : "wait for that run to end; if it is surely gone, use --break-lock");
}

// Serialises takeovers of dead locks on one host. Best effort: not every file system has flock, and
// holders of other hosts are never judged dead.
class FolderGuard {
 public:
  explicit FolderGuard(const std::string& folder)
      : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ >= 0) ::flock(fd_, LOCK_EX);
  }
  ~FolderGuard() {
    if (fd_ >= 0) ::close(fd_);
  }
  FolderGuard(const FolderGuard&) = delete;
  FolderGuard& operator=(const FolderGuard&) = delete;

 private:
  int fd_;
};

}  // namespace

bool LockInfo::IsDead() const {
  if (!readable || host != HostName() || boot_id.empty() || boot_id != BootId() ||
      pid_namespace.empty() || pid_namespace != PidNamespace() || pid <= 0) {
    return false;
  }
  if (::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return true;
  // A killed process whose parent does not wait for it keeps its number, but holds nothing.
  const std::string state = StatField(pid, 3);
  if (state == "Z" || state == "X") return true;
  const std::string now = StartTimeOf(pid);
  return !now.empty() && !start_time.empty() && now != start_time;
}

std::optional<LockInfo> ReadLock(const std::string& work_folder) {
  const std::string path = JoinPath(work_folder, kLockFile);
  if (!FileExists(path)) return std::nullopt;
  LockInfo info;
  try {
    const auto object = OpenSealedJson(ReadFile(path));
    info.heartbeat_age_s = (FileSystemNow(work_folder) - StampOf(path).mtime_ns) / 1'000'000'000;
    info.readable = object.has_value();
    if (object) {
      info.host = object->at("host").get<std::string>();
      info.pid = WholeNumber<int64_t>(object->at("pid"));
      info.start_time = object->at("start_time").get<std::string>();
      info.boot_id = object->at("boot_id").get<std::string>();
      info.pid_namespace = object->at("pid_namespace").get<std::string>();
      info.slurm_job = object->at("slurm_job").get<std::string>();
    }
  } catch (const json::exception&) {
    info.readable = false;
  } catch (const Error& e) {
    if (e.id() == ErrorId::kMissingFile) return std::nullopt;  // freed meanwhile
    throw;
  }
  return info;
}

struct WorkLock::Impl {
  std::string path, content;
  std::mutex mutex;
  std::condition_variable wake;
  bool stop = false;
  std::thread heartbeat;

  void Beat() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, kHeartbeat, [this] { return stop; })) {
      ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
    }
  }
};

WorkLock::WorkLock(const std::string& work_folder, bool break_lock)
    : impl_(std::make_unique<Impl>()) {
  MakeFolders(work_folder);
  impl_->path = JoinPath(work_folder, kLockFile);
  impl_->content = OwnRecord();
  {
    const FolderGuard guard(work_folder);
    while (!CreateLock(impl_->path, impl_->content)) {
      const auto holder = ReadLock(work_folder);
      if (!holder) continue;
      const bool may_break =
          holder->IsDead() || (break_lock && holder->heartbeat_age_s > kStaleSeconds);
      if (!may_break) throw Locked(*holder, impl_->path, break_lock);
      RemoveFile(impl_->path);
    }
  }
  impl_->heartbeat = std::thread([impl = impl_.get()] { impl->Beat(); });
}

WorkLock::~WorkLock() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stop = true;
  }
  impl_->wake.notify_one();
  impl_->heartbeat.join();
  try {
    // Somebody may have broken the lock and hold the folder now.
    if (ReadIfThere(impl_->path) == impl_->content) RemoveFile(impl_->path);
  } catch (const Error&) {
    // It is taken over as dead by the next run.
  }
}

}  // namespace kinflow
