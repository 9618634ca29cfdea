#pragma once

#include <atomic>

namespace kinflow {

/// Set by the signal thread, polled by readers. Lock-free.
class StopSignal {
 public:
  bool requested() const { return signal_.load(std::memory_order_relaxed) != 0; }
  int signal() const { return signal_.load(std::memory_order_relaxed); }
  void Request(int signal) { signal_.store(signal, std::memory_order_relaxed); }
  /// Throws Error(kStopped) if a stop was asked for. For loops of table-level stages.
  void Check() const;

 private:
  std::atomic<int> signal_{0};
};

}  // namespace kinflow
