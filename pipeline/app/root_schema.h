#pragma once

#include "pipeline/config/schema.h"

namespace kinflow {

/// The whole config: every stage's schema under its top-level key. The order is that of the
/// template and the reference.
const SchemaNode& RootSchema();

}  // namespace kinflow
