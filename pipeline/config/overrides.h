#pragma once

#include <string>
#include <vector>

#include "pipeline/config/error_list.h"
#include "pipeline/config/raw_node.h"

namespace kinflow {

/// Writes each "a.b.0.c=value" of --set into the tree, later ones over earlier ones. A value that
/// begins with [, { or a quote is read as YAML; "", "null" and "~" are null; all else is taken as
/// it stands, so that formulas need no quoting. A list index may be one past the end: it appends.
void ApplyOverrides(const std::vector<std::string>& overrides, RawNode& root, ErrorList& errors);

}  // namespace kinflow
