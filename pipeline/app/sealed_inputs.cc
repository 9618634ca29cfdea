#include "pipeline/app/sealed_inputs.h"

#include "pipeline/base/error.h"

namespace kinflow {

Manifest Sealed(const ArtifactStore& store, std::string_view kind, const Digest& key) {
  auto manifest = store.Find(kind, key);
  if (!manifest) throw Error(ErrorId::kInternal, "an input artifact is not sealed");
  return *std::move(manifest);
}

std::optional<Digest> InputKey(const Manifest& manifest, const std::string& stage) {
  const auto it = manifest.inputs.find("stage:" + stage);
  return it == manifest.inputs.end() ? std::nullopt : Digest::FromHex(it->second);
}

}  // namespace kinflow
