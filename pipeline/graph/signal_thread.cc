#include "pipeline/graph/signal_thread.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <ctime>

#include "pipeline/base/exit_code.h"

namespace kinflow {
namespace {

constexpr int kQuit = SIGUSR2;  // sent by the destructor

sigset_t HandledSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGINT, SIGTERM, SIGUSR1, SIGXCPU, kQuit}) sigaddset(&set, s);
  return set;
}

[[noreturn]] void ExitNow(int signal) {
  _exit(static_cast<int>(signal == SIGINT ? ExitCode::kInterrupted : ExitCode::kTerminated));
}

}  // namespace

SignalThread::SignalThread(StopSignal& stop, int grace_seconds) : stop_(stop) {
  const sigset_t set = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);  // inherited by every later thread
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  thread_ = std::thread([this, grace_seconds] { Loop(grace_seconds); });
}

SignalThread::~SignalThread() {
  pthread_kill(thread_.native_handle(), kQuit);
  thread_.join();
}

void SignalThread::Loop(int grace_seconds) {
  const sigset_t set = HandledSignals();
  timespec deadline = {};
  bool has_deadline = false;
  while (true) {
    int signal = 0;
    if (has_deadline) {
      timespec now;
      clock_gettime(CLOCK_MONOTONIC, &now);
      const timespec wait = {deadline.tv_sec - now.tv_sec, 0};
      if (wait.tv_sec <= 0) ExitNow(SIGTERM);
      signal = sigtimedwait(&set, nullptr, &wait);
      if (signal < 0) continue;
    } else if (sigwait(&set, &signal) != 0) {
      continue;
    }
    if (signal == kQuit) return;
    const bool ends_at_once = signal == SIGINT || signal == SIGTERM;
    if (stop_.requested() && ends_at_once) ExitNow(signal);
    if (!stop_.requested()) stop_.Request(signal);
    if (signal == SIGTERM || signal == SIGXCPU) {
      clock_gettime(CLOCK_MONOTONIC, &deadline);
      deadline.tv_sec += grace_seconds + 1;
      has_deadline = true;
    }
  }
}

}  // namespace kinflow
