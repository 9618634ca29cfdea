#include "pipeline/base/log.h"

#include <fcntl.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

struct Log::Impl {
  std::shared_ptr<spdlog::logger> logger;
};

Log::Log(const std::string& file, LogLevel console_level) : impl_(std::make_unique<Impl>()) {
  auto console = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  console->set_level(ToSpdlog(console_level));
  console->set_pattern("%L %v");
  std::vector<spdlog::sink_ptr> sinks = {console};
  if (!file.empty()) {
    // Created here first, so that the mode is 0600 from the start.
    const int fd =
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) throw SystemError(errno, ErrorId::kWriteFailed, "create", file);
    ::close(fd);
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    sink->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    sink->set_level(spdlog::level::debug);
    sinks.push_back(sink);
  }
  impl_->logger = std::make_shared<spdlog::logger>("kinflow", sinks.begin(), sinks.end());
  impl_->logger->set_level(spdlog::level::debug);
  impl_->logger->flush_on(spdlog::level::warn);
}

Log::~Log() { Flush(); }

void Log::Write(LogLevel level, std::string_view message) {
  impl_->logger->log(ToSpdlog(level), fmt::string_view(message.data(), message.size()));
}

void Log::Flush() { impl_->logger->flush(); }

}  // namespace kinflow
