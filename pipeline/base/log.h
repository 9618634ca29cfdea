#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>

namespace kinflow {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

/// The run's log: standard error and, if a path is given, a file (0600). Thread-safe. Holds no
/// sample ids, family ids or phenotype values; callers give counts, row numbers and variant names.
class Log {
 public:
  /// `file` "" = none. `console_level`: what standard error shows; the file gets everything.
  Log(const std::string& file, LogLevel console_level);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void Write(LogLevel level, std::string_view message);
  template <class... A>
  void Info(fmt::format_string<A...> f, A&&... a) {
    Write(LogLevel::kInfo, fmt::format(f, std::forward<A>(a)...));
  }
  template <class... A>
  void Warn(fmt::format_string<A...> f, A&&... a) {
    Write(LogLevel::kWarn, fmt::format(f, std::forward<A>(a)...));
  }
  template <class... A>
  void Debug(fmt::format_string<A...> f, A&&... a) {
    Write(LogLevel::kDebug, fmt::format(f, std::forward<A>(a)...));
  }
  template <class... A>
  void Error(fmt::format_string<A...> f, A&&... a) {
    Write(LogLevel::kError, fmt::format(f, std::forward<A>(a)...));
  }
  void Flush();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kinflow
