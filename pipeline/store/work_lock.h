#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace kinflow {

/// Who holds a work folder (WORK/lock.json).
struct LockInfo {
  std::string host;
  int64_t pid = 0;
  std::string start_time;  // of the process, kernel ticks since boot: tells reused pids apart
  std::string boot_id;
  std::string pid_namespace;    // pids of another container say nothing about this one
  std::string slurm_job;        // "" outside Slurm
  int64_t heartbeat_age_s = 0;  // by the file system's clock
  bool readable = true;         // false: the file is damaged, only the age is known

  /// True if the holder is provably gone: same host, boot and pid namespace, and no such process.
  bool IsDead() const;
};

/// The lock of `work_folder`, none if it is free.
std::optional<LockInfo> ReadLock(const std::string& work_folder);

/// Holds a work folder for one run. The lock of a provably dead holder is taken over; any other one
/// only with `break_lock` and a heartbeat older than 10 minutes. Throws kLocked naming host and
/// pid. A thread renews the heartbeat (the file's mtime); the destructor frees the folder.
class WorkLock {
 public:
  WorkLock(const std::string& work_folder, bool break_lock);
  ~WorkLock();
  WorkLock(const WorkLock&) = delete;
  WorkLock& operator=(const WorkLock&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kinflow
