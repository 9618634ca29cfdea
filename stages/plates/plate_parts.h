#pragma once

#include <cstdint>
#include <vector>

#include "stages/plates/layout.h"

namespace kinflow::plates {

/// How a plate lies in batches.
struct PlateParts {
  int64_t batches = 0;   // that its people are of
  int64_t smallest = 0;  // people in the smallest of these parts
};

/// By level of the plates, of the people with a 1 in `counted`; empty if there are no plates or no
/// batches.
std::vector<PlateParts> PartsOfPlates(const Layout& layout, const std::vector<uint8_t>& counted);

}  // namespace kinflow::plates
