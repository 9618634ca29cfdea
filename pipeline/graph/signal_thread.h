#pragma once

#include <thread>

#include "pipeline/graph/stop_signal.h"

namespace kinflow {

/// One thread that receives SIGINT, SIGTERM, SIGUSR1 and SIGXCPU for the whole process and sets the
/// stop signal. A second SIGINT or SIGTERM ends the process at once (130, 143), as does a SIGTERM
/// that has not led to an exit after `grace_seconds` (143): sealed shards stay. SIGPIPE and SIGXFSZ
/// are ignored; the failed write is an error. Construct before any other thread exists.
class SignalThread {
 public:
  explicit SignalThread(StopSignal& stop, int grace_seconds = 10);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  void Loop(int grace_seconds);

  StopSignal& stop_;
  std::thread thread_;
};

}  // namespace kinflow
