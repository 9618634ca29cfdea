#include "tests/support/test_data.h"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "pipeline/base/file.h"
#include "pipeline/base/text.h"

namespace kinflow::test {
namespace fs = std::filesystem;

std::string DataFolder() {
  if (const char* folder = std::getenv("KINFLOW_TEST_DATA")) return folder;
  return std::string(KINFLOW_SOURCE_ROOT) + "/../shared/data";
}

std::string DataFile(const std::string& relative) {
  const std::string path = DataFolder() + "/" + relative;
  return FileExists(path) ? path : "";
}

std::string FindProgram(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const auto folder : Split(path == nullptr ? "" : path, ':')) {
    const std::string candidate = std::string(folder) + "/" + name;
    if (!folder.empty() && FileExists(candidate)) return candidate;
  }
  return "";
}

bool MissingIsFailure() {
  const char* flag = std::getenv("KINFLOW_REQUIRE_ALL");
  return flag != nullptr && std::string(flag) == "1";
}

std::string TempFolder() {
  struct Remover {
    std::vector<std::string> folders;
    ~Remover() {
      for (const auto& f : folders) {
        std::error_code ec;
        fs::remove_all(f, ec);
      }
    }
  };
  static Remover remover;
  std::string name = fs::temp_directory_path().string() + "/kinflow-test-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  remover.folders.push_back(name);
  return name;
}

int RunCommand(const std::string& command, std::string* output) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return -1;
  char buffer[4096];
  while (const size_t n = fread(buffer, 1, sizeof buffer, pipe)) {
    if (output != nullptr) output->append(buffer, n);
  }
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return 128 + WTERMSIG(status);
}

}  // namespace kinflow::test
