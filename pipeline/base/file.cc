#include "pipeline/base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

constexpr std::string_view kPartialMark = ".partial.";

Error MissingOrUnreadable(int error, const std::string& path) {
  if (error == ENOENT || error == ENOTDIR) {
    return Error(ErrorId::kMissingFile, "file not found")
        .InFile(path)
        .Remedy(
            "check the path; a relative one starts in the folder of the config, or without a "
            "config where you are");
  }
  return SystemError(error, ErrorId::kUnreadableFile, "open for reading", path);
}

struct stat StatOf(const std::string& path) {
  struct stat st;
  if (::stat(path.c_str(), &st) != 0) throw MissingOrUnreadable(errno, path);
  return st;
}

void SyncFolder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw SystemError(errno, ErrorId::kSyncFailed, "open folder", folder);
  const int rc = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  // Some network file systems refuse fsync on folders; their rename is synchronous.
  if (rc != 0 && error != EINVAL && error != ENOTSUP) {
    throw SystemError(error, ErrorId::kSyncFailed, "fsync folder", folder);
  }
}

}  // namespace

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

FileHandle::~FileHandle() {
  if (fd_ >= 0) ::close(fd_);
}

FileHandle FileHandle::OpenRead(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw MissingOrUnreadable(errno, path);
  FileHandle handle(fd, path);
  struct stat st;
  if (::fstat(fd, &st) != 0) throw SystemError(errno, ErrorId::kUnreadableFile, "stat", path);
  if (S_ISDIR(st.st_mode)) {
    throw Error(ErrorId::kUnreadableFile, "is a folder, a file was expected")
        .InFile(path)
        .Remedy("give the file itself, or a pattern of the files in the folder");
  }
  return handle;
}

FileHandle FileHandle::CreateNew(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) throw SystemError(errno, ErrorId::kWriteFailed, "create", path);
  FileHandle handle(fd, path);
  if (::fchmod(fd, 0600) != 0) throw SystemError(errno, ErrorId::kWriteFailed, "chmod", path);
  return handle;
}

size_t FileHandle::Read(void* buffer, size_t size) const {
  while (true) {
    const ssize_t n = ::read(fd_, buffer, size);
    if (n >= 0) return static_cast<size_t>(n);
    if (errno != EINTR) throw SystemError(errno, ErrorId::kReadFailed, "read", path_);
  }
}

void FileHandle::ReadAt(void* buffer, size_t size, uint64_t offset) const {
  auto* out = static_cast<char*>(buffer);
  while (size > 0) {
    const ssize_t n = ::pread(fd_, out, size, static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      throw SystemError(errno, ErrorId::kReadFailed, "read", path_);
    }
    if (n == 0) {
      throw Error(ErrorId::kTruncated, "file ends too early")
          .InFile(path_)
          .Remedy("copy the file again from its source");
    }
    out += n;
    offset += static_cast<uint64_t>(n);
    size -= static_cast<size_t>(n);
  }
}

void FileHandle::Write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      throw SystemError(errno, ErrorId::kWriteFailed, "write", path_);
    }
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

uint64_t FileHandle::Size() const {
  struct stat st;
  if (::fstat(fd_, &st) != 0) throw SystemError(errno, ErrorId::kReadFailed, "stat", path_);
  return static_cast<uint64_t>(st.st_size);
}

void FileHandle::Sync() const {
  if (::fsync(fd_) != 0) throw SystemError(errno, ErrorId::kSyncFailed, "fsync", path_);
}

void FileHandle::Close() {
  const int fd = std::exchange(fd_, -1);
  if (fd >= 0 && ::close(fd) != 0) {
    throw SystemError(errno, ErrorId::kSyncFailed, "close", path_);
  }
}

bool FileExists(const std::string& path) {
  struct stat st;
  return ::stat(path.c_str(), &st) == 0;
}

const std::string& Rereadable(const std::string& path) {
  struct stat st;
  const bool there = ::stat(path.c_str(), &st) == 0;
  if (!there || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))) return path;
  throw Error(ErrorId::kUnreadableFile,
              "a pipe, which can be read once; this is read several times")
      .InFile(path)
      .Remedy("write it to a file, and give that");
}

