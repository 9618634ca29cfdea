#pragma once

#include <functional>
#include <string>

#include "pipeline/data/variant_table.h"

namespace kinflow {

/// Called and missing genotypes of variants as they were read, and the founders' frequency where
/// people have two copies, from the artifact "counts" of the run; "" if it is gone.
std::string CountsOf(const std::function<bool(const VariantTable&, size_t)>& wanted,
                     const std::string& output);

}  // namespace kinflow
