#pragma once

namespace kinflow {

/// Process exit codes: a stable contract with batch scripts (README.md, "Exit codes").
enum class ExitCode : int {
  kOk = 0,
  kUsage = 2,
  kConfig = 3,
  kInput = 4,
  kIo = 5,
  kDamagedStore = 6,
  kResources = 7,
  kInternal = 70,
  kCheckpointed = 75,
  kInterrupted = 130,
  kTerminated = 143,
};

}  // namespace kinflow
