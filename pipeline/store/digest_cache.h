#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "pipeline/base/file.h"
#include "pipeline/base/hash.h"

namespace kinflow {

/// Whole-file digests of inputs, remembered in WORK/digests.json by (device, inode, size, mtime,
/// ctime), so that an unchanged input is not read again. A damaged cache is rebuilt. Thread-safe;
/// one process writes it at a time (the work lock).
class DigestCache {
 public:
  /// `save` false: only reads what is remembered; for those who do not hold the work lock.
  explicit DigestCache(const std::string& work_folder, bool save = true);

  /// Digest of the file's bytes. Throws kMissingFile, kUnreadableFile, kReadFailed (also if the
  /// file changes while it is read).
  Digest DigestOf(const std::string& path);
  /// DigestOf for its trace in the cache, where there will be one; faults are left to be found
  /// again.
  void ReadAhead(const std::string& path);
  /// Writes what is new. DigestOf does so by itself once much was read, the destructor at the end
  /// (where it cannot be written, the files are read again next time).
  void Save();
  ~DigestCache();
  DigestCache(const DigestCache&) = delete;
  DigestCache& operator=(const DigestCache&) = delete;
  /// Files whose bytes were read by this object.
  size_t files_read() const;

 private:
  struct Entry {
    FileStamp stamp;
    Digest digest;
  };
  void SaveLocked();

  std::string path_;
  bool save_;
  mutable std::mutex mutex_;
  std::map<std::pair<uint64_t, uint64_t>, Entry> entries_;  // by device and inode
  size_t files_read_ = 0;
  bool unsaved_ = false;
  uint64_t unsaved_bytes_ = 0;
};

}  // namespace kinflow
