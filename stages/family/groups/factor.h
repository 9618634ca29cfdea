#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/family/formula.h"
#include "stages/family/model_frame.h"

namespace kinflow::family {

/// A column as a factor over rows.
struct Factor {
  std::string column;
  std::vector<std::string> levels;  // the reference first, then as in design matrices
  std::vector<uint32_t> code;       // of each row
  std::string warning;              // of the order of waves
};

/// The variable of `formula` with this index. Throws as BuildDesign.
Factor FactorOf(const Formula& formula, size_t variable, const ModelFrame& frame,
                const std::vector<uint32_t>& rows);

/// The same of a column of waves, its levels as WaveLevels has them.
Factor WaveFactorOf(const Formula& formula, size_t variable, const ModelFrame& frame,
                    const std::vector<uint32_t>& rows, const std::vector<int64_t>& people);

}  // namespace kinflow::family
