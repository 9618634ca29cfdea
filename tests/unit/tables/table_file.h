#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <optional>
#include <string>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "tests/support/test_data.h"

namespace kinflow::test {

/// A file with this content in a folder of its own.
inline std::string FileWith(const std::string& content, const std::string& name = "table.tsv") {
  const std::string path = JoinPath(TempFolder(), name);
  WriteFileAtomically(path, content);
  return path;
}

/// Overwrites one scratch file: for tests with very many small tables.
class ScratchFile {
 public:
  const std::string& With(const std::string& content) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << content;
    return path_;
  }

 private:
  std::string path_ = JoinPath(TempFolder(), "table.tsv");
};

/// The Error that `call` throws; fails the test if it throws none.
inline Error ErrorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorId::kInternal, "nothing was thrown");
}

/// The formatted error without the folder of its file.
inline std::string MessageOf(const Error& error) {
  std::string text = error.Format();
  const std::string folder = FolderOf(error.file()) + "/";
  if (const size_t at = text.find(folder); at != std::string::npos) text.erase(at, folder.size());
  return text;
}

}  // namespace kinflow::test
