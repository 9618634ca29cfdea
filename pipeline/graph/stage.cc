#include "pipeline/graph/stage.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"

namespace kinflow {

std::unique_ptr<TileSink> Stage::OpenSink(RunContext&, const StageKeys&) const {
  throw Error(ErrorId::kInternal, fmt::format("stage {} does not stream", id()));
}

void Stage::Run(RunContext&, const StageKeys&) const {
  throw Error(ErrorId::kInternal, fmt::format("stage {} is a scan", id()));
}

Manifest NewManifest(const Stage& stage, const StageKeys& keys) {
  Manifest m;
  m.stage = stage.id();
  m.kind = stage.kind();
  m.version = stage.version();
  m.key = keys.self;
  m.options_json = stage.options();
  for (const auto& [id, key] : keys.inputs) m.inputs["stage:" + id] = key.Hex();
  for (const auto& [label, digest] : stage.files()) m.inputs["file:" + label] = digest.Hex();
  return m;
}

}  // namespace kinflow
