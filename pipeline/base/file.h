#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinflow {

// The file system seam: every file kinflow itself opens goes through here. All functions throw
// Error with the path; none leaves a descriptor open on error. Files are created 0600, folders
// 0700, whatever the umask.

/// Owner of a file descriptor.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  FileHandle(FileHandle&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
  FileHandle& operator=(FileHandle&& other) noexcept;
  ~FileHandle();

  /// Throws kMissingFile or kUnreadableFile; folders are refused.
  static FileHandle OpenRead(const std::string& path);
  /// O_CREAT | O_EXCL | O_NOFOLLOW, mode 0600.
  static FileHandle CreateNew(const std::string& path);

  int fd() const { return fd_; }
  const std::string& path() const { return path_; }
  /// Bytes read, 0 at the end; EINTR is retried.
  size_t Read(void* buffer, size_t size) const;
  /// Reads exactly `size` bytes at `offset` or throws kTruncated.
  void ReadAt(void* buffer, size_t size, uint64_t offset) const;
  void Write(std::string_view bytes) const;
  uint64_t Size() const;
  void Sync() const;
  /// Checked close; the destructor closes silently.
  void Close();

 private:
  int fd_ = -1;
  std::string path_;
};

struct FileStamp {  // identifies a version of a file without reading it
  uint64_t device = 0, inode = 0, size = 0;
  int64_t mtime_ns = 0, ctime_ns = 0;
  bool operator==(const FileStamp&) const = default;
};

bool FileExists(const std::string& path);
/// The path itself; throws kUnreadableFile if a pipe is there, without waiting for its writer. For
/// files that are opened more than once.
const std::string& Rereadable(const std::string& path);
bool IsFolder(const std::string& path);
FileStamp StampOf(const std::string& path);
/// mkdir -p, each new folder 0700.
void MakeFolders(const std::string& path);
std::string ReadFile(const std::string& path, uint64_t max_bytes = 1ull << 30);
/// Names (not paths) in `path`, sorted; empty if the folder does not exist.
std::vector<std::string> ListFolder(const std::string& path);
void RemoveFile(const std::string& path);  // a missing file is no error
void RemoveTree(const std::string& path);

/// rename + fsync of the folder; both must lie in one folder. ENOENT after an NFS retry is checked.
void PublishFile(const std::string& partial, const std::string& final_name);
/// Writes a temporary file in the same folder, fsyncs, renames: readers see the old or the new
/// content, never a part.
void WriteFileAtomically(const std::string& path, std::string_view content);
/// Writes over the beginning of a file that is there; its size stays if `content` is no longer.
/// Needs no room on most file systems: what is told of a disk that is full.
void OverwriteFile(const std::string& path, std::string_view content);
/// Opens an existing file and fsyncs it.
void SyncFile(const std::string& path);

std::string JoinPath(std::string_view folder, std::string_view name);
std::string FolderOf(const std::string& path);  // "." if there is none
std::string BaseName(const std::string& path);

/// A name for a partial file beside `path`, distinct for each process and call.
std::string PartialName(const std::string& path);
/// True for names made by PartialName.
bool IsPartialName(std::string_view name);
/// Removes the partial files in this folder (not below it) that a killed run left.
void RemovePartialFiles(const std::string& folder);

}  // namespace kinflow
