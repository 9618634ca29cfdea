// Writes an HDF5 file (argument 1) under a file size limit that it cannot keep and returns from
// main as any program does: 12 if the write failed as it should.
#include <sys/resource.h>

#include <csignal>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/store/h5_file.h"

int main(int argc, char** argv) {
  using namespace kinflow;
  if (argc != 2) return 2;
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{20'000, 20'000};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::vector<double> noise(20'000);
  for (size_t i = 0; i < noise.size(); ++i) noise[i] = 1.0 / static_cast<double>(i * i + 3);
  try {
    H5Writer file(argv[1]);
    file.Write("/x", std::span<const double>(noise));
    file.Close();
  } catch (const Error& e) {
    return HadWriteError() ? static_cast<int>(e.exit_code()) + 5 : 3;
  }
  return 1;
}
