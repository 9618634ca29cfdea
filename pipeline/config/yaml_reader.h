#pragma once

#include <string_view>

#include "pipeline/config/error_list.h"
#include "pipeline/config/raw_node.h"

namespace kinflow {

constexpr size_t kMaxConfigBytes = 1 << 20;
constexpr size_t kMaxConfigDepth = 32;

/// Reads one YAML document strictly: every fault goes to `errors` (duplicate keys, YAML features
/// that configs may not use, bytes that are not text, limits, syntax). `override_index` says which
/// text positions count in (SourceMark). The result is kInvalid if nothing can be said about it.
RawNode ReadYaml(std::string_view yaml, int override_index, ErrorList& errors);

}  // namespace kinflow
