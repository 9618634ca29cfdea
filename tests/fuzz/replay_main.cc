// Runs a harness over saved inputs, files or folders of them, without libFuzzer.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <vector>

#include "pipeline/base/file.h"
#include "tests/fuzz/fuzz_support.h"

namespace {

const char* g_input = "";  // for the handler of fatal signals

void NameInput(int signal) {
  constexpr char kText[] = "replay: failed on ";
  (void)!::write(STDERR_FILENO, kText, sizeof kText - 1);
  (void)!::write(STDERR_FILENO, g_input, std::strlen(g_input));
  (void)!::write(STDERR_FILENO, "\n", 1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void Run(const std::string& path) {
  g_input = path.c_str();
  const std::string content = kinflow::ReadFile(path);
  // Of exact size, so that a sanitizer sees a read beyond the end.
  const std::vector<uint8_t> bytes(content.begin(), content.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    std::signal(signal, NameInput);
  }
  size_t inputs = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string path = argv[i];
    if (!kinflow::IsFolder(path)) {
      Run(path);
      ++inputs;
      continue;
    }
    for (const auto& name : kinflow::ListFolder(path)) {
      Run(kinflow::JoinPath(path, name));
      ++inputs;
    }
  }
  std::printf("%zu inputs\n", inputs);
  return inputs == 0 ? 1 : 0;
}
