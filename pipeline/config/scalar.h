#pragma once

#include <string>

#include "pipeline/config/config_node.h"
#include "pipeline/config/error_list.h"
#include "pipeline/config/raw_node.h"
#include "pipeline/config/schema.h"

namespace kinflow {

/// "a number in [0, 0.5]", "true or false", "one of array, imputed", "a list": for messages, the
/// template and the reference.
std::string Expectation(const SchemaNode& schema);

/// Reads one scalar (raw.kind is kScalar) as the schema's type. Numbers are decimal, finite, whole
/// text, without leading zeros or quotes; booleans are true or false only; a text takes any scalar.
/// A fault is reported and gives null.
ConfigNode ReadScalar(const SchemaNode& schema, const RawNode& raw, const std::string& path,
                      ErrorList& errors);

}  // namespace kinflow
