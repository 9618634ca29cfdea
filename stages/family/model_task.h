#pragma once

#include <string>

#include "stages/family/model.h"

namespace kinflow::family {

/// The fit of one model as a task of its own: an exception that is no fault of data or spec (of a
/// library, or kInternal) fails its models, each with a row, and no other analysis. Out of memory
/// and faults of the spec go on. `kind`: name in the registry.
Results FitAsTask(const Model& model, const ModelFrame& frame, const ModelSpec& spec,
                  const std::string& kind);

}  // namespace kinflow::family
