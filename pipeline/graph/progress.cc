#include "pipeline/graph/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

#include "pipeline/base/resources.h"

namespace kinflow {
namespace {

using Clock = std::chrono::steady_clock;

struct StageState {
  std::string name, unit;
  uint64_t total = 0;
  Clock::time_point start;
  bool active = false;
};

std::string Seconds(double s) {
  if (s < 60) return fmt::format("{:.0f}s", s);
  if (s < 3600)
    return fmt::format("{:.0f}m{:02.0f}s", std::floor(s / 60), s - 60 * std::floor(s / 60));
  return fmt::format("{:.0f}h{:02.0f}m", std::floor(s / 3600),
                     (s - 3600 * std::floor(s / 3600)) / 60);
}

struct Snapshot {
  double elapsed, fraction, rate, eta;
};

Snapshot Measure(const StageState& s, uint64_t done) {
  const double elapsed = std::chrono::duration<double>(Clock::now() - s.start).count();
  const double fraction = s.total > 0 ? std::min(1.0, static_cast<double>(done) / s.total) : 0;
  const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0;
  const double eta = fraction > 0 ? elapsed * (1 - fraction) / fraction : 0;
  return {elapsed, fraction, rate, eta};
}

std::string BarLine(const StageState& s, uint64_t done) {
  constexpr int kWidth = 30;
  const Snapshot m = Measure(s, done);
  const int filled = static_cast<int>(m.fraction * kWidth);
  return fmt::format("\r{:<14} [{}{}] {:3.0f}%  {:.3g} {}/s  ETA {}   ", s.name,
                     std::string(static_cast<size_t>(filled), '#'),
                     std::string(static_cast<size_t>(kWidth - filled), '.'), 100 * m.fraction,
                     m.rate, s.unit, Seconds(m.eta));
}

std::string PlainLine(const StageState& s, uint64_t done, bool last) {
  const Snapshot m = Measure(s, done);
  return fmt::format(
      "progress stage={} state={} done={} total={} unit={} elapsed_s={:.1f} rate={:.4g} "
      "eta_s={:.0f} "
      "rss_mb={}\n",
      s.name, last ? "finished" : "running", done, s.total, s.unit, m.elapsed, m.rate, m.eta,
      CurrentRss() >> 20);
}

std::string JsonLine(const StageState& s, uint64_t done, bool last) {
  const Snapshot m = Measure(s, done);
  return fmt::format(
      R"({{"stage":"{}","state":"{}","done":{},"total":{},"unit":"{}","elapsed_s":{:.3f},"rate":{:.6g},"eta_s":{:.1f},"rss_bytes":{}}})"
      "\n",
      s.name, last ? "finished" : "running", done, s.total, s.unit, m.elapsed, m.rate, m.eta,
      CurrentRss());
}

}  // namespace

struct Progress::Reporter {
  Reporter(Mode m, const std::atomic<uint64_t>& d) : mode(m), done(d) {
    if (mode != Mode::kNone) thread = std::thread([this] { Loop(); });
  }
  ~Reporter() {
    {
      const std::lock_guard lock(mutex);
      quit = true;
    }
    wake.notify_all();
    if (thread.joinable()) thread.join();
  }

  std::chrono::milliseconds Period() const {
    switch (mode) {
      case Mode::kBar:
        return std::chrono::milliseconds(200);
      case Mode::kJson:
        return std::chrono::seconds(1);
      default:
        return std::chrono::seconds(10);
    }
  }
  void Print(const StageState& s, bool last) const {
    if (mode == Mode::kNone) return;
    const uint64_t n = done.load(std::memory_order_relaxed);
    std::string text = mode == Mode::kBar    ? BarLine(s, n)
                       : mode == Mode::kJson ? JsonLine(s, n, last)
                                             : PlainLine(s, n, last);
    if (mode == Mode::kBar && last) text += "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  }
  void Loop() {
    std::unique_lock lock(mutex);
    while (!quit) {
      wake.wait_for(lock, Period());
      if (!quit && state.active && Clock::now() - state.start >= Period()) Print(state, false);
    }
  }

  const Mode mode;
  const std::atomic<uint64_t>& done;
  std::mutex mutex;
  std::condition_variable wake;
  StageState state;
  bool quit = false;
  std::thread thread;
};

Progress::Progress(Mode mode) {
  if (mode == Mode::kAuto) {
    const char* term = std::getenv("TERM");
    const bool terminal = ::isatty(STDERR_FILENO) != 0 && term != nullptr &&
                          std::string_view(term) != "dumb" && std::getenv("NO_COLOR") == nullptr;
    mode = terminal ? Mode::kBar : Mode::kPlain;
  }
  reporter_ = std::make_unique<Reporter>(mode, done_);
}

Progress::~Progress() = default;

void Progress::Start(const std::string& stage, uint64_t total, const std::string& unit) {
  const std::lock_guard lock(reporter_->mutex);
  done_.store(0, std::memory_order_relaxed);
  reporter_->state = {stage, unit, total, Clock::now(), true};
}

void Progress::Finish() {
  const std::lock_guard lock(reporter_->mutex);
  if (!reporter_->state.active) return;
  if (reporter_->state.total > 0) done_.store(reporter_->state.total, std::memory_order_relaxed);
  reporter_->Print(reporter_->state, true);
  reporter_->state.active = false;
}

}  // namespace kinflow
