#pragma once

#include <memory>
#include <string>

#include "stages/family/spatial/neighbours.h"

namespace kinflow {

/// A table whose first two columns are names of areas that are neighbours, a pair a row. Throws
/// kColumnMissing (one column), kMalformed (an empty name), and what DelimitedReader throws.
std::shared_ptr<const family::NeighbourList> ReadNeighbours(const std::string& path);

}  // namespace kinflow
