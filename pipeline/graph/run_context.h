#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/base/log.h"
#include "pipeline/store/artifact_store.h"

namespace kinflow {

class Progress;
class StopSignal;

/// What a scan uses while it runs.
struct ScanContext {
  Log& log;
  Progress& progress;
  const StopSignal& stop;
  unsigned threads = 1;
  uint64_t memory_bytes = 0;     // budget of the whole process
  uint32_t tile_variants = 0;    // 0 = by memory; results never depend on it
  uint64_t shard_genotypes = 0;  // 0 = default; sums depend on it, so it enters the keys
};

/// What a stage may use while it runs. Lives for the whole run; members are thread-safe.
struct RunContext : ScanContext {
  ArtifactStore& store;
};

}  // namespace kinflow
