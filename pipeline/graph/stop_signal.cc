#include "pipeline/graph/stop_signal.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"

namespace kinflow {

void StopSignal::Check() const {
  if (!requested()) return;
  throw Error(ErrorId::kStopped, fmt::format("stopped by signal {}", signal()))
      .Remedy("all finished work is kept: run the same command again to go on");
}

}  // namespace kinflow
