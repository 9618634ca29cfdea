#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"

namespace kinflow {

/// Every fault of a config in one exception-free list, in file order; each an Error with file,
/// line, column, key path, value, remedy and the offending source line with a caret in its text.
struct ConfigResult {
  ConfigNode root;  // of keys without errors; all of it is valid only if there are none
  std::vector<Error> errors;
};

/// True if one of the errors is of the key at `path` ("phenotypes[1]"), of one below or above it:
/// that part of the root is not to be used.
bool HasErrorIn(const std::vector<Error>& errors, std::string_view path);

/// Parses and validates YAML text. `overrides` are "a.b=value" (from --set), validated like the
/// file; list items by index ("analyses.0.outcome=..."). Strict rules: reliability of the reader is
/// described in pipeline/config/README.md (duplicate and unknown keys, YAML features, limits).
ConfigResult LoadConfigText(std::string_view yaml, const std::string& file,
                            const SchemaNode& schema, const std::vector<std::string>& overrides);
ConfigResult LoadConfig(const std::string& path, const SchemaNode& schema,
                        const std::vector<std::string>& overrides);

/// Canonical JSON of `node` without the keys marked NoResult(): equal text means equal results.
/// Goes into artifact keys. `node` is the validated value of `schema`.
std::string ResultJson(const ConfigNode& node, const SchemaNode& schema);

/// JSON Schema (2020-12) of the whole config, for editors.
std::string JsonSchema(const SchemaNode& schema);
/// Commented YAML with every key at its default.
std::string DefaultsYaml(const SchemaNode& schema);

}  // namespace kinflow
