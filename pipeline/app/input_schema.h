#pragma once

#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"

namespace kinflow {

/// The `input` key of the config.
SchemaNode InputSchema();

/// What the schema cannot say: one of `genotypes` and `batches` is given, batches are at least two
/// and have names of their own. `root`: the whole config, validated.
std::vector<Error> FaultsOfInput(const ConfigNode& root);

}  // namespace kinflow
