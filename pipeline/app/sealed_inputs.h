#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipeline/store/artifact_store.h"

namespace kinflow {

/// The manifest of an artifact that a stage reads. Throws kInternal if it is not there.
Manifest Sealed(const ArtifactStore& store, std::string_view kind, const Digest& key);
/// Key of an upstream stage as recorded in a manifest.
std::optional<Digest> InputKey(const Manifest& manifest, const std::string& stage);

}  // namespace kinflow
