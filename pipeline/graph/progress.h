#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace kinflow {

/// Progress of the running stage. Workers only add to relaxed counters; one reporter thread prints:
/// a bar on a terminal, key=value lines every 10 s otherwise, one JSON line a second for kJson.
class Progress {
 public:
  enum class Mode { kAuto, kBar, kPlain, kJson, kNone };
  explicit Progress(Mode mode);
  ~Progress();

  /// Names the stage and its expected total (0 = unknown) of `unit`s.
  void Start(const std::string& stage, uint64_t total, const std::string& unit);
  void Add(uint64_t n) { done_.fetch_add(n, std::memory_order_relaxed); }
  void Set(uint64_t n) { done_.store(n, std::memory_order_relaxed); }
  /// Prints the stage's last line.
  void Finish();
  uint64_t done() const { return done_.load(std::memory_order_relaxed); }

 private:
  struct Reporter;
  std::atomic<uint64_t> done_{0};
  std::unique_ptr<Reporter> reporter_;
};

}  // namespace kinflow
