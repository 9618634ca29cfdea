#include "pipeline/app/result_folder.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

std::string MakeScratchFolder() {
  std::error_code none;
  const auto parent = std::filesystem::temp_directory_path(none);
  std::string path = JoinPath(none ? "/tmp" : parent.string(), "kinflow-XXXXXX");
  if (::mkdtemp(path.data()) == nullptr) {
    throw SystemError(errno, ErrorId::kFolderNotWritable, "make a folder for --out -", path)
        .Remedy("set TMPDIR to a folder that takes the tables, or name an output folder");
  }
  return path;
}

}  // namespace

ResultFolder::ResultFolder(const std::string& out)
    : path_(out == "-" ? MakeScratchFolder() : out), lasting_(out != "-") {}

ResultFolder::~ResultFolder() {
  std::error_code ignored;
  if (!lasting_) std::filesystem::remove_all(path_, ignored);
}

void ResultFolder::Print(const std::string& name) const {
  const std::string file = JoinPath(path_, name);
  if (lasting_ || !FileExists(file)) return;
  const std::string text = ReadFile(file, UINT64_MAX);
  for (size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data() + at, text.size() - at);
    if (n > 0) {
      at += static_cast<size_t>(n);
    } else if (errno == EPIPE) {
      return;  // `| head` has seen enough
    } else if (errno != EINTR) {
      throw SystemError(errno, ErrorId::kWriteFailed, "write", "standard output");
    }
  }
}

}  // namespace kinflow
