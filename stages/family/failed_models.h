#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/table.h"

namespace kinflow::family {

/// Failed models of one analysis that have one reason.
struct FailedModels {
  size_t row = 0;        // of the last of them in `models`: steps end with the full one
  size_t first = 0;      // among the failed ones
  size_t count = 0;      // models
  std::string outcomes;  // " of outcome scl"; "" where the analysis has one outcome
};

/// Those of the table `models`, each reason once: of the failed rows in their order; by default
/// what the table says.
std::vector<FailedModels> TellFailedModels(const Table& models,
                                           std::vector<std::string> reasons = {});

}  // namespace kinflow::family