bool IsFolder(const std::string& path) {
  struct stat st;
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

FileStamp StampOf(const std::string& path) {
  const struct stat st = StatOf(path);
  const auto ns = [](const timespec& t) { return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; };
  return {st.st_dev, st.st_ino, static_cast<uint64_t>(st.st_size), ns(st.st_mtim), ns(st.st_ctim)};
}

void MakeFolders(const std::string& path) {
  if (path.empty() || IsFolder(path)) return;
  const std::string parent = FolderOf(path);
  if (parent != path) MakeFolders(parent);
  if (::mkdir(path.c_str(), 0700) == 0) return;
  if (errno != EEXIST) {
    throw SystemError(errno, ErrorId::kFolderNotWritable, "create folder", path);
  }
  if (IsFolder(path)) return;  // somebody else made it
  throw Error(ErrorId::kFolderNotWritable, "a file is there, where a folder is to be made")
      .InFile(path)
      .Remedy("give the folder another name, or take the file away");
}

std::string ReadFile(const std::string& path, uint64_t max_bytes) {
  const FileHandle file = FileHandle::OpenRead(path);
  std::string content;
  std::string buffer(1 << 16, '\0');
  while (const size_t n = file.Read(buffer.data(), buffer.size())) {
    content.append(buffer.data(), n);
    if (content.size() > max_bytes) {
      throw Error(ErrorId::kLimitExceeded, fmt::format("file is larger than {} bytes", max_bytes))
          .InFile(path);
    }
  }
  return content;
}

std::vector<std::string> ListFolder(const std::string& path) {
  std::vector<std::string> names;
  DIR* dir = ::opendir(path.c_str());
  if (dir == nullptr) return names;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

void RemoveFile(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    throw SystemError(errno, ErrorId::kWriteFailed, "remove", path);
  }
}

void RemoveTree(const std::string& path) {
  std::error_code ec;
  std::filesystem::remove_all(path, ec);
  if (ec) throw SystemError(ec.value(), ErrorId::kWriteFailed, "remove", path);
}

void PublishFile(const std::string& partial, const std::string& final_name) {
  if (::rename(partial.c_str(), final_name.c_str()) != 0) {
    const int error = errno;
    // An NFS server may repeat a rename that succeeded: the retry sees ENOENT.
    const bool done = error == ENOENT && FileExists(final_name) && !FileExists(partial);
    if (!done) throw SystemError(error, ErrorId::kRenameFailed, "rename to", final_name);
  }
  SyncFolder(FolderOf(final_name));
}

void WriteFileAtomically(const std::string& path, std::string_view content) {
  const std::string partial = PartialName(path);
  try {
    FileHandle file = FileHandle::CreateNew(partial);
    file.Write(content);
    file.Sync();
    file.Close();
    PublishFile(partial, path);
  } catch (...) {
    ::unlink(partial.c_str());
    throw;
  }
}

void OverwriteFile(const std::string& path, std::string_view content) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) throw SystemError(errno, ErrorId::kWriteFailed, "write", path);
  FileHandle file(fd, path);
  file.Write(content);
  file.Sync();
  file.Close();
}

void SyncFile(const std::string& path) {
  FileHandle file = FileHandle::OpenRead(path);
  file.Sync();
  file.Close();
}

std::string JoinPath(std::string_view folder, std::string_view name) {
  if (folder.empty() || (!name.empty() && name.front() == '/')) return std::string(name);
  return fmt::format("{}{}{}", folder, folder.back() == '/' ? "" : "/", name);
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string BaseName(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::string PartialName(const std::string& path) {
  static std::atomic<uint64_t> counter{0};  // names only; no state is shared through it
  return fmt::format("{}{}{}.{}", path, kPartialMark, ::getpid(), counter++);
}

bool IsPartialName(std::string_view name) {
  return name.find(kPartialMark) != std::string_view::npos;
}

void RemovePartialFiles(const std::string& folder) {
  for (const std::string& name : ListFolder(folder)) {
    if (IsPartialName(name)) RemoveFile(JoinPath(folder, name));
  }
}

}  // namespace kinflow
