#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/hash.h"
#include "pipeline/graph/run_context.h"
#include "pipeline/graph/tile_sink.h"

namespace kinflow {

/// What a streaming stage scans. Stages with equal requests share one pass over the data.
struct ScanRequest {
  std::string source;  // "input", "store"
  bool operator==(const ScanRequest&) const = default;
};

/// Keys of a planned stage and of everything it depends on, handed to it when it runs.
struct StageKeys {
  Digest self;
  std::map<std::string, Digest> inputs;  // stage id -> key of its artifact
};

/// One declared step of a plan. Declaration (kind ... options) is cheap, pure and computes no data;
/// from it follow key, reason and order. A stage writes exactly one artifact under its key.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::string id() const = 0;         // "scores", "family:joint"; unique in a plan
  virtual std::string_view kind() const = 0;  // folder of its artifacts
  virtual uint32_t version() const = 0;       // raise it when results change
  virtual std::vector<std::string> inputs() const = 0;  // ids of stages it reads
  /// Input files that it reads itself, and choices beside options(): label -> content digest. The
  /// label of a choice ends in its value: "qc.mendel_errors: missing".
  virtual std::map<std::string, Digest> files() const { return {}; }
  /// Canonical JSON of the effective options that affect results.
  virtual std::string options() const = 0;

  /// Streaming stages: the scan they hang on. Called when the stage's inputs are sealed.
  virtual std::optional<ScanRequest> scan() const { return std::nullopt; }
  /// When it scans, if not always: "if STAGE removes people". "" = always.
  virtual std::string scan_condition() const { return ""; }
  virtual std::unique_ptr<TileSink> OpenSink(RunContext&, const StageKeys&) const;
  /// Streaming stages: seals the artifact without a scan where the inputs already hold it (true).
  /// It has the bits that the scan would have given.
  virtual bool SettleWithoutScan(RunContext&, const StageKeys&) const { return false; }
  /// Table-level stages: compute and seal the artifact.
  virtual void Run(RunContext&, const StageKeys&) const;
};

/// Manifest of `stage` with everything but shards, timings and warnings filled in.
Manifest NewManifest(const Stage& stage, const StageKeys& keys);

}  // namespace kinflow
