#pragma once

#include "pipeline/config/config_node.h"
#include "pipeline/config/error_list.h"
#include "pipeline/config/raw_node.h"
#include "pipeline/config/schema.h"

namespace kinflow {

/// Value of a key that is not given. Throws kInternal for a schema whose default does not fit.
ConfigNode DefaultOf(const SchemaNode& schema);

/// Types the whole tree by the schema, reports every fault, fills in the defaults. The result is
/// meaningful only if nothing was reported.
ConfigNode ValidateConfig(const SchemaNode& schema, const RawNode& root, ErrorList& errors);

/// True if a config without this key is refused: the key itself, or one within a map that is not
/// optional, is required.
bool MustBeGiven(const SchemaNode& schema);

/// True for collections that `key:` without a value leaves empty. A list with default items is none
/// of them: empty and default would be two readings.
bool TakesEmpty(const SchemaNode& schema);

}  // namespace kinflow
